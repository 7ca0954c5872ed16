# pragma version 0.4.3
"""
Arithmetic that hub and spoke share, with the rounding and the reverts of the protocol's own libraries.

Written for the tests of this project from reading aave/aave-v4 @cdacec50: WadRayMath, PercentageMath, MathUtils,
SharesMath, Premium.
"""

RAY: constant(uint256) = 10**27
WAD: constant(uint256) = 10**18
WHOLE: constant(uint256) = 10_000
YEAR: constant(uint256) = 365 * 86400
VIRTUAL: constant(uint256) = 10**6


@internal
@pure
def mul_div(a: uint256, b: uint256, d: uint256, up: bool) -> uint256:
    """a * b / d with a product of 512 bits."""
    assert d != 0
    low: uint256 = unsafe_mul(a, b)
    wrapped: uint256 = uint256_mulmod(a, b, max_value(uint256))
    high: uint256 = unsafe_sub(unsafe_sub(wrapped, low), convert(wrapped < low, uint256))
    rest: uint256 = uint256_mulmod(a, b, d)
    result: uint256 = 0
    if high == 0:
        result = unsafe_div(low, d)
    else:
        assert d > high
        high = unsafe_sub(high, convert(rest > low, uint256))
        low = unsafe_sub(low, rest)
        twos: uint256 = d & unsafe_add(~d, 1)
        odd: uint256 = unsafe_div(d, twos)
        low = unsafe_div(low, twos)
        low |= unsafe_mul(high, unsafe_add(unsafe_div(unsafe_sub(0, twos), twos), 1))
        inverse: uint256 = unsafe_mul(3, odd) ^ 2
        for i: uint256 in range(6):
            inverse = unsafe_mul(inverse, unsafe_sub(2, unsafe_mul(odd, inverse)))
        result = unsafe_mul(low, inverse)
    if up and rest != 0:
        result += 1
    return result


@internal
@pure
def div_up(a: uint256, b: uint256) -> uint256:
    assert b != 0
    return unsafe_add(unsafe_div(a, b), convert(a % b != 0, uint256))


@internal
@pure
def ray_mul_up(a: uint256, b: uint256) -> uint256:
    return self.div_up(a * b, RAY)


@internal
@pure
def ray_div_down(a: uint256, b: uint256) -> uint256:
    return a * RAY // b


@internal
@pure
def ray_div_up(a: uint256, b: uint256) -> uint256:
    return self.div_up(a * RAY, b)


@internal
@pure
def units_up(rays: uint256) -> uint256:
    return self.div_up(rays, RAY)


@internal
@pure
def percent_up(amount: uint256, bps: uint256) -> uint256:
    return self.div_up(amount * bps, WHOLE)


@internal
@pure
def percent_down(amount: uint256, bps: uint256) -> uint256:
    return amount * bps // WHOLE


@internal
@view
def linear_interest(rate: uint256, updated: uint256) -> uint256:
    assert updated <= block.timestamp
    return unsafe_add(unsafe_div(unsafe_mul(rate, block.timestamp - updated), YEAR), RAY)


@internal
@pure
def premium_ray(shares: uint256, offset: int256, index: uint256) -> uint256:
    return convert(convert(shares * index, int256) - offset, uint256)


@internal
@pure
def signed_sub(a: uint256, b: uint256) -> int256:
    return convert(a, int256) - convert(b, int256)


@internal
@pure
def add_signed(a: uint256, b: int256) -> uint256:
    if b >= 0:
        return a + convert(b, uint256)
    return a - convert(-b, uint256)


@internal
@pure
def to_assets(shares: uint256, assets: uint256, total: uint256, up: bool) -> uint256:
    return self.mul_div(shares, assets + VIRTUAL, total + VIRTUAL, up)


@internal
@pure
def to_shares(amount: uint256, assets: uint256, total: uint256, up: bool) -> uint256:
    return self.mul_div(amount, total + VIRTUAL, assets + VIRTUAL, up)
