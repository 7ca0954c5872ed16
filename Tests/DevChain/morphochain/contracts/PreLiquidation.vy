# pragma version 0.4.3
# Written for tests from reading morpho-org/pre-liquidation src/PreLiquidation.sol: the same numbers, without callbacks,
# and by shares alone.

struct MarketParams:
    loanToken: address
    collateralToken: address
    oracle: address
    irm: address
    lltv: uint256

struct Terms:
    preLltv: uint256
    preLCF1: uint256
    preLCF2: uint256
    preLIF1: uint256
    preLIF2: uint256
    preLiquidationOracle: address

interface Morpho:
    def accrueInterest(params: MarketParams): nonpayable
    def market(id: bytes32) -> (uint128, uint128, uint128, uint128, uint128, uint128): nonpayable
    def position(id: bytes32, user: address) -> (uint256, uint128, uint128): nonpayable
    def repay(params: MarketParams, assets: uint256, shares: uint256, onBehalf: address, data: Bytes[64]) -> (uint256, uint256): nonpayable
    def withdrawCollateral(params: MarketParams, assets: uint256, onBehalf: address, receiver: address): nonpayable

interface Oracle:
    def price() -> uint256: view

interface Token:
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable

WAD: constant(uint256) = 10**18
SCALE: constant(uint256) = 10**36

morpho: address
params: MarketParams
terms: Terms
ID: public(bytes32)


@deploy
def __init__(morpho: address, params: MarketParams, terms: Terms):
    self.morpho = morpho
    self.params = params
    self.terms = terms
    self.ID = keccak256(abi_encode(params))


@view
@external
def preLiquidationParams() -> Terms:
    return self.terms


@pure
@internal
def _up(x: uint256, y: uint256, d: uint256) -> uint256:
    return (x * y + (d - 1)) // d


@external
def preLiquidate(borrower: address, seizedAssets: uint256, repaidShares: uint256, data: Bytes[64]) -> (uint256, uint256):
    assert seizedAssets == 0 and repaidShares > 0 and len(data) == 0
    t: Terms = self.terms
    lltv: uint256 = self.params.lltv
    extcall Morpho(self.morpho).accrueInterest(self.params)
    m: uint128[6] = empty(uint128[6])
    m[0], m[1], m[2], m[3], m[4], m[5] = extcall Morpho(self.morpho).market(self.ID)
    assets: uint256 = convert(m[2], uint256)
    total: uint256 = convert(m[3], uint256)
    supplied: uint256 = 0
    shares: uint128 = 0
    collateral: uint128 = 0
    supplied, shares, collateral = extcall Morpho(self.morpho).position(self.ID, borrower)
    price: uint256 = staticcall Oracle(t.preLiquidationOracle).price()
    quoted: uint256 = convert(collateral, uint256) * price // SCALE
    borrowed: uint256 = self._up(convert(shares, uint256), assets + 1, total + 10**6)
    assert borrowed <= quoted * lltv // WAD, "liquidatable position"
    assert borrowed > quoted * t.preLltv // WAD, "not pre-liquidatable position"
    quotient: uint256 = (self._up(borrowed, WAD, quoted) - t.preLltv) * WAD // (lltv - t.preLltv)
    factor: uint256 = quotient * (t.preLIF2 - t.preLIF1) // WAD + t.preLIF1
    seized: uint256 = repaidShares * (assets + 1) // (total + 10**6) * factor // WAD * SCALE // price
    closing: uint256 = quotient * (t.preLCF2 - t.preLCF1) // WAD + t.preLCF1
    assert repaidShares <= convert(shares, uint256) * closing // WAD, "pre-liquidation too large"
    cost: uint256 = self._up(repaidShares, assets + 1, total + 10**6)
    extcall Token(self.params.loanToken).transferFrom(msg.sender, self, cost)
    extcall Morpho(self.morpho).repay(self.params, 0, repaidShares, borrower, b"")
    extcall Morpho(self.morpho).withdrawCollateral(self.params, seized, borrower, msg.sender)
    return seized, cost
