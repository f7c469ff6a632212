"""Decisions: whom to contact, who is held out, and what that tells."""
