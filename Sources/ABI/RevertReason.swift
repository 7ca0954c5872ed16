public import Ethereum

/// What the data of a reverted call says. It comes from the contract, so nothing in it is believed or followed.
public enum RevertReason: Hashable, Sendable {
    /// No data: a bare `revert()`, a failed `require` without a text, a missing function or no gas.
    case empty
    /// `Error(string)`: the text of a `require` or `revert`.
    case error(String)
    /// `Panic(uint256)`: the code of a check that the compiler inserted; `PanicCode` has its meaning where it is known.
    case panic(UInt256)
    /// One of the custom errors that the caller knows, with its arguments.
    case custom(ErrorSignature, [ABIValue])
    /// Data that none of these explains, as it came.
    case unknown([UInt8])

    /// The selector of `Error(string)`.
    public static let errorSelector = Selector(0x08c3_79a0)
    /// The selector of `Panic(uint256)`.
    public static let panicSelector = Selector(0x4e48_7b71)

    /// Explains revert data by the two errors of the language and by `known` ones; data that does not decode is
    /// `.unknown`.
    public init(_ data: [UInt8], known: [ErrorSignature] = []) {
        guard !data.isEmpty else {
            self = .empty
            return
        }
        do {
            self = try RevertReason.explain(data, known) ?? .unknown(data)
        } catch {
            // Data that breaks off or lies about its length explains nothing; it is kept as it came.
            self = .unknown(data)
        }
    }

    private static func explain(_ data: [UInt8], _ known: [ErrorSignature]) throws(ABIError) -> RevertReason? {
        guard let selector = Selector(bytes: data.prefix(4)) else { return nil }
        let arguments = data.span.extracting(4...)
        switch selector {
        case errorSelector:
            var budget = ABIBudget(size: arguments.count)
            let frame = try ABIReader.frame(arguments, at: 0, head: 32, &budget)
            return .error(try ABIReader.string(arguments, at: ABIReader.follow(arguments, 0, frame), &budget))
        case panicSelector:
            try ABIReader.requireStatic(arguments, size: 32)
            return .panic(ABIReader.word(arguments, 0))
        default:
            guard let match = known.first(where: { $0.selector == selector }) else { return nil }
            return .custom(match, try match.decode(revertData: data))
        }
    }

    /// Whether the result of a call that is said to have succeeded is revert data: some nodes answer so.
    ///
    /// True where it begins with the selector of `Error(string)` or `Panic(uint256)` and has 4 bytes more than whole
    /// words.
    public static func looksReverted(_ result: [UInt8]) -> Bool {
        guard result.count % 32 == 4, let selector = Selector(bytes: result.prefix(4)) else { return false }
        return selector == errorSelector || (selector == panicSelector && result.count == 36)
    }

    /// The revert data in a text that a node put into its error: hex alone, or after "Reverted " as one provider
    /// writes.
    ///
    /// - Returns: `nil` where the text is something else.
    public static func data(inText text: String) -> [UInt8]? {
        let word = text.hasPrefix("Reverted ") ? text.dropFirst("Reverted ".count) : text[...]
        do { return try Hex.decode(word, prefix: .required) } catch { return nil }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension RevertReason: CustomStringConvertible {
    /// One line; texts from the contract are quoted, control characters in them replaced, and cut at 200 characters.
    public var description: String {
        switch self {
        case .empty: "reverted without a reason"
        case .error(let text): "reverted with \"\(ABIText.sanitised(text, limit: 200))\""
        case .panic(let code):
            "panicked with \(code.hex): \(code.asInt().flatMap { UInt8(exactly: $0) }.flatMap(PanicCode.init)?.description ?? "a code without a known meaning")"
        case .custom(let error, let values):
            "reverted with \(error.name)(\(ABIText.sanitised(values.map(\.text).joined(separator: ", "), limit: 200)))"
        case .unknown(let data):
            "reverted with \(data.count) bytes that begin with \(Hex.encode(data.prefix(4)))"
        }
    }
}
