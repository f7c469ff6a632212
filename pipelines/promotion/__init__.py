"""Which model is served: comparing two of them, the gate between them, and the change from one to the other."""
