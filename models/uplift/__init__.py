"""What a contact changes: an effect model for randomised contacts, its measures and its verdict."""
