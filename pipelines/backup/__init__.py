"""A copy of everything a project has built, made while it is in use, checked, and brought back."""
