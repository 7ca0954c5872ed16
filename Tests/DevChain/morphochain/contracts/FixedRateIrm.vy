# pragma version 0.4.3
# A rate model that is not the adaptive curve: one rate for every market.

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

rate: uint256


@deploy
def __init__(rate: uint256):
    self.rate = rate


@view
@external
def borrowRateView(params: MarketParams, market: Market) -> uint256:
    return self.rate


@external
def borrowRate(params: MarketParams, market: Market) -> uint256:
    return self.rate
