public import Ethereum
import JSONRPC

/// What a rollup charges for publishing transactions, beside the gas that they take.
public enum DataFee: Sendable {
    /// Whose rule it is.
    enum Rule: CaseIterable {
        /// Ethereum-optimism/optimism `packages/contracts-bedrock/src/L2/GasPriceOracle.sol` `getL1Fee(bytes)`.
        case optimism
        /// Scroll-tech/scroll-contracts `src/L2/predeploys/L1GasPriceOracle.sol` `getL1Fee(bytes)`.
        case scroll
        /// OffchainLabs/nitro-contracts `src/node-interface/NodeInterface.sol` `gasEstimateL1Component`: gas for the
        /// data, which is part of what `eth_estimateGas` says and no part of what the EVM charges for running.
        case arbitrum

        var target: Address {
            switch self {
            case .optimism: Address(a: 0x4200_0000_0000_0000, b: 0, c: 0x0F)
            case .scroll: Address(a: 0x5300_0000_0000_0000, b: 0, c: 0x02)
            case .arbitrum: Address(a: 0, b: 0, c: 0xC8)
            }
        }

        func data(_ call: Call, chainId: UInt64, gas: UInt256) -> [UInt8] {
            switch self {
            case .optimism, .scroll:
                return Self.call("getL1Fee(bytes)", [0x20], DataFee.transaction(call, chainId: chainId, gas: gas))
            case .arbitrum:
                return Self.call(
                    "gasEstimateL1Component(address,bool,bytes)", [call.target.word, .zero, 0x60], call.data)
            }
        }

        /// Selector, words, and one string of bytes at the end.
        private static func call(_ signature: String, _ words: [UInt256], _ bytes: [UInt8]) -> [UInt8] {
            Selector(signature: signature).bytes + words.flatMap(\.bigEndianBytes)
                + UInt256(UInt64(bytes.count)).bigEndianBytes + bytes
                + [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
        }

        /// Wei.
        func fee(_ answer: [UInt8]) -> UInt256? {
            func word(_ index: Int) -> UInt256? {
                answer.count >= 32 * (index + 1) ? UInt256(bigEndian: answer[32 * index..<32 * (index + 1)]) : nil
            }
            switch self {
            case .optimism, .scroll: return answer.count == 32 ? word(0) : nil
            case .arbitrum:
                guard answer.count == 96, let gas = word(0), let fee = word(1), gas.significantBits <= 64 else {
                    return nil
                }
                do throws(MathError) {
                    return try gas * fee
                } catch {
                    return nil
                }
            }
        }
    }

    /// A transaction of type 2 without its signature, which the rollups' contracts reckon in. Numbers that are not known
    /// yet are long ones, so that the fee is not too small.
    static func transaction(_ call: Call, chainId: UInt64, gas: UInt256) -> [UInt8] {
        var writer = RLPWriter()
        writer.append(raw: 0x02)
        let list = writer.beginList()
        writer.append(chainId)
        writer.append(UInt64(0xFFFF_FFFF))  // nonce
        writer.append(UInt64(0xFFFF_FFFF_FFFF))  // tip
        writer.append(UInt64(0xFFFF_FFFF_FFFF))  // fee
        writer.append(gas)
        writer.append(call.target)
        writer.append(UInt256.zero)
        writer.append(call.data)
        let none = writer.beginList()
        writer.endList(none)
        writer.endList(list)
        return writer.bytes
    }
}

extension Snapshot {
    /// What the chain charges for the data of each call as a transaction of its own, wei, at the pinned block.
    ///
    /// Zero where none of the contracts is there by which rollups state such a fee; unknown where one did not answer.
    ///
    /// - Parameter transactions: calls with the gas limit they are sent with.
    public func dataFees(
        of transactions: [(call: Call, gas: UInt256)]
    ) async throws(ChainError) -> [Reading<UInt256>] {
        guard let first = transactions.first else { return [] }
        let asked = await direct(DataFee.Rule.allCases.map { rule in question(rule, first.call, first.gas) })
        var rule: DataFee.Rule?
        var failure: Reason?
        for (candidate, answer) in zip(DataFee.Rule.allCases, asked) {
            switch answer {
            case .known(let bytes) where bytes.isEmpty: continue
            case .known(let bytes):
                if candidate.fee(bytes) != nil, rule == nil { rule = candidate } else { failure = .malformed("no fee") }
            case .unknown(let reason): failure = reason
            }
        }
        guard let rule else {
            try await confirm()
            return transactions.map { _ in failure.map { .unknown($0) } ?? .known(.zero) }
        }
        let answers = await direct(transactions.map { question(rule, $0.call, $0.gas) })
        try await confirm()
        return answers.map { answer in
            switch answer {
            case .known(let bytes): rule.fee(bytes).map { .known($0) } ?? .unknown(.malformed("no fee"))
            case .unknown(let reason): .unknown(reason)
            }
        }
    }

    private func question(_ rule: DataFee.Rule, _ call: Call, _ gas: UInt256) -> Call {
        Call(target: rule.target, data: rule.data(call, chainId: chainId, gas: gas))
    }

    /// Calls from outside: some of these contracts are the node's own and answer no other contract.
    private func direct(_ calls: [Call]) async -> [Reading<[UInt8]>] {
        let pin = Parameters.pin(block, byHash: capabilities.pinsByHash)
        let requests = calls.map { call in
            RPCRequest(
                method: "eth_call",
                params: Parameters.call(call.target, call.data, gas: capabilities.callGas, pin: pin), kind: .call)
        }
        return await requester.perform(requests, each: 10).map { result in
            do throws(RPCError) {
                return .known(try result.get().hexData())
            } catch {
                return .unknown(.failed("\(error)"))
            }
        }
    }
}
