public import Ethereum

/// One `eth_call`: whom to ask, with what.
public struct Call: Hashable, Sendable {
    /// The contract.
    public let target: Address
    /// Selector and arguments.
    public let data: [UInt8]

    /// Makes a call.
    public init(target: Address, data: [UInt8]) {
        self.target = target
        self.data = data
    }
}

/// The same getter of one contract, asked for many arguments: the shape of every bulk read.
///
/// An argument is one word whose high 96 bits are zero: an address, or a small number.
public struct CallGroup: Sendable {
    /// The contract.
    public let target: Address
    /// The getter.
    public let selector: Selector
    /// One word for each call, below 2^160.
    public let arguments: [UInt256]
    /// Bytes that a valid answer has at least; the first so many are kept.
    public let returnLength: Int
    /// Gas granted to one call; a call that needs more is asked again alone.
    public let gasPerCall: Int
    /// A second argument that all calls share; `nil` where the getter takes one.
    public let trailing: UInt256?
    /// A function of the target that runs before the calls and whose effects they see, such as one that brings
    /// interest up to date; its arguments are zero. A group with one is only answered by paths that run several calls
    /// in one.
    public let prelude: Selector?
    /// Whether the getter writes on its way to the answer, such as interest that it accrues first. What it writes is
    /// forgotten with the `eth_call`, which holds calls of this group alone.
    public let writes: Bool

    /// Makes a group; `returnLength` is a positive number of bytes below 64 KiB.
    public init(
        target: Address, selector: Selector, arguments: [UInt256], returnLength: Int, gasPerCall: Int = 300_000,
        trailing: UInt256? = nil, prelude: Selector? = nil, writes: Bool = false
    ) {
        precondition(!writes || (trailing == nil && prelude == nil), "no program reads such a group")
        precondition(returnLength > 0 && returnLength < 65_536, "a bulk read answers between 1 byte and 64 KiB")
        self.target = target
        self.selector = selector
        self.arguments = arguments
        self.returnLength = returnLength
        self.gasPerCall = gasPerCall
        self.trailing = trailing
        self.prelude = prelude
        self.writes = writes
    }

    /// The call that runs before the others.
    var preludeCall: Call? {
        prelude.map { Call(target: target, data: $0.bytes + [UInt8](repeating: 0, count: 32)) }
    }

    /// The single call for the argument at `index`.
    func call(_ index: Int) -> Call {
        Call(target: target, data: selector.bytes + arguments[index].bigEndianBytes + (trailing?.bigEndianBytes ?? []))
    }
}

/// The answers to one ``CallGroup``, in the order of its arguments, kept in one buffer.
public struct GroupAnswers: Sendable {
    /// Bytes kept of each answer.
    public let returnLength: Int
    private var buffer: [UInt8]
    private var missing: [Int: Reason]
    private var isKnown: [Bool]

    init(count: Int, returnLength: Int) {
        self.returnLength = returnLength
        buffer = [UInt8](repeating: 0, count: count * returnLength)
        isKnown = [Bool](repeating: false, count: count)
        missing = [:]
    }

    /// How many calls were asked.
    public var count: Int { isKnown.count }

    mutating func fill(_ index: Int, with bytes: ArraySlice<UInt8>) {
        let start = index * returnLength
        buffer.replaceSubrange(start..<start + returnLength, with: bytes.prefix(returnLength))
        isKnown[index] = true
        missing[index] = nil
    }

    mutating func fail(_ index: Int, because reason: Reason) {
        guard !isKnown[index] else { return }
        missing[index] = reason
    }

    /// The kept bytes of the answer at `index`, or why there are none.
    public func bytes(_ index: Int) -> Reading<ArraySlice<UInt8>> {
        guard isKnown[index] else { return .unknown(missing[index] ?? .failed("it was never answered")) }
        return .known(buffer[index * returnLength..<(index + 1) * returnLength])
    }

    /// Word number `word` of the answer at `index`, or why there is none.
    public func word(_ index: Int, _ word: Int = 0) -> Reading<UInt256> {
        guard isKnown[index] else { return .unknown(missing[index] ?? .failed("it was never answered")) }
        guard word >= 0, (word + 1) * 32 <= returnLength,
            let value = UInt256(bigEndian: buffer.span, at: index * returnLength + word * 32)
        else { return .unknown(.malformed("word \(word) is missing")) }
        return .known(value)
    }

    /// The indices that have no answer, in order.
    public var failures: [Int] { isKnown.indices.filter { !isKnown[$0] } }
}
