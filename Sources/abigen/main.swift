// The generator is on its way.
