"""Storage that one endpoint misstates, and what follows from it: the lie is told inside the EVM, so all its calls agree.

`{"address", "slot"}` misstates one slot; `{"to", "selector"}` one word that a function returns, to whoever calls it
(an account of ours stands in front of the contract); `{"slots": p}` a share of all slots that calls read.
"""

import random
from dataclasses import dataclass

from . import assembly
from .errors import INVALID_PARAMS, RpcError
from .hashing import address_of, keccak, parse_address, unhex, word
from .world import Account

_ROUNDS = 4
_FRONT = """
    CALLDATASIZE 0 0 CALLDATACOPY
    0 0 CALLDATASIZE 0 {parked} GAS DELEGATECALL
    RETURNDATASIZE 0 0 RETURNDATACOPY
    @worked JUMPI
    RETURNDATASIZE 0 REVERT
 :worked
    0 CALLDATALOAD 0xe0 SHR {selector} EQ ISZERO @done JUMPI
    %s
    {end} RETURNDATASIZE LT @done JUMPI
    %s {at} MSTORE
 :done
    RETURNDATASIZE 0 RETURN
"""


@dataclass(frozen=True)
class Change:
    """What becomes of a word: another value, or the old one with some bits turned."""

    value: int | None
    xor: int

    def of(self, old: int) -> int:
        return self.value if self.value is not None else old ^ self.xor


class Lies:
    """What one endpoint misstates."""

    def __init__(self, specs, seed: str):
        self.seed = seed
        self.slots: dict[tuple, Change] = {}
        self.forged: set[tuple] = set()
        self.fronts: list[dict] = []
        self.share = 0.0
        for spec in specs if isinstance(specs, list) else [specs]:
            try:
                self._add(spec)
            except (KeyError, TypeError, ValueError, AttributeError) as failure:
                raise RpcError(INVALID_PARAMS, f"lieStorage: {failure!r} in {spec}") from None

    def _add(self, spec: dict) -> None:
        if unknown := set(spec) - {"address", "slot", "value", "xor", "proof", "to", "selector", "argument", "word", "slots"}:
            raise ValueError(f"unknown keys {sorted(unknown)}")
        if "slots" in spec:
            self.share = float(spec["slots"])
            return
        change = Change(_number(spec["value"]) if "value" in spec else None, _number(spec.get("xor", 1)))
        if "to" in spec:
            argument = word(_number(spec["argument"])) if "argument" in spec else None
            self.fronts.append({"to": parse_address(spec["to"]), "selector": unhex(spec["selector"]), "argument": argument,
                                "word": int(spec.get("word", 0)), "change": change})
            return
        place = parse_address(spec["address"]), _number(spec["slot"])
        self.slots[place] = change
        if spec.get("proof", "truth") not in ("truth", "forged"):
            raise ValueError("proof is truth or forged")
        if spec.get("proof") == "forged":
            self.forged.add(place)

    # What is asked directly

    def slot(self, address: str, key: int, old: int) -> int:
        """The value of a slot as this endpoint has it."""
        change = self.slots.get((address, key)) or self._chosen(address, key, old)
        return change.of(old) if change else old

    def proven(self, address: str, key: int, old: int) -> int:
        """The value beside a proof, which is the true one: the truth, or what the proof contradicts."""
        return self.slot(address, key, old) if (address, key) in self.forged else old

    def _chosen(self, address: str, key: int, old: int) -> Change | None:
        # Small numbers are flags and what looks like an address would only make calls fail: neither misleads anybody.
        if not self.share or old < 256 or 1 << 128 <= old < 1 << 160:
            return None
        rng = random.Random(f"{self.seed} {address} {key}")
        return Change(None, rng.randrange(1, 256)) if rng.random() < self.share else None

    # What calls see

    def apply(self, world):
        """Write the lies into the world; returns what takes them back."""
        slots = [(a, k, world.slot(a, k), change) for (a, k), change in self.slots.items()]
        accounts = []
        for front in self.fronts:
            target = world.account(front["to"])
            if target.code:
                parked = address_of(keccak(b"parked" + front["to"].encode() + bytes((len(accounts),))))
                accounts += [(parked, world.account(parked)), (front["to"], target)]
                world.put_account(parked, Account(1, 0, target.code))
                world.put_account(front["to"], Account(target.nonce, target.balance, _front(front, parked)))
        world.put_slots([(a, k, change.of(old)) for a, k, old, change in slots])

        def undo():
            world.put_slots([(a, k, old) for a, k, old, _ in slots])
            for address, before in reversed(accounts):
                world.put_account(address, before)

        return undo

    def call(self, world, sender, to, data, value, gas, kept: set):
        """A call in a world to which the lies are applied; slots in `kept` were overridden by the caller and stay."""
        if not self.share:
            return world.call(sender, to, data, value, gas)
        changed: dict[tuple, int] = {}
        try:
            for _ in range(_ROUNDS):
                reads: set = set()
                outcome = world.call(sender, to, data, value, gas, reads)
                found = {}
                for place in reads - changed.keys() - kept - self.slots.keys():
                    old = world.slot(*place)
                    if change := self._chosen(*place, old):
                        found[place] = (old, change.of(old))
                if not found:
                    break
                changed |= {place: old for place, (old, _) in found.items()}
                world.put_slots([(a, k, new) for (a, k), (_, new) in found.items()])
            return outcome
        finally:
            world.put_slots([(a, k, old) for (a, k), old in changed.items()])


def _number(given) -> int:
    return int(given, 16) if isinstance(given, str) else int(given)


def _front(front: dict, parked: str) -> bytes:
    """Code that asks the parked original for everything and alters one word of one function's answer."""
    at, change = 32 * front["word"], front["change"]
    condition = "4 CALLDATALOAD {argument} EQ ISZERO @done JUMPI" if front["argument"] is not None else ""
    altered = "{value}" if change.value is not None else "{at} MLOAD {xor} XOR"
    names = {"parked": bytes.fromhex(parked[2:]), "selector": front["selector"], "argument": front["argument"] or b"",
             "end": (at + 32).to_bytes(4, "big"), "at": at.to_bytes(4, "big"), "value": word(change.value or 0),
             "xor": word(change.xor)}
    return assembly.assemble(_FRONT % (condition, altered), names)
