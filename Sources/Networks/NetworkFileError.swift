public import JSON

/// Why a network file, or the name of a network, was refused. The program ends with code 78.
public enum NetworkFileError: Error, Equatable, Sendable {
    /// The file is not there, or cannot be read.
    case unreadable(file: String, reason: String)
    /// The file is larger than a network file may be.
    case tooLarge(file: String, maximum: Int)
    /// The file is not JSON, or a value in it is not what it must be.
    case refused(file: String, JSONError)
    /// There is neither a built-in network nor a file of this name.
    case unknownNetwork(String, known: [String])
    /// A market was asked for that the network does not have.
    case unknownMarket(String, network: String, known: [String])
    /// A URL from the command line or the environment is not one; `origin` says which, the URL itself is not kept.
    case badURL(origin: String)
    /// The network has no endpoint, neither on the command line nor in the environment nor in its file.
    case noEndpoint(network: String, variable: String)
    /// An endpoint answers for another chain.
    case otherChain(file: String, stated: UInt64, endpoint: String, answered: UInt64)
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension NetworkFileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let file, let reason): "\(file): \(reason)"
        case .tooLarge(let file, let maximum): "\(file): larger than \(maximum) bytes, the most a network file may have"
        case .refused(let file, let error): "\(file): \(error)"
        case .unknownNetwork(let name, let known):
            "no network \"\(name)\"\(Spelling.hint(name, among: known)); built in are \(known.joined(separator: ", ")), "
                + "or give the path of a network file"
        case .unknownMarket(let id, let network, let known):
            "\(network) has no market \"\(id)\"\(Spelling.hint(id, among: known)); it has \(known.joined(separator: ", "))"
        case .badURL(let origin): "\(origin): expected an http:// or https:// URL with a host"
        case .noEndpoint(let network, let variable):
            "\(network) has no endpoint: give --rpc URL, set \(variable), or add it to \"rpc\" in a network file"
        case .otherChain(let file, let stated, let endpoint, let answered):
            "\(file): /chainId is \(stated), but \(endpoint) answers for chain \(answered)"
        }
    }
}
