"""The cache: what was computed of unchanged rows by unchanged code, kept in checked files of bounded size."""
