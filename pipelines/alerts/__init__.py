"""Alerts: who entered a state that people should hear of, told once."""
