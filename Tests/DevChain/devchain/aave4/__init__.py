"""A market of Aave V4's kind: our own contracts in Vyper, since no package ships the real ones."""
