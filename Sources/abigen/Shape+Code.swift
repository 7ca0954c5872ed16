extension Shape {
    /// The expression, to stand behind `try`, that reads this from a slot of a frame.
    func reading(slot: String, frame: String) -> String {
        switch self {
        case .word(.uint(let bits)) where bits <= 64: "ABIReader.uint64(data, \(slot), bits: \(bits))"
        case .word(.uint(256)): "ABIReader.word(data, \(slot))"
        case .word(.uint(let bits)): "ABIReader.uint(data, \(slot), bits: \(bits))"
        case .word(.int(let bits)): "ABIReader.\(bits <= 64 ? "int64" : "int")(data, \(slot), bits: \(bits))"
        case .word(.address): "ABIReader.address(data, \(slot))"
        case .word(.bool): "ABIReader.bool(data, \(slot))"
        case .word(.fixedBytes(32)): "ABIReader.bytes32(data, \(slot))"
        case .word(.fixedBytes(let count)): "ABIReader.fixedBytes(data, \(slot), count: \(count))"
        case .bytes: "ABIReader.bytes(data, at: \(Shape.follow(slot, frame)), &budget)"
        case .string: "ABIReader.string(data, at: \(Shape.follow(slot, frame)), &budget)"
        case .array(let element):
            "ABIReader.array(data, at: \(Shape.follow(slot, frame)), stride: \(element.head), &budget) "
                + Shape.closure("(data, slot, frame, budget)", element)
        case .fixedArray(let element, let count) where element.isDynamic:
            "ABIReader.elements(data, ABIReader.frame(data, at: \(Shape.follow(slot, frame)), head: \(32 * count), &budget), "
                + "count: \(count), stride: 32, &budget) " + Shape.closure("(data, slot, frame, budget)", element)
        case .fixedArray(let element, let count):
            "ABIReader.staticElements(data, \(slot), count: \(count), stride: \(element.head)) "
                + Shape.closure("(data, slot)", element)
        case .structure(let structure) where structure.isDynamic:
            "\(structure.name)(data, at: \(Shape.follow(slot, frame)), &budget)"
        case .structure(let structure): "\(structure.name)(data, at: \(slot))"
        }
    }

    /// Whether reading can throw, so that `try` is due.
    var readingThrows: Bool {
        switch self {
        case .word(.uint(256)), .word(.fixedBytes(32)): false
        default: true
        }
    }

    /// `try` and the expression that reads this.
    func tryReading(slot: String, frame: String) -> String {
        (readingThrows ? "try " : "") + reading(slot: slot, frame: frame)
    }

    /// The expression that reads this from a topic; anything longer than a word is there as its hash.
    func reading(topic index: Int) -> String {
        let word = "topics[\(index)].word"
        let at = "at: \(32 * index)"
        return switch self {
        case .word(.uint(256)): word
        case .word(.uint(let bits)): "try ABIWord.\(bits <= 64 ? "uint64" : "uint")(\(word), bits: \(bits), \(at))"
        case .word(.int(let bits)): "try ABIWord.\(bits <= 64 ? "int64" : "int")(\(word), bits: \(bits), \(at))"
        case .word(.address): "try ABIWord.address(\(word), \(at))"
        case .word(.bool): "try ABIWord.bool(\(word), \(at))"
        case .word(.fixedBytes(let count)) where count < 32: "try ABIWord.fixedBytes(\(word), count: \(count), \(at))"
        case .word(.fixedBytes), .bytes, .string, .array, .fixedArray, .structure: "topics[\(index)]"
        }
    }

    /// Writes the statements that put `value` into a slot of a frame.
    func write(_ value: String, slot: String, base: String, to source: inout SourceText) {
        if isDynamic { source.line("writer.offset(at: \(slot), from: \(base))") }
        switch self {
        case .word(.uint(256)): source.line("writer.word(\(value), at: \(slot))")
        case .word(.uint(let bits)): source.line("writer.uint(\(value), bits: \(bits), at: \(slot))")
        case .word(.int(let bits)): source.line("writer.int(\(value), bits: \(bits), at: \(slot))")
        case .word(.address): source.line("writer.address(\(value), at: \(slot))")
        case .word(.bool): source.line("writer.bool(\(value), at: \(slot))")
        case .word(.fixedBytes(32)): source.line("writer.bytes32(\(value), at: \(slot))")
        case .word(.fixedBytes(let count)): source.line("writer.fixedBytes(\(value), count: \(count), at: \(slot))")
        case .bytes: source.line("writer.bytes(\(value))")
        case .string: source.line("writer.string(\(value))")
        case .array(let element):
            Shape.loop("writer.array(\(value), stride: \(element.head))", element, to: &source)
        case .fixedArray(let element, let count):
            let place = element.isDynamic ? "nil" : slot
            Shape.loop(
                "writer.elements(\(value), count: \(count), at: \(place), stride: \(element.head))", element,
                to: &source)
        case .structure(let structure):
            source.line(
                structure.isDynamic ? "\(value).append(to: &writer)" : "\(value).write(to: &writer, at: \(slot))")
        }
    }

    private static func follow(_ slot: String, _ frame: String) -> String {
        "ABIReader.follow(data, \(slot), \(frame))"
    }

    private static func closure(_ parameters: String, _ element: Shape) -> String {
        "{ \(parameters) throws(ABIError) in \(element.tryReading(slot: "slot", frame: "frame")) }"
    }

    private static func loop(_ call: String, _ element: Shape, to source: inout SourceText) {
        source.line(call + " { writer, value, slot, base in")
        source.indented { element.write("value", slot: "slot", base: "base", to: &$0) }
        source.line("}")
    }
}
