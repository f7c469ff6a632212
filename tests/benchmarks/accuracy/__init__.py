"""Every set of data and every rival on the same rows; see `run`."""
