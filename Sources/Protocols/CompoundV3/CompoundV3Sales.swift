import Bindings
import Chain
import Ethereum
import Lending

extension CompoundV3.Reader {
    /// The collateral that the Comet owns, with what it asks for it.
    ///
    /// Source: compound-finance/comet contracts/CometWithExtendedAssetList.sol@d5a30b0a `buyCollateral`,
    /// `quoteCollateral`, `getReserves`, `getCollateralReserves`.
    func sales(
        at block: Block
    ) async throws(LendingError) -> (sales: [CollateralSale], stock: CompoundV3.Stock, notices: [String]) {
        let assets = market.state.assets
        guard !assets.isEmpty else { return ([], CompoundV3.Stock(), []) }
        let base = market.state.base
        let answers = try await ask(
            [
                Call(target: market.comet, data: CompoundV3Comet.getReserves().encode()),
                Call(target: base.token, data: ERC20.balanceOf(market.comet).encode()),
            ]
                + assets.flatMap {
                    [
                        Call(target: market.comet, data: CompoundV3Comet.getCollateralReserves($0.token).encode()),
                        Call(target: market.comet, data: CompoundV3Comet.totalsCollateral($0.token).encode()),
                        Call(target: $0.token, data: ERC20.balanceOf(market.comet).encode()),
                    ]
                })
        let reserves = reserves(CompoundV3.word(answers[0]), balance: CompoundV3.word(answers[1]))
        var sales: [CollateralSale] = []
        var notices: [String] = []
        var stock = CompoundV3.Stock()
        if let told = reserves.told.value.map({ Int256(bits: $0) }), reserves.computed ?? told == told {
            stock.reserves = told
        }
        for (place, asset) in assets.enumerated() {
            let (told, total, held) = (answers[2 + 3 * place], answers[3 + 3 * place], answers[4 + 3 * place])
            switch lot(CompoundV3.word(told), CompoundV3.word(total), CompoundV3.word(held)) {
            case .known(let amount, let match):
                stock.collateral.append(match == .differs ? nil : amount)
                guard !amount.isZero else { continue }
                sales.append(sale(of: asset, amount, match, reserves, at: block))
            case .unknown(let reason):
                stock.collateral.append(nil)
                notices.append(
                    "\(market.id.deployment): whether \(asset.name) is for sale is not known: \(reason)")
            }
        }
        try await quote(&sales)
        return (sales, stock, notices)
    }

    private enum Lot {
        case known(UInt256, Position.Match)
        case unknown(String)
    }

    /// `getCollateralReserves`: tokens held less those of accounts.
    private func lot(_ told: Reading<UInt256>, _ total: Reading<UInt256>, _ held: Reading<UInt256>) -> Lot {
        guard let told = told.value else { return .unknown("getCollateralReserves: \(told.reason ?? .noCode)") }
        guard let total = total.value, let held = held.value else { return .known(told, .notCompared) }
        let (amount, overflow) = held.subtractingReportingOverflow(total)
        return .known(told, !overflow && amount == told ? .equal : .differs)
    }

    /// `getReserves`, as told and as computed: what the Comet has and is owed, less what it owes.
    private func reserves(
        _ told: Reading<UInt256>, balance: Reading<UInt256>
    ) -> (told: Reading<UInt256>, computed: Int256?) {
        do throws(MathError) {
            guard let accrued = market.state.accrued, let balance = balance.value else { return (told, nil) }
            let supply = try CompoundV3.Math.presentValue(accrued.totalSupplyBase, index: accrued.baseSupplyIndex)
            let borrow = try CompoundV3.Math.presentValue(accrued.totalBorrowBase, index: accrued.baseBorrowIndex)
            let held = try CompoundV3.Math.signed(balance) - CompoundV3.Math.signed(supply)
            return (told, try held + CompoundV3.Math.signed(borrow))
        } catch {
            return (told, nil)
        }
    }

