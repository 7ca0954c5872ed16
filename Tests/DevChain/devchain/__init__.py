"""A chain on this machine with the real contracts of a lending market and thousands of borrowers, for tests."""
