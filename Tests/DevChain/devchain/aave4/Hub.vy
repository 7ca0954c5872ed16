# pragma version 0.4.3
"""
A hub as the protocol's: liquidity, supply shares, drawn and premium debt, fees, deficit. Written for the tests of
this project from reading aave/aave-v4 @cdacec50 src/hub; left out are caps, roles and the risk premium's threshold,
none of which enters a position's health. The rate strategy is part of the hub.
"""
from . import maths

interface ERC20:
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def balanceOf(account: address) -> uint256: view

struct Asset:
    liquidity: uint120
    realizedFees: uint120
    decimals: uint8
    addedShares: uint120
    swept: uint120
    premiumOffsetRay: int200
    drawnShares: uint120
    premiumShares: uint120
    liquidityFee: uint16
    drawnIndex: uint120
    drawnRate: uint96
    lastUpdateTimestamp: uint40
    underlying: address
    irStrategy: address
    reinvestmentController: address
    feeReceiver: address
    deficitRay: uint200

struct SpokeData:
    drawnShares: uint120
    premiumShares: uint120
    premiumOffsetRay: int200
    addedShares: uint120
    addCap: uint40
    drawCap: uint40
    riskPremiumThreshold: uint24
    active: bool
    halted: bool
    deficitRay: uint200

struct PremiumDelta:
    sharesDelta: int256
    offsetRayDelta: int256
    restoredPremiumRay: uint256

struct RateData:
    optimal: uint256
    base: uint256
    before: uint256
    after: uint256

HUB_REVISION: public(constant(uint64)) = 1
RAY: constant(uint256) = 10**27

admin: address
assetCount: public(uint256)
assets: HashMap[uint256, Asset]
spokes: HashMap[uint256, HashMap[address, SpokeData]]
rates: HashMap[uint256, RateData]


@deploy
def __init__():
    self.admin = msg.sender


# Configuration


@external
def addAsset(underlying: address, decimals: uint8, fee: uint16, feeReceiver: address, rates: RateData) -> uint256:
    assert msg.sender == self.admin and 6 <= decimals and decimals <= 18 and fee <= 10_000
    id: uint256 = self.assetCount
    self.assetCount = id + 1
    self.assets[id].underlying = underlying
    self.assets[id].decimals = decimals
    self.assets[id].liquidityFee = fee
    self.assets[id].feeReceiver = feeReceiver
    self.assets[id].irStrategy = self
    self.assets[id].reinvestmentController = self.admin
    self.assets[id].drawnIndex = convert(RAY, uint120)
    self.assets[id].lastUpdateTimestamp = convert(block.timestamp, uint40)
    self.spokes[id][feeReceiver].active = True
    self.rates[id] = rates
    self._update_rate(id)
    return id


@external
def addSpoke(id: uint256, spoke: address):
    assert msg.sender == self.admin
    self.spokes[id][spoke].active = True


@external
def updateSpokeConfig(id: uint256, spoke: address, active: bool, halted: bool):
    assert msg.sender == self.admin
    self.spokes[id][spoke].active = active
    self.spokes[id][spoke].halted = halted


@external
def updateAsset(id: uint256, fee: uint16, rates: RateData):
    assert msg.sender == self.admin and fee <= 10_000
    self._accrue(id)
    self.assets[id].liquidityFee = fee
    self.rates[id] = rates
    self._update_rate(id)


@external
def mintFeeShares(id: uint256):
    assert msg.sender == self.admin
    self._accrue(id)
    fees: uint256 = convert(self.assets[id].realizedFees, uint256)
    shares: uint120 = convert(self._to_shares(id, fees, False), uint120)
    if shares != 0:
        self.assets[id].addedShares += shares
        self.spokes[id][self.assets[id].feeReceiver].addedShares += shares
        self.assets[id].realizedFees = 0
    self._update_rate(id)


@external
def sweep(id: uint256, amount: uint256):
    assert msg.sender == self.admin
    self._accrue(id)
    self.assets[id].liquidity -= convert(amount, uint120)
    self.assets[id].swept += convert(amount, uint120)
    self._update_rate(id)
    assert extcall ERC20(self.assets[id].underlying).transfer(msg.sender, amount)


# What spokes do


@external
def add(id: uint256, amount: uint256) -> uint256:
    self._accrue(id)
    self._check(id)
    assert amount > 0
    liquidity: uint256 = convert(self.assets[id].liquidity, uint256) + amount
    assert staticcall ERC20(self.assets[id].underlying).balanceOf(self) >= liquidity
    shares: uint120 = convert(self._to_shares(id, amount, False), uint120)
    assert shares > 0
    self.assets[id].addedShares += shares
    self.spokes[id][msg.sender].addedShares += shares
    self.assets[id].liquidity = convert(liquidity, uint120)
    self._update_rate(id)
    return convert(shares, uint256)


