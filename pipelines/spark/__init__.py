"""Spark: the same work as on one machine, spread over the executors of a cluster."""
