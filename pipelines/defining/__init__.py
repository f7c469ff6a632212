"""Choosing a definition: horizons and windows of eligibility compared by their errors on the data."""
