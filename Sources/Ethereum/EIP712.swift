/// Typed data that people and programs sign: a domain, a table of struct types, a value of one of them.
///
/// Source: EIP-712.
public enum EIP712 {
    /// A member of a struct type.
    public struct Field: Hashable, Sendable {
        /// The member's name.
        public let name: String
        /// The member's type as the standard writes it: `uint64`, `bytes32`, `string`, `Person`, `Person[]`,
        /// `uint256[2][]`.
        public let type: String

        /// Makes a member.
        public init(_ name: String, _ type: String) {
            self.name = name
            self.type = type
        }
    }

    /// A value of any type.
    public indirect enum Value: Equatable, Sendable {
        /// Of `uintN`.
        case uint(UInt256)
        /// Of `intN`.
        case int(Int256)
        /// Of `address`.
        case address(Address)
        /// Of `bool`.
        case bool(Bool)
        /// Of `bytesN`, exactly N bytes.
        case fixedBytes([UInt8])
        /// Of `bytes`.
        case bytes([UInt8])
        /// Of `string`.
        case string(String)
        /// Of an array type.
        case array([Value])
        /// Of a struct type, by the names of its members.
        case record([String: Value])

        /// A `bytes32`.
        public static func hash(_ value: Hash32) -> Value { .fixedBytes(value.bytes) }
    }

    /// What keeps a signature for one application from counting in another.
    public struct Domain: Hashable, Sendable {
        /// The application's name.
        public let name: String?
        /// The version of what is signed.
        public let version: String?
        /// The chain on which it counts.
        public let chainID: UInt256?
        /// The contract that verifies it.
        public let verifyingContract: Address?
        /// A last resort to tell domains apart.
        public let salt: Hash32?

        /// Makes a domain of the members that are given.
        public init(
            name: String? = nil, version: String? = nil, chainID: UInt256? = nil, verifyingContract: Address? = nil,
            salt: Hash32? = nil
        ) {
            self.name = name
            self.version = version
            self.chainID = chainID
            self.verifyingContract = verifyingContract
            self.salt = salt
        }

        /// The members present, in the order of the standard, with their encodings.
        private var members: [(field: String, word: Hash32)] {
            var members: [(String, Hash32)] = []
            if let name { members.append(("string name", Keccak256.hash(name.utf8))) }
            if let version { members.append(("string version", Keccak256.hash(version.utf8))) }
            if let chainID { members.append(("uint256 chainId", Hash32(word: chainID))) }
            if let verifyingContract {
                members.append(("address verifyingContract", Hash32(word: verifyingContract.word)))
            }
            if let salt { members.append(("bytes32 salt", salt)) }
            return members
        }

        /// The hash of the domain's type, `EIP712Domain(…)` with the members present.
        public var typeHash: Hash32 {
            let fields = members.map(\.field).joined(separator: ",")
            return Keccak256.hash("EIP712Domain(\(fields))".utf8)
        }

        /// The hash of the domain.
        public var separator: Hash32 {
            var hasher = Keccak256()
            hasher.update(typeHash.bytes)
            for member in members {
                hasher.update(member.word.bytes)
            }
            return hasher.finalize()
        }
    }

    /// What is signed: the hash of 0x19 0x01, the domain's separator and the struct's hash.
    public static func digest(domain: Domain, structHash: Hash32) -> Hash32 {
        var hasher = Keccak256()
        hasher.update([0x19, 0x01])
        hasher.update(domain.separator.bytes)
        hasher.update(structHash.bytes)
        return hasher.finalize()
    }

    /// What is signed for a value of a struct type.
    ///
    /// - Throws: where the value does not have the type.
    public static func digest(
        domain: Domain, types: Types, primaryType: String, message: Value
    ) throws(EIP712Error) -> Hash32 {
        digest(domain: domain, structHash: try types.hash(message, as: primaryType))
    }
}
