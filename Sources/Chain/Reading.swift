/// A value read from the chain, or the reason why there is none. An error is never zero, nil or an empty list.
public enum Reading<Value: Sendable>: Sendable {
    /// The value.
    case known(Value)
    /// There is none, and why.
    case unknown(Reason)

    /// The value, or nil where it is unknown.
    public var value: Value? {
        if case .known(let value) = self { value } else { nil }
    }

    /// Why there is no value; nil where there is one.
    public var reason: Reason? {
        if case .unknown(let reason) = self { reason } else { nil }
    }

    /// The reading of what `transform` makes of the value.
    public func map<Output: Sendable>(_ transform: (Value) -> Output) -> Reading<Output> {
        switch self {
        case .known(let value): .known(transform(value))
        case .unknown(let reason): .unknown(reason)
        }
    }
}

extension Reading: Equatable where Value: Equatable {}

/// Why a value could not be read.
public enum Reason: Hashable, Sendable {
    /// The contract reverted, which is deterministic at a pinned block; with its reason in words.
    case reverted(String)
    /// No contract code answered at the address.
    case noCode
    /// The endpoint failed, and with it the read; what it said.
    case failed(String)
    /// The contract's answer is not what its interface allows.
    case malformed(String)
}

extension Reason: CustomStringConvertible {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String {
        switch self {
        case .reverted(let why): why.isEmpty ? "the call reverted" : "the call reverted: \(why)"
        case .noCode: "no contract code at the address"
        case .failed(let why): "the read failed: \(why)"
        case .malformed(let why): "the answer is malformed: \(why)"
        }
    }
}
