"""HTTP, pages and the command line: the outermost layer."""
