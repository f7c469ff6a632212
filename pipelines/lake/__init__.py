"""The lake: immutable Parquet files of interactions and profiles, committed as snapshots."""