    private func sale(
        of asset: CompoundV3.Asset, _ amount: UInt256, _ match: Position.Match,
        _ reserves: (told: Reading<UInt256>, computed: Int256?), at block: Block
    ) -> CollateralSale {
        let base = market.state.base
        let collateral = market.leg(asset, amount) ?? unpriced(asset.token, asset.symbol, asset.decimals, amount)
        var payment = unpriced(base.token, base.symbol, base.decimals, .zero)
        payment.priceRaw = base.price.value ?? .zero
        payment.priceScale = CompoundV3.Market.priceScale
        payment.source = PriceSource(.feed, base.priceFeed)
        var sale = CollateralSale(
            market: market.id, entrypoint: market.comet, block: block, collateral: collateral, base: payment,
            discountScale: .wad, targetReserves: base.targetReserves)
        sale.match = match
        switch reserves.told {
        case .unknown(let reason): sale.unknown.append(Unknown("reserves", "getReserves: \(reason)"))
        case .known(let word):
            let told = Int256(bits: word)
            sale.reserves = told
            if let computed = reserves.computed, computed != told {
                sale.match = .differs
                sale.unknown.append(Unknown("isOpen", "getReserves is \(told), computed \(computed)"))
            } else {
                let isBelow = told.isNegative || told.magnitude < base.targetReserves
                sale.isOpen = isBelow && !market.state.totals.buyPaused
            }
        }
        do throws(MathError) {
            let discount = try CompoundV3.Math.discount(
                storeFrontPriceFactor: base.storeFrontPriceFactor, liquidationFactor: asset.liquidationFactor,
                market.state.rules)
            sale.discount = discount
            if let price = asset.price.value {
                sale.discountedPrice = try CompoundV3.Math.discountedPrice(price, discount: discount)
            }
        } catch {
            sale.unknown.append(Unknown("discount", "the contract reverts: its factors are above one"))
        }
        if let reason = asset.price.reason ?? base.price.reason {
            sale.unknown.append(Unknown("discountedPrice", "\(reason)"))
        }
        return sale
    }

    private func unpriced(_ token: Address, _ symbol: String?, _ decimals: Int, _ amount: UInt256) -> Leg {
        Leg(
            asset: token, symbol: symbol, decimals: decimals, raw: amount, amount: amount, index: nil, priceRaw: .zero,
            priceScale: CompoundV3.Market.priceScale, value: .zero, source: PriceSource(.unknown))
    }

    // MARK: Quotes

    /// Asks the Comet for the largest purchase and for one whole unit of base, and compares.
    private func quote(_ sales: inout [CollateralSale]) async throws(LendingError) {
        var wanted: [(sale: Int, base: UInt256)] = []
        for index in sales.indices {
            guard let largest = largest(sales[index]) else { continue }
            sales[index].base.raw = largest
            sales[index].base.amount = largest
            setValue(&sales[index].base)
            for amount in [largest, market.state.base.scale] { wanted.append((index, amount)) }
        }
        guard !wanted.isEmpty else { return }
        let answers = try await ask(
            wanted.map {
                Call(
                    target: market.comet,
                    data: CompoundV3Comet.quoteCollateral(asset: sales[$0.sale].collateral.asset, baseAmount: $0.base)
                        .encode())
            })
        for ((index, amount), answer) in zip(wanted, answers) {
            take(CompoundV3.word(answer), for: amount, into: &sales[index])
        }
    }

    private func take(_ answer: Reading<UInt256>, for amount: UInt256, into sale: inout CollateralSale) {
        guard let computed = computed(sale, amount) else { return }
        sale.quotes.append(
            CollateralSale.Quote(baseAmount: amount, collateralAmount: computed, onchain: answer.value))
        switch answer {
        case .unknown(let reason):
            if sale.match == .equal { sale.match = .notCompared }
            sale.unknown.append(Unknown("quotes", "quoteCollateral: \(reason)"))
        case .known(let told) where told != computed:
            sale.match = .differs
            sale.unknown.append(Unknown("quotes", "quoteCollateral is \(told), computed \(computed)"))
        case .known: return
        }
    }

    private func largest(_ sale: CollateralSale) -> UInt256? {
        guard let price = market.state.base.price.value, let discounted = sale.discountedPrice,
            let scale = scale(sale)
        else { return nil }
        do throws(MathError) {
            return try CompoundV3.Math.largestPurchase(
                of: sale.collateral.amount, basePrice: price, baseScale: market.state.base.scale,
                discounted: discounted, scale: scale)
        } catch {
            return nil
        }
    }

    private func computed(_ sale: CollateralSale, _ amount: UInt256) -> UInt256? {
        guard let price = market.state.base.price.value, let discounted = sale.discountedPrice,
            let scale = scale(sale)
        else { return nil }
        do throws(MathError) {
            return try CompoundV3.Math.quote(
                baseAmount: amount, basePrice: price, baseScale: market.state.base.scale, discounted: discounted,
                scale: scale)
        } catch {
            return nil
        }
    }

    private func setValue(_ leg: inout Leg) {
        do throws(MathError) {
            leg.value = try CompoundV3.Math.mulPrice(leg.amount, leg.priceRaw, scale: market.state.base.scale)
        } catch {
            leg.value = .zero
        }
    }

    private func scale(_ sale: CollateralSale) -> UInt256? {
        market.state.assets.first { $0.token == sale.collateral.asset }?.scale
    }

    private func ask(_ calls: [Call]) async throws(LendingError) -> [Reading<[UInt8]>] {
        do throws(ChainError) {
            return try await snapshot.read(calls)
        } catch {
            throw .chain(error)
        }
    }
}
