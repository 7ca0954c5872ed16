/// Where a value stands among the arguments, `values[1][0]`: kept as numbers, spelled out only in an error.
struct ABIPath: CustomStringConvertible {
    var indices: [Int] = []

    var description: String { "values" + indices.map { "[\($0)]" }.joined() }
}
