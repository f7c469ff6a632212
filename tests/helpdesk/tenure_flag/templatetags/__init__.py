"""Template tags of the flag."""
