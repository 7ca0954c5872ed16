public import Ethereum

/// A call of one function with its arguments; the bindings generated from `abis/` conform.
public protocol ContractCall: Sendable {
    /// What the function returns: the value itself where there is one, a struct where there are more, `Void` where
    /// there is none.
    associatedtype Output: Sendable
    /// The canonical signature.
    static var signature: String { get }
    /// The first four bytes of the calldata.
    static var selector: Selector { get }
    /// Bytes of every answer, or `nil` where that depends on the values.
    static var returnLength: Int? { get }
    /// The calldata: selector and arguments.
    func encode() -> [UInt8]
    /// The output that returned bytes encode; more bytes may follow.
    ///
    /// - Throws: the first thing that is wrong with the bytes. No bytes at all are `.truncated`: there was no such
    ///   code.
    static func decode(_ data: borrowing Span<UInt8>) throws(ABIError) -> Output
}

extension ContractCall {
    /// The output that returned bytes encode.
    ///
    /// - Throws: the first thing that is wrong with the bytes.
    @inlinable
    public static func decode(_ data: [UInt8]) throws(ABIError) -> Output {
        try decode(data.span)
    }
}

/// A log of a known shape, named or anonymous.
public protocol ContractLog: Sendable {
    /// The canonical signature.
    static var signature: String { get }
    /// The event that topics and data encode.
    ///
    /// - Throws: `.wrongTopic` and `.topicCount` where it is another event, otherwise the first thing that is wrong
    ///   with the bytes.
    init(topics: [Hash32], data: [UInt8]) throws(ABIError)
}

/// An event whose first topic is the hash of its signature.
public protocol ContractEvent: ContractLog {
    /// The hash of the canonical signature.
    static var topic0: Hash32 { get }
}

/// A custom error with its arguments.
public protocol ContractError: Sendable {
    /// The canonical signature.
    static var signature: String { get }
    /// The first four bytes of the revert data.
    static var selector: Selector { get }
    /// The error that revert data, selector included, encodes.
    ///
    /// - Throws: `.wrongSelector` where it is another error, otherwise the first thing that is wrong with the bytes.
    init(revertData: [UInt8]) throws(ABIError)
}
