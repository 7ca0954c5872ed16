public import Chain
public import Ethereum
public import Pools

/// Reads a StableSwap pool, round by round, and keeps it only where its own quotes are those that are computed here.
///
/// Does no I/O: ``next()`` is what to ask now, ``take(_:)`` what became of it. Which roundings a deployed pool has
/// cannot be asked; its answers to `get_dy` show it. Pools whose coins are scaled by what they do not tell (metapools
/// without `stored_rates`), and those of other curves, contradict and stay unknown.
///
/// Source: curvefi/stableswap-ng contracts/main/CurveStableSwapNG.vy@2abe778.
public struct CurvePoolProbe: Sendable {
    private enum Stage { case new, decimals, quotes, done }

    /// The pool.
    public let pool: Address
    private var stage = Stage.new
    private var coins: [Address] = []
    private var balances: [UInt256] = []
    private var numbers: (amplification: UInt256, fee: UInt256, offpeg: UInt256?, admin: UInt256) = (0, 0, nil, 0)
    private var stored: [UInt256] = []
    private var candidates: [StableSwap] = []
    private var questions: [(i: Int, j: Int, amount: UInt256)] = []
    /// What was read.
    public private(set) var state = Reading<SwapPool>.unknown(.failed("it was never answered"))

    /// A probe of a pool of which nothing is known yet.
    public init(_ pool: Address) { self.pool = pool }

    /// What to ask now; nothing once all is read, or nothing more can be.
    public mutating func next() -> [Call] {
        let places = (0..<UInt64(StableSwap.mostCoins)).map { UInt256($0) }
        switch stage {
        case .new:
            return places.map { Call(pool, "coins(uint256)", $0) } + places.map { Call(pool, "balances(uint256)", $0) }
                + ["A_precise()", "fee()", "admin_fee()", "offpeg_fee_multiplier()", "stored_rates()"]
                .map { Call(pool, $0) }
        case .decimals: return coins.map { Call($0, "decimals()") }
        case .quotes:
            return questions.map { question in
                let selector = Selector(signature: "get_dy(int128,int128,uint256)").bytes
                let words = [UInt256(UInt64(question.i)), UInt256(UInt64(question.j)), question.amount]
                return Call(target: pool, data: selector + words.flatMap(\.bigEndianBytes))
            }
        case .done: return []
        }
    }

    /// Takes the answers to what ``next()`` asked, in its order.
    public mutating func take(_ answers: [Reading<[UInt8]>]) {
        switch stage {
        case .new: takeState(answers)
        case .decimals: takeDecimals(answers)
        case .quotes: takeQuotes(answers)
        case .done: break
        }
    }

    private mutating func fail(_ reason: Reason) {
        stage = .done
        state = .unknown(reason)
    }

    private mutating func takeState(_ answers: [Reading<[UInt8]>]) {
        let most = StableSwap.mostCoins
        guard answers.count == 2 * most + 5 else { return fail(.failed("it was never answered")) }
        for place in 0..<most {
            guard let word = answers[place].word().value, let coin = Address(checkedWord: word), !coin.isZero else {
                // The first place without a coin ends the list; a question that failed is no such place.
                if case .unknown(let reason) = answers[place].word(), place < 2 { return fail(reason) }
                break
            }
            guard let balance = answers[most + place].word().value else {
                return fail(answers[most + place].word().reason ?? .malformed("a balance"))
            }
            coins.append(coin)
            balances.append(balance)
        }
        guard coins.count >= 2, let amplification = answers[2 * most].word().value,
            let fee = answers[2 * most + 1].word().value
        else { return fail(answers[2 * most].word().reason ?? .malformed("it is no StableSwap pool")) }
        // Older pools keep half of the fee by other ways and have no dynamic one.
        numbers = (
            amplification, fee, answers[2 * most + 3].word().value,
            answers[2 * most + 2].word().value ?? 5_000_000_000
        )
        let rates = answers[2 * most + 4]
        let isDynamic = rates.word(0).value == 32
        stored = coins.indices.compactMap { rates.word($0 + (isDynamic ? 2 : 0)).value }
        stage = .decimals
    }

    private mutating func takeDecimals(_ answers: [Reading<[UInt8]>]) {
        var rates = stored
        if rates.count != coins.count {
            rates = []
            for answer in answers {
                guard let decimals = answer.number(below: 37) else {
                    return fail(answer.word().reason ?? .malformed("decimals"))
                }
                do throws(MathError) {
                    rates.append(try UInt256.powerOfTen(36 - Int(decimals)))
                } catch {
                    return fail(.malformed("decimals"))
                }
            }
        }
        // Every pool of the newer kind has a dynamic fee, and a few of the older kind.
        for generation in numbers.offpeg == nil ? [StableSwap.Generation.classic] : [.ng, .classic] {
            do throws(PoolError) {
                candidates.append(
                    try StableSwap(
                        balances: balances, rates: rates, amplification: numbers.amplification, fee: numbers.fee,
                        offpegFeeMultiplier: numbers.offpeg ?? .zero, adminFee: numbers.admin, generation: generation))
            } catch {
                return fail(.malformed("\(error)"))
            }
        }
        for i in coins.indices {
            for j in coins.indices where j != i {
                for share in [1_000_000, 100, 3] as [UInt256] {
                    questions.append((i, j, balances[i].dividedOrZero(by: share).addingOrMax(.one)))
                }
            }
        }
        stage = .quotes
    }

    private mutating func takeQuotes(_ answers: [Reading<[UInt8]>]) {
        stage = .done
        guard answers.count == questions.count else { return }
        for candidate in candidates where agrees(candidate, answers) {
            do throws(PoolError) {
                state = .known(try SwapPool(pool, tokens: coins, state: .coins(candidate)))
            } catch {
                state = .unknown(.malformed("\(error)"))
            }
            return
        }
        state = .unknown(
            answers.compactMap { $0.word().reason }.first
                ?? .malformed("its quotes are not those of a StableSwap pool of these numbers"))
    }

    /// Views of older pools round the fee after the rate and swaps before it: one unit may lie between.
    private func agrees(_ candidate: StableSwap, _ answers: [Reading<[UInt8]>]) -> Bool {
        zip(questions, answers).allSatisfy { question, answer in
            guard let quote = answer.word().value else { return false }
            do throws(PoolError) {
                let out = try candidate.exchange(question.amount, of: question.i, for: question.j).amountOut
                return out.distance(to: quote) <= (candidate.generation == .ng ? .zero : .one)
            } catch {
                return false
            }
        }
    }
}
