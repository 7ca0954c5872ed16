/// Why a Solidity program panicked.
///
/// Source: ethereum/solidity docs/control-structures.rst, "Panic via assert and Error via require".
public enum PanicCode: UInt8, Hashable, Sendable, CaseIterable {
    /// A panic that the compiler inserted without more to say.
    case generic = 0x00
    /// An `assert` that did not hold.
    case assertion = 0x01
    /// Arithmetic that left the range of its type.
    case overflow = 0x11
    /// A division or remainder by zero.
    case divisionByZero = 0x12
    /// A number that is no member of the enum it was turned into.
    case invalidEnum = 0x21
    /// A byte array in storage whose encoding is broken.
    case corruptStorage = 0x22
    /// `pop` of an empty array.
    case emptyPop = 0x31
    /// An index outside of its array.
    case indexOutOfBounds = 0x32
    /// An allocation of too much memory.
    case outOfMemory = 0x41
    /// A call of a function pointer that was never set.
    case zeroFunction = 0x51
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension PanicCode: CustomStringConvertible {
    public var description: String {
        switch self {
        case .generic: "a panic of the compiler's own"
        case .assertion: "an assertion does not hold"
        case .overflow: "arithmetic overflow or underflow"
        case .divisionByZero: "division or modulo by zero"
        case .invalidEnum: "a number that is no member of its enum"
        case .corruptStorage: "a storage byte array that is wrongly encoded"
        case .emptyPop: "pop of an empty array"
        case .indexOutOfBounds: "array index out of bounds"
        case .outOfMemory: "too much memory allocated"
        case .zeroFunction: "call of a function pointer that was never set"
        }
    }
}
