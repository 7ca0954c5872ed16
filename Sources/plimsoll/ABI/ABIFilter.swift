/// The codec as a filter: a request a line on standard input, an answer a line on standard output, in order.
enum ABIFilter {
    /// Answers until the input ends; what is answered is handed on before the next read can wait.
    ///
    /// - Throws: `CommandStop` with status 65 at the end where a line was refused.
    static func run(_ direction: ABIDirection) throws {
        var output = OutputBuffer.standardOutput()
        var splitter = LineSplitter(limit: ABIRequest.maximumLine)
        var isAnyRefused = false
        func answer(_ line: LineSplitter.Line) throws {
            let (answer, isRefused) = Self.answer(line, direction)
            isAnyRefused = isAnyRefused || isRefused
            try output.append(answer + [UInt8(ascii: "\n")])
        }
        while true {
            let bytes = try StandardInput.read()
            guard !bytes.isEmpty else { break }
            try splitter.append(bytes, answer)
            try output.flush()
        }
        try splitter.end(answer)
        try output.flush()
        if isAnyRefused { throw CommandStop(.refusedData) }
    }

    /// The answer to one line, without its end.
    static func answer(_ line: LineSplitter.Line, _ direction: ABIDirection) -> (answer: [UInt8], isRefused: Bool) {
        switch line {
        case .whole(let bytes): ABIRequest.answer(bytes, direction)
        case .tooLong: (ABIRequest.refusal("the line is longer than \(ABIRequest.maximumLine) bytes"), true)
        }
    }
}
