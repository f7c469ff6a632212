"""Text: made readable, repaired, told apart by language, and turned into signals."""
