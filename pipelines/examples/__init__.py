"""Examples: units as of dates, with features, and with labels where their horizon has passed."""
