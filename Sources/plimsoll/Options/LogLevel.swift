public import ArgumentParser
public import Logging

/// The level is taken from the command line by its name.
extension Logger.Level: @retroactive ExpressibleByArgument {}
