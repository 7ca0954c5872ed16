import JSON

/// Writes records for programs: NDJSON and CSV as they come, JSON as one object at the end.
struct RecordWriter {
    /// The scalar fields of a record that a CSV row holds, each with its place in the record.
    static let columns: [(name: String, path: [String])] = [
        "chainId", "network", "protocol", "deployment", "market", "account", "accountId", "block.number", "block.hash",
        "block.timestamp", "hfProtocol", "hfScale", "hfOnchain", "match", "liquidatable", "hfNum", "hfDen", "hfUnit",
        "predicate", "collateralValue", "debtValue", "valueUnit.symbol", "valueUnit.decimals", "distance.joint.bps",
        "oracle.verdict", "type", "id", "v",
    ].map { name in (name, name.split(separator: ".").map(String.init)) }

    /// The formats that a record writer knows; a table is drawn elsewhere.
    enum Format { case json, ndjson, csv }

    private let format: Format
    private var output: OutputBuffer
    private var positions: [JSONValue] = []
    private var others: [(name: String, records: [JSONValue])] = []

    /// Starts writing; for CSV with the row of names.
    init(_ format: Format, to output: OutputBuffer) throws(OutputError) {
        self.format = format
        self.output = output
        if format == .csv { try self.output.append(CSVWriter.row(RecordWriter.columns.map(\.name))) }
    }

    /// Writes the record of one position.
    mutating func write(_ record: JSONValue) throws(OutputError) {
        switch format {
        case .json: positions.append(record)
        case .ndjson: try line(record)
        case .csv: try output.append(CSVWriter.row(RecordWriter.columns.map { RecordWriter.scalar(record, $0.path) }))
        }
    }

    /// Writes a record of another sort, such as a sale or a price; the columns of CSV are those of positions.
    ///
    /// - Parameter name: the member of the one object of JSON that lists them.
    mutating func write(_ record: JSONValue, among name: String) throws(OutputError) {
        switch format {
        case .json:
            if let place = others.firstIndex(where: { $0.name == name }) {
                others[place].records.append(record)
            } else {
                others.append((name, [record]))
            }
        case .ndjson: try line(record)
        case .csv: break
        }
    }

    /// Writes what belongs to the whole run, and everything that is still held back.
    mutating func finish(head: JSONValue) throws(OutputError) {
        switch format {
        case .json:
            var members: [(String, JSONValue)] = [("head", head), ("positions", .array(positions))]
            members += others.map { ($0.name, .array($0.records)) }
            try line(.object(JSONObject(members)))
        case .ndjson: try line(head)
        case .csv: break
        }
        try output.flush()
    }

    private mutating func line(_ value: JSONValue) throws(OutputError) {
        try output.append(value.serialized() + [UInt8(ascii: "\n")])
    }

    /// The text of a scalar; empty for `null`, a container, or where there is nothing.
    private static func scalar(_ record: JSONValue, _ path: [String]) -> String {
        var value: JSONValue? = record
        for step in path { value = value?[step] }
        switch value {
        case .string(let text), .number(let text): return text
        case .bool(let bool): return bool ? "true" : "false"
        case .null, .array, .object, nil: return ""
        }
    }
}
