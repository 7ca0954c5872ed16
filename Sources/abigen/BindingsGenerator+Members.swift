extension BindingsGenerator {
    /// The stored properties of a struct.
    static func properties(_ fields: [Field], to source: inout SourceText) {
        for field in fields {
            source.comment("`\(field.type)`.")
            source.line("public let \(field.name): \(field.shape.swift)")
        }
        if !fields.isEmpty { source.line() }
    }

    /// The initialiser that takes all values.
    static func initialiser(_ fields: [Field], comment: String, to source: inout SourceText) {
        source.comment(comment)
        guard !fields.isEmpty else {
            source.line("public init() {}")
            source.line()
            return
        }
        source.block("public init(\(arguments(fields).declaration))") { source in
            for field in fields { source.line("self.\(field.name) = \(field.name)") }
        }
        source.line()
    }

    /// The arguments of an initialiser as they are declared and as they are passed on: one stands without a label,
    /// more with their names.
    static func arguments(_ fields: [Field]) -> (declaration: String, use: String) {
        let bare = fields.count == 1
        let declarations = fields.map { "\(bare || !$0.isNamed ? "_ " : "")\($0.name): \($0.shape.swift)" }
        let uses = fields.map { bare || !$0.isNamed ? $0.name : "\($0.name): \($0.name)" }
        return (declarations.joined(separator: ", "), uses.joined(separator: ", "))
    }

    /// How a tuple's struct is read and written.
    static func codec(_ structure: Structure, to source: inout SourceText) {
        let fields = structure.fields
        if structure.isDynamic {
            source.block(
                "init(_ data: borrowing Span<UInt8>, at position: Int, _ budget: inout ABIBudget) throws(ABIError)"
            ) {
                source in
                source.line("let frame = try ABIReader.frame(data, at: position, head: \(structure.head), &budget)")
                read(fields, position: "position", to: &source)
            }
            source.line()
            source.block("func append(to writer: inout ABIWriter)") { source in
                source.line("let base = writer.frame(head: \(structure.head))")
                write(fields, base: "base", to: &source)
            }
        } else {
            source.block("init(_ data: borrowing Span<UInt8>, at position: Int) throws(ABIError)") { source in
                read(fields, position: "position", to: &source)
            }
            source.line()
            source.block("func write(to writer: inout ABIWriter, at base: Int)") { source in
                write(fields, base: "base", to: &source)
            }
        }
    }

    private static func read(_ fields: [Field], position: String, to source: inout SourceText) {
        for (field, offset) in fields.slots {
            source.line("self.\(field.name) = \(field.shape.tryReading(slot: place(position, offset), frame: "frame"))")
        }
    }
}
