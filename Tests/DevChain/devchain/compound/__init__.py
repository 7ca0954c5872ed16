"""Compound V2 and its forks on the same chain: contracts of ours, written from reading the real ones."""
