import ABI

/// Gives every tuple of a contract the struct that stands for it: equal tuples of one name share one.
struct StructureNames {
    private(set) var all: [Structure] = []
    private var names: UniqueNames

    /// - Parameter names: what other types of the contract are called.
    init(besides names: UniqueNames = UniqueNames()) {
        self.names = names
    }

    /// The parameters as fields; tuples without a name of their own are named after `owner` and the parameter.
    mutating func fields(_ parameters: [ABIParameter], in owner: String) -> [Field] {
        var unique = UniqueNames()
        return parameters.enumerated().map { index, parameter in
            let isNamed = !parameter.name.isEmpty
            return Field(
                name: unique.claim(isNamed ? SwiftNames.value(parameter.name) : "_\(index)"),
                shape: shape(of: parameter.type, parameter, in: owner), isIndexed: parameter.isIndexed,
                isNamed: isNamed,
                type: parameter.type.description + (isNamed ? " \(parameter.name)" : ""))
        }
    }

    private mutating func shape(of type: ABIType, _ parameter: ABIParameter, in owner: String) -> Shape {
        switch type {
        case .uint(let bits): .word(.uint(bits))
        case .int(let bits): .word(.int(bits))
        case .address: .word(.address)
        case .bool: .word(.bool)
        case .fixedBytes(let count): .word(.fixedBytes(count))
        case .function: .word(.fixedBytes(24))
        case .bytes: .bytes
        case .string: .string
        case .array(let element): .array(shape(of: element, parameter, in: owner))
        case .fixedArray(let element, let count): .fixedArray(shape(of: element, parameter, in: owner), count: count)
        case .tuple(let components): .structure(structure(components, parameter, in: owner))
        }
    }

    private mutating func structure(_ components: [ABIParameter], _ parameter: ABIParameter, in owner: String)
        -> Structure
    {
        let name =
            StructureNames.sourceName(of: parameter) ?? owner + SwiftNames.capitalised(SwiftNames.type(parameter.name))
        let fields = fields(components, in: name)
        if let known = all.first(where: { $0.fields == fields && $0.baseName == name }) { return known }
        let structure = Structure(name: names.claim(name), baseName: name, fields: fields)
        all.append(structure)
        return structure
    }

    /// `ReserveData` of the internal type `struct DataTypes.ReserveData[]`.
    private static func sourceName(of parameter: ABIParameter) -> String? {
        guard let type = parameter.internalType, type.hasPrefix("struct ") else { return nil }
        let path = type.dropFirst("struct ".count).prefix { $0 != "[" }
        return path.split(separator: ".").last.map { SwiftNames.type(String($0)) }
    }
}
