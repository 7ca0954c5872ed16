# pragma version 0.4.3
# Written for tests from reading morpho-org/morpho-blue-irm src/adaptive-curve-irm/AdaptiveCurveIrm.sol and ExpLib.sol.

struct MarketParams:
    loanToken: address
    collateralToken: address
    oracle: address
    irm: address
    lltv: uint256

struct Market:
    totalSupplyAssets: uint128
    totalSupplyShares: uint128
    totalBorrowAssets: uint128
    totalBorrowShares: uint128
    lastUpdate: uint128
    fee: uint128

event BorrowRateUpdate:
    id: indexed(bytes32)
    avgBorrowRate: uint256
    rateAtTarget: uint256

WAD: constant(int256) = 10**18
YEAR: constant(int256) = 365 * 86400
SPEED: constant(int256) = 50 * 10**18 // YEAR
TARGET: constant(int256) = 9 * 10**17
STEEPNESS: constant(int256) = 4 * 10**18
FIRST: constant(int256) = 4 * 10**16 // YEAR
LEAST: constant(int256) = 10**15 // YEAR
MOST: constant(int256) = 2 * 10**18 // YEAR
LN2: constant(int256) = 693147180559945309

LIBRARY: immutable(address)
_MORPHO: immutable(address)


@deploy
def __init__(library: address, morpho: address):
    LIBRARY = library
    _MORPHO = morpho


@external
def MORPHO() -> address:
    return _MORPHO


@internal
def _slot(id: bytes32) -> bytes32:
    return keccak256(concat(id, empty(bytes32)))


@internal
def _rate(id: bytes32) -> int256:
    answer: Bytes[32] = raw_call(LIBRARY, abi_encode(self._slot(id)), max_outsize=32, is_delegate_call=True)
    return convert(convert(answer, uint256), int256)


@external
def rateAtTarget(id: bytes32) -> int256:
    return self._rate(id)


@pure
@internal
def _mul(x: int256, y: int256) -> int256:
    return x * y // WAD


@pure
@internal
def _exp(x: int256) -> int256:
    if x < -41446531673892822312:
        return 0
    if x >= 93859467695000404319:
        return 57716089161558943949701069502944508345128422502756744429568
    adjustment: int256 = LN2 // 2
    if x < 0:
        adjustment = -(LN2 // 2)
    q: int256 = (x + adjustment) // LN2
    r: int256 = x - q * LN2
    e: int256 = WAD + r + r * r // WAD // 2
    if q >= 0:
        return e << convert(q, uint256)
    return e >> convert(-q, uint256)


@pure
@internal
def _new(start: int256, linear: int256) -> int256:
    return max(min(self._mul(start, self._exp(linear)), MOST), LEAST)


@internal
def _borrowRate(id: bytes32, market: Market) -> (uint256, int256):
    utilization: int256 = 0
    if market.totalSupplyAssets > 0:
        utilization = convert(
            convert(market.totalBorrowAssets, uint256) * 10**18 // convert(market.totalSupplyAssets, uint256), int256)
    norm: int256 = TARGET
    if utilization > TARGET:
        norm = WAD - TARGET
    err: int256 = (utilization - TARGET) * WAD // norm
    start: int256 = self._rate(id)
    average: int256 = FIRST
    end: int256 = FIRST
    if start != 0:
        speed: int256 = self._mul(SPEED, err)
        elapsed: int256 = convert(block.timestamp - convert(market.lastUpdate, uint256), int256)
        linear: int256 = speed * elapsed
        if linear == 0:
            average = start
            end = start
        else:
            end = self._new(start, linear)
            mid: int256 = self._new(start, linear // 2)
            average = (start + end + 2 * mid) // 4
    coefficient: int256 = STEEPNESS - WAD
    if err < 0:
        coefficient = WAD - WAD * WAD // STEEPNESS
    return convert(self._mul(self._mul(coefficient, err) + WAD, average), uint256), end


@external
def borrowRateView(params: MarketParams, market: Market) -> uint256:
    rate: uint256 = 0
    end: int256 = 0
    rate, end = self._borrowRate(keccak256(abi_encode(params)), market)
    return rate


@external
def borrowRate(params: MarketParams, market: Market) -> uint256:
    assert msg.sender == _MORPHO, "not Morpho"
    id: bytes32 = keccak256(abi_encode(params))
    rate: uint256 = 0
    end: int256 = 0
    rate, end = self._borrowRate(id, market)
    raw_call(LIBRARY, concat(self._slot(id), convert(end, bytes32), b"\x01"), is_delegate_call=True)
    log BorrowRateUpdate(id=id, avgBorrowRate=rate, rateAtTarget=convert(end, uint256))
    return rate
