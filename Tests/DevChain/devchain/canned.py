"""Contracts that answer what a test says: price sources of any shape, and of no shape at all.

`answers` maps a signature such as `latestRoundData()`, or with a first argument `coins(uint256) 1`, to return data in
hex. Whatever else such a contract is asked, it reverts.
"""

from . import assembly
from .artifacts import Artifacts
from .hashing import parse_address
from .market import Deployer

_PUSH2, _JUMPDEST, _JUMPI, _EQ, _AND = 0x61, 0x5B, 0x57, 0x14, 0x16


def _push(number: int, size: int) -> bytes:
    return bytes((0x5F + size,)) + number.to_bytes(size, "big")


def runtime(answers: dict) -> bytes:
    """The code of a contract with these answers."""
    entries = []
    for name, data in answers.items():
        signature, _, argument = name.partition(" ")
        entries.append((assembly.selector(signature), int(argument, 0) if argument else None, bytes.fromhex(data.removeprefix("0x"))))
    head = bytes.fromhex("5f3560e01c")  # the selector
    checks = [(b"\x80" + b"\x63" + s + bytes((_EQ,)))
              + (b"" if a is None else bytes.fromhex("600435") + _push(a, 32) + bytes((_EQ, _AND))) for s, a, _ in entries]
    body = len(head) + sum(len(c) + 4 for c in checks) + 4  # a check ends with PUSH2 label JUMPI; then 0 0 REVERT
    places, data_at = [], body + 15 * len(entries)
    for index, (_, _, data) in enumerate(entries):
        places.append((body + 15 * index, data_at, len(data)))
        data_at += len(data)
    code = bytearray(head)
    for check, (label, _, _) in zip(checks, places, strict=True):
        code += check + _push(label, 2) + bytes((_JUMPI,))
    code += bytes.fromhex("5f5ffd00")
    for _, offset, size in places:
        # CODECOPY(0, offset, size) and RETURN(0, size)
        code += bytes((_JUMPDEST,)) + _push(size, 2) + _push(offset, 2) + bytes.fromhex("5f39") + _push(size, 2) + bytes.fromhex("5ff3") + b"\x00"
    for _, _, data in entries:
        code += data
    return bytes(code)


def canned(node, options: dict) -> dict:
    """Deploys such a contract in a block of its own; where `source` names an asset, the pool's oracle asks it from now on."""
    deployer = Deployer(node.chain, Artifacts(node.market.rules))
    node.chain.flush()
    address = parse_address(options["address"]) if "address" in options else None
    if "answers" in options:
        code = runtime(options["answers"])
        size = len(code).to_bytes(2, "big")
        address = deployer.create_code(b"\x61" + size + b"\x80\x60\x0b\x5f\x39\x5f\xf3\x00" + code, "canned answers")
    for reserve in node.market.reserves:
        if options.get("source") == reserve.spec.symbol:
            deployer.send("AaveOracle", node.market.addresses["oracle"], "setAssetSources", [reserve.asset], [address])
    node.chain.flush()
    return {"address": address, "head": node.chain.head.number}
