"""`eth_getProof` (EIP-1186): an account, some of its slots, and the trie nodes that tie both to a header's state root."""

import re

from . import blockref
from .errors import INVALID_PARAMS, RpcError
from .hashing import hexdata, parse_address
from .state import code_hash

MAX_SLOTS = 1024
_LIMIT = -38026
_KEY = re.compile(r"0x([0-9a-fA-F]{1,64})\Z")


def answer(caller, address: str, keys, ref) -> dict:
    """The proof of `address` and of the slots `keys` at a block."""
    address = parse_address(address)
    if not isinstance(keys, list):
        raise RpcError(INVALID_PARAMS, "invalid argument 1: json: cannot unmarshal into Go value of type []string")
    if len(keys) > MAX_SLOTS:
        raise RpcError(_LIMIT, f"too many slots (max {MAX_SLOTS})")
    slots = [slot(key) for key in keys]
    block = blockref.state(caller.chain, ref, caller.eip1898)
    world = caller.enter(block)
    state, account = caller.chain.states[block.number], world.account(address)
    return {
        "address": address, "accountProof": _nodes(state.account_proof(address)), "balance": hex(account.balance),
        "codeHash": hexdata(code_hash(account.code)), "nonce": hex(account.nonce),
        "storageHash": hexdata(state.storage_root(address)),
        "storageProof": [{"key": name, "value": hex(_value(caller, world, address, key)),
                          "proof": _nodes(state.slot_proof(address, key))} for name, key in slots],
    }


def _value(caller, world, address: str, key: int) -> int:
    value = world.slot(address, key)
    return caller.lies.proven(address, key, value) if caller.lies else value


def slot(key) -> tuple:
    """The key as it is answered, and as a number: 32 bytes stay what they are, shorter ones become a quantity."""
    if not isinstance(key, str) or not (found := _KEY.match(key)):
        raise RpcError(INVALID_PARAMS, "unable to decode storage key: hex string invalid")
    number = int(found[1], 16)
    return (key.lower() if len(key) == 66 else hex(number)), number


def _nodes(nodes: list) -> list:
    return [hexdata(node) for node in nodes]
