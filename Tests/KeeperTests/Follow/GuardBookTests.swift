import Chain
import Ethereum
import Lending
import TestSupport
import Testing

@testable import Keeper

/// Nobody whose health may have fallen below the line is left out, whatever prices and indexes did.
@Suite struct GuardBookTests {
    private static let assets = (1...5).map { Address(word: UInt256(UInt64($0))) }
    private static let line = HealthBound(UInt256(10_500), over: 10_000)

    private func pulse(_ random: inout SeededGenerator, after last: MarketPulse?) -> MarketPulse {
        var assets: [Address: MarketPulse.Asset] = [:]
        for asset in Self.assets {
            func next(_ value: UInt256?, _ low: UInt64, _ high: UInt64) -> UInt256 {
                guard let value else { return UInt256(UInt64.random(in: 1_000_000...9_000_000_000, using: &random)) }
                return .mulDivOrMax(value, UInt256(UInt64.random(in: low...high, using: &random)), 10_000)
            }
            let old = last?.assets[asset]
            assets[asset] = MarketPulse.Asset(
                price: next(old?.price, 9_000, 11_000), collateralIndex: next(old?.collateralIndex, 10_000, 10_010),
                debtIndex: next(old?.debtIndex, 10_000, 10_020))
        }
        return MarketPulse(assets: assets, parameters: .zero)
    }

    /// The position of an account that stores these amounts, as a market with floors everywhere would state it.
    private func position(
        _ account: Account, _ holds: [(Address, UInt256)], _ owes: [(Address, UInt256)], _ now: MarketPulse
    ) throws -> Position {
        let market = MarketID(chainId: 1, network: "n", family: "f", protocol: "f", deployment: "d")
        let block = Block(number: 1, hash: .zero, parentHash: .zero, timestamp: 1, baseFeePerGas: nil)
        var position = Position(
            market: market, account: account, entrypoint: .zero, block: block, hfUnit: "", predicate: "",
            hfScale: .wad, valueUnit: ValueUnit(symbol: "USD", decimals: 8))
        var sums = (collateral: UInt256.zero, debt: UInt256.zero)
        func leg(_ asset: Address, _ raw: UInt256, _ index: UInt256, _ price: UInt256) throws -> Leg {
            let amount = UInt256.mulDivOrMax(raw, index, 1_000_000_000)
            return Leg(
                asset: asset, symbol: nil, decimals: 6, raw: raw, amount: amount, index: index, priceRaw: price,
                priceScale: 100_000_000, value: .mulDivOrMax(amount, price, 1_000_000), source: PriceSource(.feed))
        }
        for (asset, raw) in holds {
            let now = try #require(now.assets[asset])
            let leg = try leg(asset, raw, now.collateralIndex, try #require(now.price))
            position.collateral.append(leg)
            sums.collateral = try sums.collateral + leg.value
        }
        for (asset, raw) in owes {
            let now = try #require(now.assets[asset])
            let leg = try leg(asset, raw, now.debtIndex, try #require(now.price))
            position.debt.append(leg)
            sums.debt = try sums.debt + leg.value
        }
        position.collateralValue = sums.collateral
        position.debtValue = sums.debt
        position.hfNum = try sums.collateral * 8_000
        position.hfDen = try sums.debt * 10_000
        position.hfProtocol = .wad
        position.liquidatable = try sums.collateral * 8_000 < sums.debt * 10_000
        return position
    }

    @Test(arguments: Seed.sweep(12)) func nobodyIsLeftOut(seed: Seed) throws {
        var random = seed.generator
        var book = GuardBook()
        var now = pulse(&random, after: nil)
        book.begin(now)
        var holdings: [(account: Account, holds: [(Address, UInt256)], owes: [(Address, UInt256)])] = []
        for number in 0..<300 {
            func some(_ most: Int) -> [(Address, UInt256)] {
                Self.assets.shuffled(using: &random).prefix(Int.random(in: 1...most, using: &random)).map {
                    // From dust to fortunes.
                    ($0, UInt256(UInt64(1) << UInt64.random(in: 0...50, using: &random)))
                }
            }
            holdings.append((Account(Address(word: UInt256(UInt64(number + 100)))), some(3), some(2)))
        }
        var asked = 0
        var waiting: Set<Account> = []
        func settle(_ accounts: Set<Account>) throws {
            for entry in holdings where accounts.contains(entry.account) {
                let position = try position(entry.account, entry.holds, entry.owes, now)
                if let basket = Basket(of: position), position.healthFloor >= Self.line {
                    book.put(entry.account, basket, floor: position.healthFloor)
                    waiting.insert(entry.account)
                } else {
                    waiting.remove(entry.account)
                }
            }
        }
        try settle(Set(holdings.map(\.account)))
        #expect(waiting.count > 20)
        for _ in 0..<60 {
            now = pulse(&random, after: now)
            let taken = Set(book.take(now, below: Self.line))
            asked += taken.count
            #expect(taken.isSubset(of: waiting))
            for entry in holdings where waiting.contains(entry.account) && !taken.contains(entry.account) {
                let position = try position(entry.account, entry.holds, entry.owes, now)
                // Whoever was not taken is above the line, and cannot be liquidated.
                let num = try #require(position.hfNum), den = try #require(position.hfDen)
                #expect(HealthBound(num, over: den) >= Self.line)
                #expect(position.liquidatable == false)
            }
            book.begin(now)
            try settle(taken)
        }
        // Far fewer than everybody at every block, or the book would be of no use.
        #expect(asked < 60 * 300 / 4)
    }

    @Test func otherParametersVoidEveryBound() {
        var random = Seed(1).generator
        let now = pulse(&random, after: nil)
        var later = now
        later.parameters = Hash32(word: .one)
        let basket = Basket(collateral: [Self.assets[0]], debt: [Self.assets[1]])
        #expect(basket.move(from: now, to: now) > .none)
        #expect(basket.move(from: now, to: later) == .none)
        later = now
        later.assets[Self.assets[0]]?.price = nil
        #expect(basket.move(from: now, to: later) == .none)
        later.assets[Self.assets[0]] = nil
        #expect(basket.move(from: now, to: later) == .none)
    }

    @Test func whoWasTouchedIsNotTakenTwice() {
        var random = Seed(2).generator
        let now = pulse(&random, after: nil)
        var book = GuardBook()
        book.begin(now)
        let basket = Basket(collateral: [Self.assets[0]], debt: [Self.assets[1]])
        let account = Account(Self.assets[0])
        book.put(account, basket, floor: Self.line)
        book.put(account, basket, floor: .most)
        #expect(book.take(now, below: Self.line) == [])
        book.remove(account)
        #expect(book.takeAll() == [])
        #expect(book.isFree(account))
    }
}

extension UInt256 {
    fileprivate static func mulDivOrMax(_ a: UInt256, _ b: UInt256, _ c: UInt256) -> UInt256 {
        do throws(MathError) { return try mulDiv(a, b, c, .down) } catch { return .max }
    }
}
