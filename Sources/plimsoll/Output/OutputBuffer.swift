/// Collects output and hands it on in large pieces.
struct OutputBuffer {
    /// Where pieces go; throws what `StandardStream.write` throws.
    typealias Sink = ([UInt8]) throws(OutputError) -> Void

    private let sink: Sink
    private var pending: [UInt8] = []

    init(_ sink: @escaping Sink) {
        self.sink = sink
    }

    /// Output to the process's stdout.
    static func standardOutput() -> OutputBuffer {
        OutputBuffer { bytes throws(OutputError) in try StandardStream.output.write(bytes) }
    }

    mutating func append(_ bytes: [UInt8]) throws(OutputError) {
        pending.append(contentsOf: bytes)
        if pending.count >= 1 << 16 { try flush() }
    }

    mutating func append(_ text: String) throws(OutputError) { try append(Array(text.utf8)) }

    /// Hands on what is left; a command's last act.
    mutating func flush() throws(OutputError) {
        guard !pending.isEmpty else { return }
        let bytes = pending
        pending.removeAll(keepingCapacity: true)
        try sink(bytes)
    }
}
