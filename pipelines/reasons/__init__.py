"""Why the risk of a unit is raised: themes in plain words, true of that unit's own data."""
