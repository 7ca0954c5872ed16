"""A chain with a Morpho Blue of ours."""
