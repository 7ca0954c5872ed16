import Chain
import Ethereum
import Lending
import Networks

/// The pools of a network file through which collateral may be sold.
enum ExitPools {
    /// The most pools that are read.
    private static let most = 64

    /// Every Uniswap V2 pair that the file names under `priceSources`, both ways, at the pinned block. One that does
    /// not answer is no exit.
    static func read(_ network: Network, on snapshot: Snapshot) async throws(ChainError) -> [ExitPool] {
        var pools: [Address] = []
        for source in network.priceSources where source.kind == "uniswap-v2" {
            if let pool = source.contracts["pool"], !pools.contains(pool), pools.count < most { pools.append(pool) }
        }
        guard !pools.isEmpty else { return [] }
        let signatures = ["getReserves()", "token0()", "token1()"]
        let answers = try await snapshot.read(
            pools.flatMap { pool in
                signatures.map { Call(target: pool, data: Selector(signature: $0).bytes) }
            })
        var exits: [ExitPool] = []
        for (index, pool) in pools.enumerated() {
            guard let reserves = answers[3 * index].value, reserves.count >= 64,
                let reserve0 = UInt256(bigEndian: reserves[0..<32]),
                let reserve1 = UInt256(bigEndian: reserves[32..<64]),
                let token0 = token(answers[3 * index + 1]), let token1 = token(answers[3 * index + 2]),
                reserve0.significantBits <= 112, reserve1.significantBits <= 112,
                !reserve0.isZero, !reserve1.isZero
            else { continue }
            exits.append(
                ExitPool(pool: pool, sold: token0, bought: token1, reserveIn: reserve0, reserveOut: reserve1))
            exits.append(
                ExitPool(pool: pool, sold: token1, bought: token0, reserveIn: reserve1, reserveOut: reserve0))
        }
        return exits
    }

    private static func token(_ answer: Reading<[UInt8]>) -> Address? {
        answer.value.flatMap { $0.count >= 32 ? UInt256(bigEndian: $0[0..<32]) : nil }
            .flatMap { Address(checkedWord: $0) }
    }
}
