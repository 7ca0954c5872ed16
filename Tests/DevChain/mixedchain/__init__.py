"""One chain with a market of every family."""
