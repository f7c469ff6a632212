"""Pages: the log-in, the desk, the panel in the agent's ticket."""
