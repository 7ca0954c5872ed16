/// How the logs that a node claims differ from those of the block.
public enum LogDishonesty: Error, Hashable, Sendable {
    /// A log that was not asked for.
    case foreign(Log)
    /// A log of another block than the header's.
    case wrongBlock(Log)
    /// Logs that are not in the order of the block, or one twice.
    case disordered(Log)
    /// A log that the block does not have.
    case invented(Log)
    /// A log of the block that was asked for and left out.
    case omitted(Log)
    /// A log of the block with another address, other topics or other data.
    case altered(claimed: Log, proven: Log)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension LogDishonesty: CustomStringConvertible {
    public var description: String {
        switch self {
        case .foreign(let log): "\(LogDishonesty.name(log)) was not asked for"
        case .wrongBlock(let log): "\(LogDishonesty.name(log)) claims the block hash \(log.blockHash)"
        case .disordered(let log): "\(LogDishonesty.name(log)) is out of order"
        case .invented(let log): "\(LogDishonesty.name(log)) is invented: the block has no such log"
        case .omitted(let log): "\(LogDishonesty.name(log)) was left out of the answer"
        case .altered(let claimed, _): "\(LogDishonesty.name(claimed)) was altered"
        }
    }

    private static func name(_ log: Log) -> String {
        "log \(log.logIndex) of block \(log.blockNumber), from \(log.address)"
    }
}
