"""From a risk to a decision: whom to contact, whom not, and what came of it."""