@external
def remove(id: uint256, amount: uint256, to: address) -> uint256:
    self._accrue(id)
    self._check(id)
    assert amount > 0
    shares: uint120 = convert(self._to_shares(id, amount, True), uint120)
    self.assets[id].addedShares -= shares
    self.spokes[id][msg.sender].addedShares -= shares
    self.assets[id].liquidity -= convert(amount, uint120)
    self._update_rate(id)
    assert extcall ERC20(self.assets[id].underlying).transfer(to, amount)
    return convert(shares, uint256)


@external
def draw(id: uint256, amount: uint256, to: address) -> uint256:
    self._accrue(id)
    self._check(id)
    assert amount > 0
    shares: uint120 = convert(maths.ray_div_up(amount, self._index(id)), uint120)
    self.assets[id].drawnShares += shares
    self.spokes[id][msg.sender].drawnShares += shares
    self.assets[id].liquidity -= convert(amount, uint120)
    self._update_rate(id)
    assert extcall ERC20(self.assets[id].underlying).transfer(to, amount)
    return convert(shares, uint256)


@external
def restore(id: uint256, drawn: uint256, delta: PremiumDelta) -> uint256:
    self._accrue(id)
    self._check(id)
    assert drawn > 0 or delta.restoredPremiumRay > 0
    shares: uint120 = convert(maths.ray_div_down(drawn, self._index(id)), uint120)
    self.assets[id].drawnShares -= shares
    self.spokes[id][msg.sender].drawnShares -= shares
    self._apply(id, delta)
    liquidity: uint256 = convert(self.assets[id].liquidity, uint256) + drawn + maths.units_up(delta.restoredPremiumRay)
    assert staticcall ERC20(self.assets[id].underlying).balanceOf(self) >= liquidity
    self.assets[id].liquidity = convert(liquidity, uint120)
    self._update_rate(id)
    return convert(shares, uint256)


@external
def reportDeficit(id: uint256, drawn: uint256, delta: PremiumDelta):
    self._accrue(id)
    assert self.spokes[id][msg.sender].active
    shares: uint120 = convert(maths.ray_div_down(drawn, self._index(id)), uint120)
    self.assets[id].drawnShares -= shares
    self.spokes[id][msg.sender].drawnShares -= shares
    self._apply(id, delta)
    deficit: uint200 = convert(
        convert(shares, uint256) * convert(self.assets[id].drawnIndex, uint256) + delta.restoredPremiumRay, uint200)
    self.assets[id].deficitRay += deficit
    self.spokes[id][msg.sender].deficitRay += deficit
    self._update_rate(id)


@external
def refreshPremium(id: uint256, delta: PremiumDelta):
    self._accrue(id)
    assert self.spokes[id][msg.sender].active and delta.restoredPremiumRay == 0
    self._apply(id, delta)
    self._update_rate(id)


@external
def payFeeShares(id: uint256, shares: uint256):
    self._accrue(id)
    assert self.spokes[id][msg.sender].active and shares > 0
    self.spokes[id][msg.sender].addedShares -= convert(shares, uint120)
    self.spokes[id][self.assets[id].feeReceiver].addedShares += convert(shares, uint120)
    self._update_rate(id)


# Views


@external
@view
def getAsset(id: uint256) -> Asset:
    return self.assets[id]


@external
@view
def getSpoke(id: uint256, spoke: address) -> SpokeData:
    return self.spokes[id][spoke]


@external
@view
def getAssetUnderlyingAndDecimals(id: uint256) -> (address, uint8):
    return self.assets[id].underlying, self.assets[id].decimals


@external
@view
def getAssetDrawnIndex(id: uint256) -> uint256:
    return self._index(id)


@external
@view
def getAddedAssets(id: uint256) -> uint256:
    return self._total_assets(id)


@external
@view
def previewRemoveByShares(id: uint256, shares: uint256) -> uint256:
    return maths.to_assets(shares, self._total_assets(id), convert(self.assets[id].addedShares, uint256), False)


@external
@view
def previewAddByShares(id: uint256, shares: uint256) -> uint256:
    return maths.to_assets(shares, self._total_assets(id), convert(self.assets[id].addedShares, uint256), True)


@external
@view
def previewAddByAssets(id: uint256, amount: uint256) -> uint256:
    return self._to_shares(id, amount, False)


# Inside


