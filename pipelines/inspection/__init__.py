"""Looking before training: what a snapshot holds, and a first project file for a new one."""
