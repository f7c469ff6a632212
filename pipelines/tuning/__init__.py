"""Choosing the settings of the race by the past, and saying what that brought."""
