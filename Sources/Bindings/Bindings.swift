// Everything in this module is generated from `abis/` when the package is built; nothing is written here by hand.
