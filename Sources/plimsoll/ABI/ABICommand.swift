import ABI
import ArgumentParser
import Ethereum
import JSON

/// `plimsoll abi`: the codec on the command line.
struct ABICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abi",
        abstract: "Decodes and encodes contract data; also as a filter.",
        discussion: """
            Without arguments, decode and encode answer one JSON request a line:
              {"types":["uint256","bool[]"],"data":"0x…"} gives {"values":["1",[true]]}
              {"types":["uint256"],"values":["1"]} gives {"data":"0x…"}
              {"signature":"Transfer(address indexed,…)","topics":[…],"data":"0x…"}
            What is refused gives {"error":"…"}; the status at the end is then 65.
            """,
        subcommands: [Decode.self, Encode.self, Selectors.self, Topics.self])

    /// `abi decode`.
    struct Decode: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "decode", abstract: "Decodes bytes by types, calldata by a signature, or a log by an event.")

        @Argument(help: "Types, 'uint256,(bool,bytes)[]', or a signature, 'transfer(address to,uint256 value)'.")
        var signature: String?

        @Argument(help: "The bytes, 0x and hex digits.")
        var data: String?

        @Option(help: ArgumentHelp("A topic of the log; repeat it in order.", valueName: "hash"))
        var topic: [String] = []

        @OptionGroup var output: OutputOptions

        func validate() throws {
            if (signature == nil) != (data == nil) { throw ValidationError("expected types or a signature, and data") }
        }

        func run() throws {
            guard let signature, let data else { return try ABIFilter.run(.decode) }
            let bytes = try Refusal.on("the data") { try Hex.decode(data, prefix: .required) }
            let topics = try topic.map { text in
                guard text.hasPrefix("0x"), let hash = Hash32(hex: text) else {
                    throw CommandStop(.refusedData, "topic \"\(text)\" is not 0x and 64 hex digits")
                }
                return hash
            }
            let form = try Refusal.on(nil) {
                topics.isEmpty ? try ABIForm(parsing: signature) : .event(try EventSignature(parsing: signature))
            }
            let values = try Refusal.on(nil) { try form.decode(bytes, topics: topics) }
            try Self.print(values, form.parameters, output.effectiveFormat)
        }

        /// A line a value for people, else the filter's answer.
        private static func print(_ values: [ABIValue], _ parameters: [ABIParameter], _ format: Format) throws {
            var buffer = OutputBuffer.standardOutput()
            switch format {
            case .json, .ndjson: try buffer.append("\(ABIRequest.values(values))\n")
            case .table, .csv:
                let heads = parameters.map { $0.name.isEmpty ? "\($0.type)" : "\($0.type) \($0.name)" }
                let width = heads.map(DisplayText.width).max() ?? 0
                for (head, value) in zip(heads, values) {
                    let text = DisplayText.sanitized(value.text)
                    try buffer.append("\(DisplayText.padded(head, to: width, right: false))  \(text)\n")
                }
            }
            try buffer.flush()
        }
    }

    /// `abi encode`.
    struct Encode: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "encode", abstract: "Encodes values by types, or calldata by a signature.",
            discussion: "Negative numbers and other values that begin with \"-\" stand after \"--\".")

        @Argument(help: "Types, 'uint256,(bool,bytes)[]', or a signature, 'transfer(address,uint256)'.")
        var signature: String?

        @Argument(help: "The values in order: 1, 0x…, true, '[\"a\",\"b\"]', or plain text for a string.")
        var values: [String] = []

        @OptionGroup var output: OutputOptions

        func run() throws {
            guard let signature else { return try ABIFilter.run(.encode) }
            let form = try Refusal.on(nil) { try ABIForm(parsing: signature) }
            let parameters = form.parameters
            let items = values.enumerated().map { index, text in
                Self.json(text, as: index < parameters.count ? parameters[index].type : .string)
            }
            let data = try Refusal.on(nil) { try form.encode(ABIValue.list(.array(items), as: parameters)) }
            var buffer = OutputBuffer.standardOutput()
            try buffer.append(Hex.encode(data) + "\n")
            try buffer.flush()
        }

        /// An argument as JSON where it is JSON of a kind that the type takes, otherwise as text.
        private static func json(_ text: String, as type: ABIType) -> JSONValue {
            do {
                let value = try JSONValue(parsing: Array(text.utf8))
                return type == .string && value.string == nil ? .string(text) : value
            } catch {
                return .string(text)
            }
        }
    }

    /// `abi selector`.
    struct Selectors: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "selector", abstract: "Prints the selector of a function or an error.")

        @Argument(help: "Signatures such as 'transfer(address,uint256)'; names and modifiers may stand.")
        var signatures: [String]

        func run() throws {
            var buffer = OutputBuffer.standardOutput()
            for text in signatures {
                let selector = try Refusal.on(nil) {
                    text.hasPrefix("error ")
                        ? try ErrorSignature(parsing: text).selector : try FunctionSignature(parsing: text).selector
                }
                try buffer.append("\(selector)\n")
            }
            try buffer.flush()
        }
    }

    /// `abi topic`.
    struct Topics: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "topic", abstract: "Prints the first topic of an event's logs.")

        @Argument(help: "Signatures such as 'Transfer(address,address,uint256)'; names and \"indexed\" may stand.")
        var signatures: [String]

        func run() throws {
            var buffer = OutputBuffer.standardOutput()
            for text in signatures {
                let event = try Refusal.on(nil) { try EventSignature(parsing: text) }
                try buffer.append("\(event.topic0)\n")
            }
            try buffer.flush()
        }
    }
}

/// Turns what the codec refuses into the command's end with status 65.
private enum Refusal {
    /// Runs `body`; its error's text follows `subject` in the message.
    static func on<Value>(_ subject: String?, _ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch {
            throw CommandStop(.refusedData, subject.map { "\($0): \(error)" } ?? "\(error)")
        }
    }
}
