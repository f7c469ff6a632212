"""Worlds with known truth: invented customers of whom one knows why they leave and what a contact does to them."""
