"""The demo project: a year of grocery shopping."""
