import Chain
import Ethereum
import Lending

extension Aave {
    /// One account of a pool, as far as the pool itself tells.
    struct Member: Sendable {
        /// Who it is.
        let account: Account
        /// Which reserves it uses; empty where that is not known.
        let configuration: AccountConfiguration
        /// Its category, 0 for none.
        let category: Int
        /// Where its balances begin.
        var start = 0
        /// What is remembered of it and still holds; nil where it was read.
        var row: Row?
        /// What could not be read.
        var issues: [Unknown] = []
        /// The six words that the pool's `getUserAccountData` answers.
        var accountData: Reading<AccountData> = .unknown(.failed("it was not asked"))

        init(_ account: Account, configuration: Reading<UInt256>, category: Reading<UInt256>) {
            self.account = account
            self.configuration = AccountConfiguration(word: configuration.value ?? .zero)
            self.category = category.value?.asInt().flatMap { $0 < 256 ? $0 : nil } ?? 0
            if let reason = configuration.reason {
                issues.append(Unknown("collateral", "getUserConfiguration: \(reason)"))
            }
            if let reason = category.reason {
                issues.append(Unknown("collateral", "getUserEMode: \(reason)"))
            } else if let number = category.value, number > 255 {
                issues.append(Unknown("collateral", "getUserEMode answered \(number), which is no category"))
            }
        }

        /// Whether the account owes something, as far as its configuration tells; true where that is not known.
        var mayOwe: Bool { !issues.isEmpty || configuration.owes }
    }

    /// The pool's own answer about an account.
    struct AccountData: Hashable, Sendable {
        /// In base units.
        var totalCollateralBase: UInt256
        /// In base units.
        var totalDebtBase: UInt256
        /// In base units.
        var availableBorrowsBase: UInt256
        /// Whole bps.
        var currentLiquidationThreshold: UInt256
        /// Whole bps.
        var ltv: UInt256
        /// A wad.
        var healthFactor: UInt256
    }

    /// A debt at the account's own rate.
    struct StableDebt: Hashable, Sendable {
        /// What was owed when the account last acted.
        var principal: UInt256
        /// A ray a year.
        var rate: UInt256 = .zero
        /// When the account last acted, seconds since 1970.
        var updated: UInt64 = 0
    }

    /// What the debt tokens of a reserve say that all accounts owe together.
    struct DebtTotals: Sendable {
        /// `scaledTotalSupply` of the variable debt token.
        var variable: Reading<UInt256>
        /// `totalSupply` of the stable debt token; `nil` where there is none.
        var stable: Reading<UInt256>?
    }

    /// Everything that the positions of some accounts depend on, at one block.
    struct Book: Sendable {
        /// The pool.
        let state: MarketState
        /// The accounts with what they hold.
        let sheet: Sheet
        /// The debt tokens' own totals, by reserve.
        let totals: [Int: DebtTotals]

        /// The accounts.
        var members: [Member] { sheet.members }
        /// Σ scaled variable debt of the accounts, by reserve.
        var scaledDebt: [Int: Reading<UInt256>] { sheet.scaledDebt }
        /// Σ stable debt of the accounts, by reserve.
        var stableDebt: [Int: Reading<UInt256>] { sheet.stableDebt }
    }
}
