"""Feature families: each a module with `compute(view, context, fitted)`, and the table they make."""
