# pragma version 0.4.3
"""
A feed of eight decimals over the reserves of a Uniswap V2 pair, as they are in this block.
"""

interface Pair:
    def getReserves() -> (uint112, uint112, uint32): view

pool: public(immutable(address))
is_first: immutable(bool)
scale: immutable(uint256)
decimals: public(constant(uint8)) = 8


@deploy
def __init__(_pair: address, _is_first: bool, _scale: uint256):
    pool = _pair
    is_first = _is_first
    scale = _scale


@view
@external
def latestAnswer() -> int256:
    first: uint112 = 0
    second: uint112 = 0
    last: uint32 = 0
    first, second, last = staticcall Pair(pool).getReserves()
    if is_first:
        return convert(convert(second, uint256) * scale // convert(first, uint256), int256)
    return convert(convert(first, uint256) * scale // convert(second, uint256), int256)
