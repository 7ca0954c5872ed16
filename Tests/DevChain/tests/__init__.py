"""Tests of the chain itself: run with `python -m unittest discover -t Tests/DevChain -s Tests/DevChain/tests`."""
