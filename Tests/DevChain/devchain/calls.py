"""`eth_call` and its relatives: a message against the state of a block, with overrides, leaving no trace."""



from . import blockref, rawtx
from .blocks import Block
from .chain import GAS_LIMIT, TRANSACTION_GAS, Chain, StatePruned
from .errors import INVALID_PARAMS, SERVER, RpcError, of_outcome
from .hashing import ZERO_ADDRESS, hexdata, parse_address, quantity, unhex
from .world import Account, Outcome

_BLOCK_FIELDS = {"number": "number", "time": "timestamp", "gasLimit": "gas_limit", "prevRandao": "prevrandao",
                 "random": "prevrandao", "baseFeePerGas": "base_fee", "baseFee": "base_fee"}
_IGNORED_BLOCK_FIELDS = {"feeRecipient", "coinbase", "difficulty", "blobBaseFee", "withdrawals"}


class Caller:
    """Runs calls. `gas_cap` is the most gas a call may have, and what it has when it names none."""

    def __init__(self, chain: Chain, gas_cap: int):
        self.chain = chain
        self.gas_cap = gas_cap
        self.return_cap = None
        self.return_text = "call returned result of length {0} exceeding limit {1}"
        self.eip1898 = True
        self.lies = None
        self.gas_used = 0

    def enter(self, block: Block, changes: dict | None = None, gas: int = 0):
        """The world at `block`."""
        try:
            self.chain.at(block, changes, gas)
        except StatePruned:
            root = block.header.state_root.hex()
            raise RpcError(SERVER, f"missing trie node {root} (path ) state 0x{root} is not available, not found") from None
        return self.chain.world

    def call(self, call: dict, ref, overrides=None, block_overrides=None) -> bytes:
        """The output of a call, or the error a node gives."""
        outcome, gas = self.outcome(call, ref, overrides, block_overrides)
        if not outcome.ok:
            raise of_outcome(outcome, gas)
        if self.return_cap is not None and len(outcome.output) > self.return_cap:
            raise RpcError(SERVER, self.return_text.format(len(outcome.output), self.return_cap))
        return outcome.output

    def outcome(self, call: dict, ref, overrides=None, block_overrides=None, gas: int | None = None) -> tuple[Outcome, int]:
        """What a call does at a block, and the gas it was given."""
        block = blockref.state(self.chain, ref, self.eip1898)
        sender, to, data, value, asked = message(call)
        gas = gas or min(asked or self.gas_cap, self.gas_cap)
        world = self.enter(block, block_changes(block_overrides), gas)
        undo = [self.lies.apply(world)] if self.lies else []
        try:
            kept = set()
            if overrides:
                undo.append(self.override(world, overrides, kept))
            if self.lies:
                outcome = self.lies.call(world, sender, to, data, value, gas, kept)
            else:
                outcome = world.call(sender, to, data, value, gas)
        finally:
            for step in reversed(undo):
                step()
        self.gas_used += outcome.gas_used
        return outcome, gas

    def estimate(self, call: dict, ref, overrides=None) -> int:
        """The least gas with which the call succeeds, by bisection."""
        outcome, gas = self.outcome(call, ref, overrides)
        if not outcome.ok:
            raise of_outcome(outcome, gas)
        low, high = outcome.gas_used - 1, gas
        first = outcome.gas_used * 64 // 63 + 2300
        if first < high and self.outcome(call, ref, overrides, gas=first)[0].ok:
            high = first
        while low + 1 < high and high - low > high // 1000:
            middle = (low + high) // 2
            if self.outcome(call, ref, overrides, gas=middle)[0].ok:
                high = middle
            else:
                low = middle
        return high

    def send(self, transaction: dict) -> bytes:
        """Run an unsigned transaction in a block of its own; every account is unlocked."""
        return self._mine(transaction, None)

    def send_raw(self, raw: bytes) -> bytes:
        """Run a signed transaction in a block of its own."""
        signed = rawtx.decode(raw, self.chain)
        call = {"from": signed.sender, "to": signed.to, "data": hexdata(signed.data), "value": hex(signed.value),
                "gas": hex(signed.gas)}
        return self._mine(call, signed)

    def _mine(self, transaction: dict, signed) -> bytes:
        sender, to, data, value, gas = message(transaction)
        if gas > GAS_LIMIT:
            raise RpcError(SERVER, "exceeds block gas limit")
        trial, given = self.outcome(transaction, "latest", gas=gas or TRANSACTION_GAS)
        if not trial.ok and not trial.error.startswith(("revert", "Halt")):
            raise of_outcome(trial, given)
        self.chain.flush()
        self.chain.transact(sender, to, data, value, gas or TRANSACTION_GAS, signed)
        return self.chain.close().transactions[0].hash

    def slot(self, world, address: str, key: int) -> int:
        """One slot of a world, as this endpoint has it."""
        value = world.slot(address, key)
        return self.lies.slot(address, key, value) if self.lies else value

    def override(self, world, overrides: dict, places: set | None = None):
        """Write the overrides into the world; returns what takes them back. `places` collects their slots."""
        if not isinstance(overrides, dict):
            raise RpcError(INVALID_PARAMS, "invalid argument 2: json: cannot unmarshal into Go value of type StateOverride")
        accounts, slots = [], []
        plan = [(parse_address(a), o) for a, o in overrides.items()]
        for address, change in plan:
            before = world.account(address)
            after = Account(
                quantity(change["nonce"]) if change.get("nonce") is not None else before.nonce,
                quantity(change["balance"]) if change.get("balance") is not None else before.balance,
                unhex(change["code"]) if change.get("code") is not None else before.code)
            if change.get("state") is not None and change.get("stateDiff") is not None:
                raise RpcError(SERVER, f"account {hexdata(bytes.fromhex(address[2:]))} has both 'state' and 'stateDiff'")
            if after != before:
                accounts.append((address, before, after))
            given = change.get("state") or change.get("stateDiff") or {}
            values = {int(k, 16): int(v, 16) for k, v in given.items()}
            if change.get("state") is not None:
                values = {k: 0 for k in world.storage.get(address, {})} | values
            slots += [(address, k, world.slot(address, k), v) for k, v in values.items()]
        for address, _, after in accounts:
            world.put_account(address, after)
        world.put_slots([(a, k, v) for a, k, _, v in slots])
        if places is not None:
            places.update((a, k) for a, k, _, _ in slots)

        def undo():
            world.put_slots([(a, k, old) for a, k, old, _ in slots])
            for address, before, _ in accounts:
                world.put_account(address, before)

        return undo


