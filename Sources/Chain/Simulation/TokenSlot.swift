import ABI
import Bindings
public import Ethereum
import JSONRPC

/// Where a token keeps the balance of one holder: what an override has to write to fund it.
public struct TokenSlot: Hashable, Sendable {
    /// The token.
    public let token: Address
    /// The slot.
    public let slot: UInt256
}

extension Snapshot {
    /// Who makes the calls of a trial: an address that nobody holds a key to.
    public static var trialSender: Address { ReaderProgram.address }

    /// Slots of mappings that are tried for balances: Solidity's and Vyper's order of key and slot.
    private static let candidates = 64
    /// What is written into the first candidate: below 2^96, which the narrowest balances hold.
    private static let mark = UInt256(words: 0, 0x1_0000, 0, 0)

    /// Finds where each token keeps the trial sender's balance.
    ///
    /// Each candidate slot is overridden with a number of its own in one `eth_call` of `balanceOf`: the number that
    /// comes back names the slot. A token that computes its balances, or keeps them elsewhere, is unknown.
    public func balanceSlots(of tokens: [Address]) async throws(ChainError) -> [Reading<TokenSlot>] {
        guard capabilities.overridesState else {
            return tokens.map { _ in .unknown(.failed("the endpoint takes no state overrides")) }
        }
        let holder = Self.trialSender
        var slots: [UInt256] = []
        for place in 0..<UInt64(Self.candidates) {
            slots.append(StorageSlot.mapping(holder, at: UInt256(place)))
            slots.append(Keccak256.hash(UInt256(place), holder.word).word)
        }
        // OpenZeppelin's namespaced ERC-20, and Solady's.
        slots.append(StorageSlot.mapping(holder, at: Self.openZeppelin))
        let marks = slots.indices.map { Self.mark &+ UInt256(UInt64($0)) }
        let pin = Parameters.pin(block, byHash: capabilities.pinsByHash)
        let data = ERC20.balanceOf(holder).encode()
        let requests = tokens.map { token in
            RPCRequest(
                method: "eth_call",
                params: Parameters.call(
                    token, data, gas: capabilities.callGas, pin: pin,
                    overrides: "{\(TrialState.json([(token, Array(zip(slots, marks)))]))}"),
                kind: .call, needs: RPCNeeds(features: [.stateOverride]))
        }
        let results = await requester.perform(requests, each: 10)
        try await confirm()
        return zip(tokens, results).map { token, result in
            do throws(RPCError) {
                let bytes = try result.get().hexData()
                guard bytes.count >= 32, let answer = UInt256(bigEndian: bytes[0..<32]),
                    let place = marks.firstIndex(of: answer)
                else { return .unknown(.failed("no storage slot of \(token) was found that holds a balance")) }
                return .known(TokenSlot(token: token, slot: slots[place]))
            } catch {
                return .unknown(.failed("\(error)"))
            }
        }
    }

    /// Source: OpenZeppelin/openzeppelin-contracts-upgradeable `ERC20Upgradeable.sol`, `ERC20StorageLocation`:
    /// keccak256(abi.encode(uint256(keccak256("openzeppelin.storage.ERC20")) − 1)) with the last byte cleared.
    private static let openZeppelin: UInt256 = {
        let name = Keccak256.hash("openzeppelin.storage.ERC20".utf8).word &- .one
        let word = Keccak256.hash(name.bigEndianBytes).word
        return word &- UInt256(word.word0 & 0xFF)
    }()
}

/// State overrides as JSON.
enum TrialState {
    /// Members of an object of overrides: storage by account.
    static func json(_ accounts: [(address: Address, slots: [(UInt256, UInt256)])]) -> String {
        accounts.map { account in
            let slots = account.slots.map { "\"\(hex($0.0))\":\"\(hex($0.1))\"" }.joined(separator: ",")
            return #""\#(account.address.hex)":{"stateDiff":{\#(slots)}}"#
        }.joined(separator: ",")
    }

    private static func hex(_ word: UInt256) -> String { Hex.encode(word.bigEndianBytes) }
}
