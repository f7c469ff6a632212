"""The project file `tenure.toml`, read once at the edge into frozen, validated objects."""
