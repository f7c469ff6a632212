"""What each release changed in the tables of the store, a file each, in their order."""
