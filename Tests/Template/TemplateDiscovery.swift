import Chain
public import Ethereum
public import Lending

extension Template.Market {
    /// `Borrowed` alone opens a debt; `Changed` tells of every other change of a loan.
    public var events: MarketEvents {
        let borrowed = Template.borrowed
        let changed = Template.changed
        return MarketEvents(
            from: deployBlock, opening: LogQuery(addresses: [vault], topics: [[borrowed]]),
            touching: LogQuery(addresses: [vault], topics: [[borrowed, changed]])
        ) { log, touches in
            guard let account = log.topic(1).flatMap({ Address(checkedWord: $0.word) }).map({ Account($0) }) else {
                touches.broken.append(
                    LogGap(from: log.blockNumber, to: log.blockNumber, why: "an event names no account"))
                return
            }
            if log.topic(0) == borrowed { touches.borrowers.append((account, log.blockNumber)) }
            touches.touched.append(account)
        }
    }

    /// A row is two amounts, whatever the rules.
    public var fingerprint: Hash32 { Keccak256.hash("template row 1".utf8) }

    /// What the loans explain of the vault's own total.
    func coverage(of loans: [Reading<Template.Loan>]) -> CoverageResidual {
        var sum: UInt256? = .zero
        var reason: Reason?
        for loan in loans {
            switch loan {
            case .unknown(let why): (sum, reason) = (nil, why)
            case .known(let loan):
                do throws(MathError) { sum = try sum.map { value throws(MathError) in try value + loan.debt } } catch {
                    sum = nil
                }
            }
        }
        return CoverageResidual(
            asset: state.debt.address, symbol: state.debt.symbol, debtToken: vault, unit: "amount",
            total: state.totalDebt, explained: sum, bound: .zero,
            boundReason: "the vault changes a loan and its total by the same amount", unknown: reason.map { "\($0)" })
    }
}

extension Template {
    /// `Borrowed(address indexed account, uint256 amount)`.
    public static let borrowed = Keccak256.hash("Borrowed(address,uint256)".utf8)
    /// `Changed(address indexed account)`.
    public static let changed = Keccak256.hash("Changed(address)".utf8)
}
