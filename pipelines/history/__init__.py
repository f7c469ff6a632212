"""A sorted history of some customers, and views of it that end before `as_of`."""
