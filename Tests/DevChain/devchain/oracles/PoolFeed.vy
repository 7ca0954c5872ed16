# pragma version 0.4.3
"""
A feed of eight decimals over a Uniswap V3 pool: its price of this block where the window is zero, else the geometric
mean over the window. What lending markets used before they knew better.
"""

interface Pool:
    def slot0() -> (uint160, int24, uint16, uint16, uint16, uint8, bool): view
    def observe(ago: DynArray[uint32, 2]) -> (DynArray[int56, 2], DynArray[uint160, 2]): view

pool: public(immutable(address))
window: public(immutable(uint32))
is_first: immutable(bool)
scale: immutable(uint256)

# 2^128 / 1.0001^(2^i)
POWERS: constant(uint256[20]) = [
    340248342086729790484326174814286782778,
    340214320654664324051920982716015181260,
    340146287995602323631171512101879684304,
    340010263488231146823593991679159461444,
    339738377640345403697157401104375502016,
    339195258003219555707034227454543997025,
    338111622100601834656805679988414885971,
    335954724994790223023589805789778977700,
    331682121138379247127172139078559817300,
    323299236684853023288211250268160618739,
    307163716377032989948697243942600083929,
    277268403626896220162999269216087595045,
    225923453940442621947126027127485391333,
    149997214084966997727330242082538205943,
    66119101136024775622716233608466517926,
    12847376061809297530290974190478138313,
    485053260817066172746253684029974020,
    691415978906521570653435304214168,
    1404880482679654955896180642,
    5800151175840355,
]


@deploy
def __init__(_pool: address, _window: uint32, _is_first: bool, _scale: uint256):
    pool = _pool
    window = _window
    is_first = _is_first
    scale = _scale


@view
@external
def decimals() -> uint8:
    return 8


@view
@internal
def _ratio() -> uint256:
    """
    Units of token1 for one of token0, times 2^128.
    """
    if window == 0:
        root: uint256 = convert((staticcall Pool(pool).slot0())[0], uint256)
        return (root * root) >> 64
    sums: DynArray[int56, 2] = (staticcall Pool(pool).observe([window, 0]))[0]
    span: int256 = convert(window, int256)
    change: int256 = convert(sums[1], int256) - convert(sums[0], int256)
    mean: int256 = change // span
    if change < 0 and change % span != 0:
        mean -= 1
    size: uint256 = convert(abs(mean), uint256)
    ratio: uint256 = 1 << 128
    for i: uint256 in range(20):
        if (size >> i) & 1 == 1:
            ratio = (ratio * POWERS[i]) >> 128
    if mean > 0:
        return max_value(uint256) // ratio
    return ratio


@view
@external
def latestAnswer() -> int256:
    if is_first:
        return convert((self._ratio() * scale) >> 128, int256)
    return convert((scale << 128) // self._ratio(), int256)
