"""Outcomes as tested code: who is eligible as of a date, and what then happened."""
