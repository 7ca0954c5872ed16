/// The members of a JSON object, in order; no two have one name.
///
/// Names are compared byte for byte, not by Unicode equivalence. A look-up walks the members.
public struct JSONObject: Hashable, Sendable {
    private var names: [String] = []
    private var contents: [JSONValue] = []

    /// Makes an object without members.
    public init() {}

    /// Makes an object of these members; two of one name are our own mistake.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (name, value) in members {
            precondition(self[name] == nil, "member \(name) appears twice")
            append(name, value)
        }
    }

    /// How many members there are.
    public var count: Int { names.count }
    /// The names, in order.
    public var keys: [String] { names }
    /// The values, in the order of their names.
    public var values: [JSONValue] { contents }
    /// Names and values, in order.
    public var members: Zip2Sequence<[String], [JSONValue]> { zip(names, contents) }

    /// The member by this name; setting a new name appends it, setting `nil` removes the member.
    public subscript(name: String) -> JSONValue? {
        get { index(of: name).map { contents[$0] } }
        set {
            switch (index(of: name), newValue) {
            case (let index?, let value?): contents[index] = value
            case (let index?, nil):
                names.remove(at: index)
                contents.remove(at: index)
            case (nil, let value?): append(name, value)
            case (nil, nil): break
            }
        }
    }

    /// Adds a member whose name is known to be new.
    mutating func append(_ name: String, _ value: JSONValue) {
        names.append(name)
        contents.append(value)
    }

    private func index(of name: String) -> Int? {
        names.firstIndex { $0.utf8.elementsEqual(name.utf8) }
    }
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
