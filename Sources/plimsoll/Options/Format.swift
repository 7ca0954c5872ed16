import ArgumentParser
import Chain

/// The form of what goes to stdout.
enum Format: String, CaseIterable, ExpressibleByArgument, Sendable {
    case table, json, ndjson, csv
}

/// The block that everything is read at.
enum BlockChoice: Equatable, Sendable, ExpressibleByArgument {
    case latest, safe, finalized
    case number(UInt64)
    /// 64 lower-case hex digits after `0x`.
    case hash(String)

    init?(argument: String) {
        switch argument {
        case "latest": self = .latest
        case "safe": self = .safe
        case "finalized": self = .finalized
        default:
            guard argument.hasPrefix("0x") else {
                guard !argument.isEmpty, argument.utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
                    let number = UInt64(argument)
                else { return nil }
                self = .number(number)
                return
            }
            let digits = argument.dropFirst(2)
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
            if digits.utf8.count == 64 {
                self = .hash("0x" + digits.lowercased())
            } else if let number = UInt64(digits, radix: 16) {
                self = .number(number)
            } else {
                return nil
            }
        }
    }
}

/// What the worst position is.
enum SortOrder: String, CaseIterable, ExpressibleByArgument, Sendable {
    case urgency, borrower, keeper, lender, distance, health, debt
}

/// The way to read many accounts.
enum ReadPathChoice: String, CaseIterable, ExpressibleByArgument, Sendable {
    case stateOverride = "state-override"
    case multicall3, batch, single

    /// The same choice as the chain module names it.
    var path: ReadPath {
        switch self {
        case .stateOverride: .stateOverride
        case .multicall3: .multicall3
        case .batch: .batch
        case .single: .single
        }
    }
}
