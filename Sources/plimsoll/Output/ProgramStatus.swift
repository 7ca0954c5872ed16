import ArgumentParser
import Networks

/// How the program ends: the sysexits of its outer contract, each with one meaning.
enum ProgramStatus: Int32, CaseIterable, Sendable {
    /// Everything was done.
    case complete = 0
    /// The command line is wrong.
    case usage = 64
    /// Input data was refused.
    case refusedData = 65
    /// No endpoint answered.
    case noEndpoint = 69
    /// A defect of the program.
    case defect = 70
    /// Output or state could not be written.
    case cannotWrite = 74
    /// Some positions are unknown, or coverage is short of its bound; the records are there.
    case partial = 75
    /// The network file was refused.
    case networkFile = 78
}

/// An error that knows how the program ends with it.
protocol ExitStatusProviding: Error {
    var exitStatus: ProgramStatus { get }
}

/// Ends a command with a status and, where there is more to say than the output did, a message for stderr.
struct CommandStop: ExitStatusProviding, CustomStringConvertible {
    let exitStatus: ProgramStatus
    let description: String

    init(_ exitStatus: ProgramStatus, _ description: String = "") {
        self.exitStatus = exitStatus
        self.description = description
    }
}

extension NetworkFileError: ExitStatusProviding {
    var exitStatus: ProgramStatus {
        switch self {
        case .unknownMarket, .badURL: .usage
        case .unreadable, .tooLarge, .refused, .unknownNetwork, .noEndpoint, .otherChain: .networkFile
        }
    }
}