def message(call: dict) -> tuple:
    """Sender, recipient, data, value and gas of a call object."""
    if not isinstance(call, dict):
        raise RpcError(INVALID_PARAMS, "invalid argument 0: json: cannot unmarshal into Go value of type ethapi.TransactionArgs")
    data, given = call.get("data"), call.get("input")
    if data is not None and given is not None and data.lower() != given.lower():
        raise RpcError(SERVER, 'both "data" and "input" are set and not equal. '
                               'Please use "input" to pass transaction call data')
    body = unhex(given if given is not None else data if data is not None else "0x")
    sender = parse_address(call["from"]) if call.get("from") else ZERO_ADDRESS
    to = parse_address(call["to"]) if call.get("to") else None
    value = quantity(call["value"]) if call.get("value") else 0
    gas = quantity(call["gas"]) if call.get("gas") else 0
    return sender, to, body, value, gas


def block_changes(overrides) -> dict:
    """Header fields that block overrides replace."""
    changes = {}
    for key, value in (overrides or {}).items():
        if key in _BLOCK_FIELDS and value is not None:
            changes[_BLOCK_FIELDS[key]] = unhex(value) if _BLOCK_FIELDS[key] == "prevrandao" else quantity(value)
        elif key not in _IGNORED_BLOCK_FIELDS and key not in _BLOCK_FIELDS:
            raise RpcError(INVALID_PARAMS, f"invalid block override {key}")
    return changes



