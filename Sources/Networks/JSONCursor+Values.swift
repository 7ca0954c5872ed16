import Ethereum
public import JSON

extension JSONCursor {
    /// Refuses members that are not listed; names that begin with `_` are remarks.
    ///
    /// - Throws: `.mismatch` at the first.
    public func refuseUnknown(_ known: [String]) throws(JSONError) {
        for (name, member) in try members() where !known.contains(name) && !name.hasPrefix("_") {
            let list = known.filter { !$0.hasPrefix("$") }.joined(separator: ", ")
            let expected = known.isEmpty ? "no member" : "only \(list)" + Spelling.hint(name, among: known)
            throw member.mismatch(expected, got: "a member \"\(name)\"")
        }
    }

    /// An address that is not zero: 40 hex digits, all of one case or mixed as EIP-55 wants.
    func contract() throws(JSONError) -> Address {
        let text = try string()
        guard let address = Address(hex: text), text.hasPrefix("0x"), text.utf8.count == 42 else {
            throw mismatch("an address: \"0x\" and 40 hex digits")
        }
        let digits = text.dropFirst(2)
        let isMixed = digits.contains(where: \.isLowercase) && digits.contains(where: \.isUppercase)
        if isMixed && text != address.checksummed {
            throw mismatch("\(address.checksummed), the EIP-55 form of the address")
        }
        guard address != .zero else { throw mismatch("an address other than zero") }
        return address
    }

    /// An object of addresses, at least one.
    func contracts() throws(JSONError) -> [String: Address] {
        var contracts: [String: Address] = [:]
        for (name, value) in try members() where !name.hasPrefix("_") { contracts[name] = try value.contract() }
        guard !contracts.isEmpty else { throw mismatch("at least one contract") }
        return contracts
    }

    /// A name for the command line: letters, digits, `-`, `_` and `.`, at most 64.
    ///
    /// - Throws: `.mismatch` for any other value.
    public func identifier() throws(JSONError) -> String {
        let text = try string()
        let allowed = text.unicodeScalars.allSatisfy {
            $0.isASCII && ($0.properties.isAlphabetic || "0"..."9" ~= $0 || "-_.".unicodeScalars.contains($0))
        }
        guard (1...64).contains(text.utf8.count), allowed, text.first != "-", text.first != "." else {
            throw mismatch(
                "a name of 1 to 64 letters, digits, \"-\", \"_\" and \".\" that begins with a letter or digit")
        }
        return text
    }

    /// The URL of an endpoint.
    func address() throws(JSONError) -> RPCAddress {
        guard let address = RPCAddress(try string()) else {
            // The text may hold a key, so it is not quoted.
            throw mismatch("an http:// or https:// URL with a host", got: "another text")
        }
        return address
    }

    /// What a source calls a price: it may stand in a URL as it is.
    func productID() throws(JSONError) -> String {
        let text = try string()
        let allowed = text.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "-_.:".utf8.contains(byte)
        }
        guard (1...128).contains(text.utf8.count), allowed else {
            throw mismatch("an id of 1 to 128 letters, digits, \"-\", \"_\", \".\" and \":\"")
        }
        return text
    }

    /// A symbol as shown: 1 to 32 printable characters.
    func symbol() throws(JSONError) -> String {
        let text = try string()
        guard (1...32).contains(text.count), text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else {
            throw mismatch("a symbol of 1 to 32 characters without spaces")
        }
        return text
    }

    /// Seconds with at most three decimal places, above 0 and up to an hour, as milliseconds.
    func milliseconds() throws(JSONError) -> Int {
        let refusal = mismatch("seconds above 0 and up to 3600, with at most three decimal places")
        guard let text = value.number else { throw refusal }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = Int(parts[0]), parts.count <= 2, (0...3600).contains(whole) else { throw refusal }
        let places = parts.count == 2 ? parts[1] : ""
        guard places.count <= 3, let fraction = Int(places + String(repeating: "0", count: 3 - places.count)) else {
            throw refusal
        }
        guard (1...3_600_000).contains(whole * 1000 + fraction) else { throw refusal }
        return whole * 1000 + fraction
    }
}
