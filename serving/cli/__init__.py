"""The command line `tenure`: the outermost layer, where the clock is read and everything is wired."""
