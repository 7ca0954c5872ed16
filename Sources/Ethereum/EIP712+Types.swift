/// Why typed data cannot be hashed; `path` names the member, from the primary type down.
public enum EIP712Error: Error, Equatable, Sendable {
    /// The name is neither a struct of the table nor a type of the standard.
    case unknownType(String)
    /// A struct has two members of one name.
    case duplicateMember(type: String, member: String)
    /// The value at a path does not have its type.
    case mismatch(path: String, expected: String)
    /// The struct at a path lacks a member.
    case missingMember(path: String, member: String)
    /// The struct at a path has a member that its type does not know.
    case unknownMember(path: String, member: String)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension EIP712Error: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownType(let name): "typed data has no type \"\(name)\""
        case .duplicateMember(let type, let member): "the type \"\(type)\" has two members \"\(member)\""
        case .mismatch(let path, let expected): "the value of \"\(path)\" is no \(expected)"
        case .missingMember(let path, let member): "the value of \"\(path)\" lacks the member \"\(member)\""
        case .unknownMember(let path, let member): "the value of \"\(path)\" has no member \"\(member)\" in its type"
        }
    }
}

extension EIP712 {
    /// A table of struct types, checked when it is made: every member's type is known.
    public struct Types: Sendable {
        private let fields: [String: [Field]]
        private let parsed: [String: TypeName]

        /// Makes a table of struct types by name.
        ///
        /// - Throws: `.unknownType`; `.duplicateMember`.
        public init(_ fields: [String: [Field]]) throws(EIP712Error) {
            var parsed: [String: TypeName] = [:]
            for (name, members) in fields.sorted(by: { $0.key < $1.key }) {
                guard TypeName.isIdentifier(name) else { throw .unknownType(name) }
                var seen: Set<String> = []
                for member in members {
                    guard seen.insert(member.name).inserted else {
                        throw .duplicateMember(type: name, member: member.name)
                    }
                    guard TypeName.isIdentifier(member.name),
                        let type = TypeName(member.type, structs: fields.keys)
                    else { throw .unknownType(member.type) }
                    parsed[member.type] = type
                }
            }
            self.fields = fields
            self.parsed = parsed
        }

        /// The text whose hash names a struct type: itself, then the structs it needs, by name.
        ///
        /// - Throws: `.unknownType`.
        public func encodeType(_ name: String) throws(EIP712Error) -> String {
            var needed: Set<String> = []
            try collect(name, into: &needed)
            needed.remove(name)
            var text = ""
            for type in [name] + needed.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                let members = (fields[type] ?? []).map { "\($0.type) \($0.name)" }
                text += "\(type)(\(members.joined(separator: ",")))"
            }
            return text
        }

        /// The hash that names a struct type.
        ///
        /// - Throws: `.unknownType`.
        public func typeHash(_ name: String) throws(EIP712Error) -> Hash32 {
            Keccak256.hash(try encodeType(name).utf8)
        }

        /// The hash of a struct.
        ///
        /// - Throws: where the value does not have the type.
        public func hash(_ value: Value, as name: String) throws(EIP712Error) -> Hash32 {
            try hash(value, as: name, path: name)
        }

        private func collect(_ name: String, into needed: inout Set<String>) throws(EIP712Error) {
            guard let members = fields[name] else { throw .unknownType(name) }
            guard needed.insert(name).inserted else { return }
            for member in members {
                if let base = parsed[member.type]?.structName { try collect(base, into: &needed) }
            }
        }

        private func hash(_ value: Value, as name: String, path: String) throws(EIP712Error) -> Hash32 {
            guard case .record(let values) = value else { throw .mismatch(path: path, expected: name) }
            let members = fields[name] ?? []
            var hasher = Keccak256()
            hasher.update(try typeHash(name).bytes)
            for member in members {
                guard let value = values[member.name], let type = parsed[member.type] else {
                    throw .missingMember(path: path, member: member.name)
                }
                hasher.update(try word(value, as: type, path: "\(path).\(member.name)").bytes)
            }
            let known = Set(members.map(\.name))
            if let stranger = values.keys.filter({ !known.contains($0) }).min() {
                throw .unknownMember(path: path, member: stranger)
            }
            return hasher.finalize()
        }

        /// The 32 bytes that stand for a member in its struct's hash.
        private func word(_ value: Value, as type: TypeName, path: String) throws(EIP712Error) -> Hash32 {
            switch (type, value) {
            case (.uint(let bits), .uint(let number)) where number.significantBits <= bits:
                return Hash32(word: number)
            case (.int(let bits), .int(let number)) where number.fits(bits: bits):
                return Hash32(word: number.bits)
            case (.address, .address(let address)):
                return Hash32(word: address.word)
            case (.bool, .bool(let flag)):
                return Hash32(word: flag ? .one : .zero)
            case (.fixedBytes(let count), .fixedBytes(let bytes)) where bytes.count == count:
                return Hash32(word: (UInt256(bigEndian: bytes) ?? .zero) << (8 * (32 - count)))
            case (.bytes, .bytes(let bytes)):
                return Keccak256.hash(bytes)
            case (.string, .string(let text)):
                return Keccak256.hash(text.utf8)
            case (.array(let element, let count), .array(let values)) where count == nil || count == values.count:
                var hasher = Keccak256()
                for (index, value) in values.enumerated() {
                    hasher.update(try word(value, as: element, path: "\(path)[\(index)]").bytes)
                }
                return hasher.finalize()
            case (.structure(let name), .record):
                return try hash(value, as: name, path: path)
            default:
                throw .mismatch(path: path, expected: type.description)
            }
        }
    }
}
