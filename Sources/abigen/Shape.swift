import ABI

/// A type as generated code sees it: its Swift name, where it lies, and the struct behind it.
indirect enum Shape: Hashable {
    case word(Word)
    case bytes
    case string
    case array(Shape)
    case fixedArray(Shape, count: Int)
    case structure(Structure)

    enum Word: Hashable {
        case uint(Int), int(Int), address, bool, fixedBytes(Int)
    }
}

/// A tuple that became a struct.
struct Structure: Hashable {
    var name: String
    /// The name before another struct of the same name made it differ.
    var baseName: String
    var fields: [Field]

    var isDynamic: Bool { fields.contains { $0.shape.isDynamic } }
    var head: Int { fields.reduce(0) { $0 + $1.shape.head } }
}

/// A named value: an argument, an output, a component.
struct Field: Hashable {
    var name: String
    var shape: Shape
    var isIndexed = false
    /// Whether the contract's author gave it a name.
    var isNamed: Bool
    /// The ABI type, for comments.
    var type: String
}

extension Shape {
    var swift: String {
        switch self {
        case .word(.uint(let bits)): bits <= 64 ? "UInt64" : "UInt256"
        case .word(.int(let bits)): bits <= 64 ? "Int64" : "Int256"
        case .word(.address): "Address"
        case .word(.bool): "Bool"
        case .word(.fixedBytes(let count)): count == 32 ? "Hash32" : "FixedBytes"
        case .bytes: "[UInt8]"
        case .string: "String"
        case .array(let element), .fixedArray(let element, _): "[\(element.swift)]"
        case .structure(let structure): structure.name
        }
    }

    /// Whether an event's topic holds the value rather than its hash.
    var isWord: Bool { if case .word = self { true } else { false } }

    var isDynamic: Bool {
        switch self {
        case .word: false
        case .bytes, .string, .array: true
        case .fixedArray(let element, _): element.isDynamic
        case .structure(let structure): structure.isDynamic
        }
    }

    /// Bytes in the head of whatever holds it.
    var head: Int {
        switch self {
        case .word, .bytes, .string, .array: 32
        case .fixedArray(let element, let count): element.isDynamic ? 32 : element.head * count
        case .structure(let structure): structure.isDynamic ? 32 : structure.head
        }
    }
}

extension [Field] {
    var isDynamic: Bool { contains { $0.shape.isDynamic } }
    var head: Int { reduce(0) { $0 + $1.shape.head } }

    /// Each field with the position of its slot in the head.
    var slots: [(field: Field, offset: Int)] {
        var offset = 0
        return map { field in
            defer { offset += field.shape.head }
            return (field, offset)
        }
    }
}
