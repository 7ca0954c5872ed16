/// One field of a header: its name in JSON, and how it is hashed.
struct HeaderField: Sendable {
    enum Kind: Sendable {
        /// So many bytes as they are: hashes, addresses, blooms, the nonce.
        case data(Int)
        /// Up to so many bytes.
        case bytes(Int)
        /// A number of up to so many bits.
        case quantity(Int)
    }

    let key: StaticString
    let kind: Kind

    static func hash(_ key: StaticString) -> HeaderField { HeaderField(key: key, kind: .data(32)) }
    static func number(_ key: StaticString) -> HeaderField { HeaderField(key: key, kind: .quantity(64)) }
    static func word(_ key: StaticString) -> HeaderField { HeaderField(key: key, kind: .quantity(256)) }
}

/// Which fields a chain hashes into a block's hash, in order: a codec as data.
struct HeaderLayout: Sendable {
    let name: String
    /// A key that headers of this layout have; nil for the layout that is taken when no other fits.
    let marker: StaticString?
    /// A key that headers of this layout lack.
    let lacks: StaticString?
    /// Fields of every header.
    let required: [HeaderField]
    /// Fields that forks added; a header has them up to one of them.
    let added: [HeaderField]

    /// The first 13 fields, the same on every chain whose hash is one of RLP.
    private static let common: [HeaderField] = [
        .hash("parentHash"), .hash("sha3Uncles"), HeaderField(key: "miner", kind: .data(20)), .hash("stateRoot"),
        .hash("transactionsRoot"), .hash("receiptsRoot"), HeaderField(key: "logsBloom", kind: .data(256)),
        .word("difficulty"), .number("number"), .number("gasLimit"), .number("gasUsed"), .number("timestamp"),
        // Up to 32 bytes on Ethereum; lists of validators on clique, Bor and BSC. 100 KiB is geth's own bound.
        HeaderField(key: "extraData", kind: .bytes(100 << 10)),
    ]
    private static let seal: [HeaderField] = [.hash("mixHash"), HeaderField(key: "nonce", kind: .data(8))]

    /// London, Shanghai, Cancun (three), Prague, then the two of Amsterdam.
    private static let forks: [HeaderField] = [
        .word("baseFeePerGas"), .hash("withdrawalsRoot"), .number("blobGasUsed"), .number("excessBlobGas"),
        .hash("parentBeaconBlockRoot"), .hash("requestsHash"), .hash("blockAccessListHash"), .number("slotNumber"),
    ]

    /// Ethereum, OP stack, Arbitrum, Bor, BSC, clique, Gnosis since its merge.
    ///
    /// Source: ethereum/go-ethereum `core/types/block.go@02b73d4ea7`; the same list in ethereum-optimism/op-geth
    /// @7b56c7315, OffchainLabs/go-ethereum@49b38a638a, 0xPolygon/bor@ab927186a and bnb-chain/bsc@3cf904341, whose
    /// lists end at `requestsHash`. Arbitrum's `l1BlockNumber`, `sendCount` and `sendRoot` are views of `mixHash` and
    /// `extraData`.
    static let ethereum = HeaderLayout(
        name: "ethereum", marker: nil, lacks: nil, required: common + seal, added: forks)

    /// Avalanche's C-Chain.
    ///
    /// Source: ava-labs/avalanchego `graft/coreth/plugin/evm/customtypes/header_ext.go@01023c72`.
    static let avalanche = HeaderLayout(
        name: "avalanche", marker: "extDataHash", lacks: nil, required: common + seal + [.hash("extDataHash")],
        added: [
            .word("baseFeePerGas"), .word("extDataGasUsed"), .word("blockGasCost"), .number("blobGasUsed"),
            .number("excessBlobGas"), .hash("parentBeaconBlockRoot"), .number("timestampMilliseconds"),
            .number("minDelayExcess"), .number("targetExponent"), .number("minPriceExponent"),
            .number("settledHeight"), .number("settledGasUnix"), .number("settledGasNumerator"),
            .number("settledExcess"),
        ])

    /// Berachain since BRIP-0004.
    ///
    /// Source: berachain/bera-geth `core/types/block.go`: the parent's proposer after `requestsHash`.
    static let berachain = HeaderLayout(
        name: "berachain", marker: "parentProposerPubkey", lacks: nil, required: common + seal,
        added: forks.prefix(6) + [HeaderField(key: "parentProposerPubkey", kind: .data(48))])

    /// Gnosis before its merge: the step and the signature of AuRa in place of the seal.
    ///
    /// Source: NethermindEth/nethermind `HeaderDecoder.cs@00c79faf`, `BlockForRpc.cs`.
    static let auRa = HeaderLayout(
        name: "auRa", marker: "signature", lacks: "mixHash",
        required: common + [.number("step"), HeaderField(key: "signature", kind: .bytes(65))], added: [forks[0]])

    /// Every layout, the one without a marker last.
    static let all = [avalanche, berachain, auRa, ethereum]

    /// Keys that answers have beside the header's fields.
    static let ignored: Set<String> = [
        "hash", "size", "totalDifficulty", "transactions", "uncles", "withdrawals", "author", "sealFields",
        "l1BlockNumber", "sendCount", "sendRoot", "blockExtraData", "milliTimestamp",
    ]
}
