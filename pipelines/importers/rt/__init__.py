"""Request Tracker 5: tickets and the transactions of their histories."""