@internal
@view
def _check(id: uint256):
    assert self.spokes[id][msg.sender].active and not self.spokes[id][msg.sender].halted


@internal
@view
def _index(id: uint256) -> uint256:
    stored: uint256 = convert(self.assets[id].drawnIndex, uint256)
    updated: uint256 = convert(self.assets[id].lastUpdateTimestamp, uint256)
    if updated == block.timestamp or (self.assets[id].drawnShares == 0 and self.assets[id].premiumShares == 0):
        return stored
    return maths.ray_mul_up(stored, maths.linear_interest(convert(self.assets[id].drawnRate, uint256), updated))


@internal
@view
def _owed_ray(id: uint256, index: uint256) -> uint256:
    premium: uint256 = maths.premium_ray(
        convert(self.assets[id].premiumShares, uint256), convert(self.assets[id].premiumOffsetRay, int256), index)
    return convert(self.assets[id].drawnShares, uint256) * index + premium + convert(self.assets[id].deficitRay, uint256)


@internal
@view
def _unrealized_fees(id: uint256, index: uint256) -> uint256:
    stored: uint256 = convert(self.assets[id].drawnIndex, uint256)
    fee: uint256 = convert(self.assets[id].liquidityFee, uint256)
    if stored == index or fee == 0:
        return 0
    after: uint256 = maths.units_up(self._owed_ray(id, index))
    return maths.percent_down(after - maths.units_up(self._owed_ray(id, stored)), fee)


@internal
@view
def _total_assets(id: uint256) -> uint256:
    index: uint256 = self._index(id)
    liquid: uint256 = convert(self.assets[id].liquidity, uint256) + convert(self.assets[id].swept, uint256)
    owed: uint256 = maths.units_up(self._owed_ray(id, index))
    return liquid + owed - convert(self.assets[id].realizedFees, uint256) - self._unrealized_fees(id, index)


@internal
@view
def _to_shares(id: uint256, amount: uint256, up: bool) -> uint256:
    return maths.to_shares(amount, self._total_assets(id), convert(self.assets[id].addedShares, uint256), up)


@internal
def _accrue(id: uint256):
    if convert(self.assets[id].lastUpdateTimestamp, uint256) == block.timestamp:
        return
    index: uint256 = self._index(id)
    self.assets[id].realizedFees += convert(self._unrealized_fees(id, index), uint120)
    self.assets[id].drawnIndex = convert(index, uint120)
    self.assets[id].lastUpdateTimestamp = convert(block.timestamp, uint40)


@internal
def _update_rate(id: uint256):
    index: uint256 = convert(self.assets[id].drawnIndex, uint256)
    drawn: uint256 = maths.ray_mul_up(convert(self.assets[id].drawnShares, uint256), index)
    data: RateData = self.rates[id]
    rate: uint256 = data.base * 10**23
    if drawn != 0:
        whole: uint256 = convert(self.assets[id].liquidity, uint256) + drawn + convert(self.assets[id].swept, uint256)
        usage: uint256 = maths.ray_div_up(drawn, whole)
        optimal: uint256 = data.optimal * 10**23
        if usage <= optimal:
            rate += maths.ray_div_up(maths.ray_mul_up(data.before * 10**23, usage), optimal)
        else:
            above: uint256 = maths.ray_mul_up(data.after * 10**23, usage - optimal)
            rate += data.before * 10**23 + maths.ray_div_up(above, RAY - optimal)
    self.assets[id].drawnRate = convert(rate, uint96)


@internal
def _apply(id: uint256, delta: PremiumDelta):
    index: uint256 = convert(self.assets[id].drawnIndex, uint256)
    shares: uint256 = convert(self.assets[id].premiumShares, uint256)
    offset: int256 = convert(self.assets[id].premiumOffsetRay, int256)
    after: uint256 = maths.add_signed(shares, delta.sharesDelta)
    moved: int256 = offset + delta.offsetRayDelta
    assert maths.premium_ray(after, moved, index) + delta.restoredPremiumRay == maths.premium_ray(shares, offset, index)
    self.assets[id].premiumShares = convert(after, uint120)
    self.assets[id].premiumOffsetRay = convert(moved, int200)
    own: uint256 = convert(self.spokes[id][msg.sender].premiumShares, uint256)
    self.spokes[id][msg.sender].premiumShares = convert(maths.add_signed(own, delta.sharesDelta), uint120)
    own_offset: int256 = convert(self.spokes[id][msg.sender].premiumOffsetRay, int256)
    self.spokes[id][msg.sender].premiumOffsetRay = convert(own_offset + delta.offsetRayDelta, int200)
