"""Watching what comes in, what is said of it, and what became of it."""
