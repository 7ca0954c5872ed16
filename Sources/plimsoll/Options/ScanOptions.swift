import ArgumentParser
import Ethereum
import Oracles
import Risk

/// Which positions `scan` shows, in which order.
struct ScanOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these accounts.", valueName: "address"), transform: ScanOptions.address)
    var account: [Address] = []

    @Option(help: ArgumentHelp("Show only the first N.", valueName: "n"))
    var top: Int?

    @Option(help: ArgumentHelp("Show only health factors up to X.", valueName: "x"))
    var maxHealth: DecimalNumber?

    @Option(help: ArgumentHelp("Show only debts of at least so many US dollars.", valueName: "usd"))
    var minDebt: DecimalNumber?

    @Option(help: ArgumentHelp("What counts as the worst.", valueName: "order"))
    var sort: SortOrder = .urgency

    @Flag(help: "Show accounts without debt too.")
    var all = false

    @Option(help: "How to read: state-override, multicall3, batch or single; the best that works where not given.")
    var readPath: ReadPathChoice?

    @Option(
        help: ArgumentHelp(
            "Positions as they would be at other prices: ETH=-20%,USDC=0.97,wstETH=x0.9,ALL=-30%.", valueName: "moves"),
        transform: ScanOptions.shock)
    var shock: Shock?

    @Flag(help: "Also ask the venues that the network file names under priceSources.")
    var cex = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Bars that volatility is measured from, named after the asset.", valueName: "asset=file"))
    var candles: [String] = []

    @Option(help: ArgumentHelp("Also measure it from so many rounds of each feed.", valueName: "n"))
    var rounds: Int?

    func validate() throws {
        if let rounds, !(2...FeedHistory.most).contains(rounds) {
            throw ValidationError("--rounds: expected a number from 2 to \(FeedHistory.most), got \(rounds)")
        }
        if let top, top < 1 { throw ValidationError("--top: expected a number from 1, got \(top)") }
    }

    static func shock(_ text: String) throws -> Shock {
        do {
            return try Shock(parsing: text)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// An address as a person gives it: in one case, or mixed as EIP-55 wants.
    static func address(_ text: String) throws -> Address {
        guard text.hasPrefix("0x"), text.utf8.count == 42, let address = Address(hex: text) else {
            throw ValidationError("expected an address (\"0x\" and 40 hex digits), got \"\(text.prefix(64))\"")
        }
        let digits = text.dropFirst(2)
        let isMixed = digits.contains(where: \.isLowercase) && digits.contains(where: \.isUppercase)
        if isMixed && text != address.checksummed {
            throw ValidationError("\"\(text)\" is mistyped: the EIP-55 form is \(address.checksummed)")
        }
        return address
    }
}
