"""Time, data, the lake, the store and the registry: everything between a source and a score."""
