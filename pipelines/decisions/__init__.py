"""Decisions: whom to contact, who is held out, what was done, and what it saved."""
