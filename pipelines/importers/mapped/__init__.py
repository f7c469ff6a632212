"""Any other tool, by the rules of a mapping file."""
