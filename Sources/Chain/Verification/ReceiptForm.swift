/// How a transaction's type shapes the bytes of its receipt: data, so that a chain's type is one line.
enum ReceiptForm: Sendable {
    /// A list: the receipts from before there were types.
    case legacy
    /// The type's byte, then the same list.
    case typed
    /// The type's byte, then the list with the deposit's nonce and version where there is a version.
    case deposit
    /// The type's byte, then the list with the base fee in the currency of the fee.
    case feeCurrency

    /// The form of a type; nil for one not known here.
    ///
    /// Source: ethereum/go-ethereum `core/types/receipt.go@02b73d4ea7` (0 to 4); ethereum-optimism/op-geth @7b56c7315
    /// (0x7e); OffchainLabs/go-ethereum @49b38a638a (0x64 to 0x6a, 0x78); celo-org/op-geth @ffa122403 (0x7b, 0x7c);
    /// Polygon's PIP-74 (0x7f).
    static func of(type: UInt64) -> ReceiptForm? {
        switch type {
        case 0: .legacy
        case 1...4: .typed
        // Arbitrum: deposit, unsigned, contract, retry, submit retryable, internal; its own legacy.
        case 0x64, 0x65, 0x66, 0x68, 0x69, 0x6A: .typed
        case 0x78: .legacy
        case 0x7B: .feeCurrency
        case 0x7C, 0x7F: .typed
        case 0x7E: .deposit
        default: nil
        }
    }
}
