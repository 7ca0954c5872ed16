/// Messages that people sign with a wallet, set apart from transactions by a prefix.
///
/// Source: EIP-191, version 0x45.
public enum EIP191 {
    /// What is signed for a message: the hash of 0x19, `Ethereum Signed Message:\n`, its length in decimal and the
    /// message.
    public static func digest(of message: some Collection<UInt8>) -> Hash32 {
        var hasher = Keccak256()
        hasher.update("\u{19}Ethereum Signed Message:\n\(message.count)".utf8)
        hasher.update(message)
        return hasher.finalize()
    }
}
