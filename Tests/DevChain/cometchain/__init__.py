"""A chain with a Comet of our own (Compound III) and random accounts: `python -m cometchain`."""
