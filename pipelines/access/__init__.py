"""Who may do what, and who did: keys with roles, and an audit log whose entries are chained."""
