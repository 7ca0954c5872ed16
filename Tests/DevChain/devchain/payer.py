"""A trader of ours, assembled by hand: it forwards calls to pools, and pays what they ask for in their callbacks.

Pools of Uniswap V3 demand payment from within `swap` and `mint`. The payer mints the tokens it owes, so they have to
be `MintableERC20`, as all tokens of this chain are.
"""

from .abi import encode
from .assembly import assemble, creation_code, selector
from .hashing import word

_SOURCE = """
    0 CALLDATALOAD 0xe0 SHR @callback JUMPI
    0x20 CALLDATASIZE SUB
    DUP1 0x20 0 CALLDATACOPY
    0 0 DUP3 0 0 0 CALLDATALOAD GAS CALL
    RETURNDATASIZE 0 0 RETURNDATACOPY
    @done JUMPI
    RETURNDATASIZE 0 REVERT
 :done
    RETURNDATASIZE 0 RETURN
 :callback
    {mint} 0xe0 SHL 0 MSTORE
    CALLER 4 MSTORE
    0 4 CALLDATALOAD SGT ISZERO @second JUMPI
    4 CALLDATALOAD 0x24 MSTORE
    0 0 0x44 0 0 0x84 CALLDATALOAD GAS CALL ISZERO @failed JUMPI
 :second
    0 0x24 CALLDATALOAD SGT ISZERO @paid JUMPI
    0x24 CALLDATALOAD 0x24 MSTORE
    0 0 0x44 0 0 0xa4 CALLDATALOAD GAS CALL ISZERO @failed JUMPI
 :paid
    STOP
 :failed
    0 0 REVERT
"""


def payer_creation_code() -> bytes:
    """Creation code of the payer: `target (one word) || calldata` is forwarded; callbacks name both tokens."""
    return creation_code(assemble(_SOURCE, {"mint": selector("mint(address,uint256)")}))


def forwarded(target: str, data: bytes) -> bytes:
    """Calldata by which the payer sends `data` to `target`."""
    return word(int(target, 16)) + data


def tokens(token0: str, token1: str) -> bytes:
    """What a callback is to be given, so that the payer knows the tokens."""
    return encode(["address", "address"], [token0, token1])
