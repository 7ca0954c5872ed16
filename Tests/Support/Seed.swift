// Seeds, vectors and the scripted node for tests.
