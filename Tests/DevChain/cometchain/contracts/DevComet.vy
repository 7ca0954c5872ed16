# pragma version 0.4.3
# A Comet for tests, written from what compound-finance/comet contracts/Comet.sol, CometWithExtendedAssetList.sol,
# CometCore.sol and CometExt.sol@d5a30b0a do, and for the service patch from woof-software/comet@852226c4.
# One contract for all generations; governance, signatures and reentrancy guards are left out.

interface Feed:
    def latestRoundData() -> (uint80, int256, uint256, uint256, uint80): view

interface Token:
    def balanceOf(owner: address) -> uint256: view
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable

struct AssetInfo:
    offset: uint8
    asset: address
    priceFeed: address
    scale: uint64
    borrowCollateralFactor: uint64
    liquidateCollateralFactor: uint64
    liquidationFactor: uint64
    supplyCap: uint128

struct Configuration:
    baseToken: address
    baseTokenPriceFeed: address
    baseScale: uint256
    baseBorrowMin: uint256
    targetReserves: uint256
    storeFrontPriceFactor: uint256
    supplyKink: uint256
    supplySlopeLow: uint256
    supplySlopeHigh: uint256
    supplyBase: uint256
    borrowKink: uint256
    borrowSlopeLow: uint256
    borrowSlopeHigh: uint256
    borrowBase: uint256
    trackingIndexScale: uint256
    trackingSupplySpeed: uint256
    trackingBorrowSpeed: uint256
    minForRewards: uint256

struct UserBasic:
    principal: int104
    baseTrackingIndex: uint64
    baseTrackingAccrued: uint64
    assetsIn: uint16
    reserved: uint8

struct TotalsBasic:
    baseSupplyIndex: uint64
    baseBorrowIndex: uint64
    trackingSupplyIndex: uint64
    trackingBorrowIndex: uint64
    totalSupplyBase: uint104
    totalBorrowBase: uint104
    lastAccrualTime: uint40
    pauseFlags: uint8

event Supply:
    sender: indexed(address)
    dst: indexed(address)
    amount: uint256

event Transfer:
    sender: indexed(address)
    to: indexed(address)
    amount: uint256

event Withdraw:
    src: indexed(address)
    to: indexed(address)
    amount: uint256

event SupplyCollateral:
    sender: indexed(address)
    dst: indexed(address)
    asset: indexed(address)
    amount: uint256

event TransferCollateral:
    sender: indexed(address)
    to: indexed(address)
    asset: indexed(address)
    amount: uint256

event WithdrawCollateral:
    src: indexed(address)
    to: indexed(address)
    asset: indexed(address)
    amount: uint256

event AbsorbDebt:
    absorber: indexed(address)
    borrower: indexed(address)
    basePaidOut: uint256
    usdValue: uint256

event AbsorbCollateral:
    absorber: indexed(address)
    borrower: indexed(address)
    asset: indexed(address)
    collateralAbsorbed: uint256
    usdValue: uint256

event BuyCollateral:
    buyer: indexed(address)
    asset: indexed(address)
    baseAmount: uint256
    collateralAmount: uint256

FACTOR: constant(uint256) = 10**18
INDEX: constant(uint256) = 10**15

generation: uint8
config: Configuration
assets: DynArray[AssetInfo, 24]
totals: TotalsBasic
users: HashMap[address, UserBasic]
held: HashMap[address, HashMap[address, uint128]]
totalHeld: HashMap[address, uint128]
isAllowed: public(HashMap[address, HashMap[address, bool]])


@deploy
def __init__(generation: uint8, config: Configuration, assets: DynArray[AssetInfo, 24]):
    self.generation = generation
    self.config = config
    self.assets = assets
    self.totals.baseSupplyIndex = convert(INDEX, uint64)
    self.totals.baseBorrowIndex = convert(INDEX, uint64)
    self.totals.lastAccrualTime = convert(block.timestamp, uint40)


# Configuration

@external
@view
def numAssets() -> uint8: return convert(len(self.assets), uint8)
@external
@view
def baseToken() -> address: return self.config.baseToken
@external
@view
def baseTokenPriceFeed() -> address: return self.config.baseTokenPriceFeed
@external
@view
def baseScale() -> uint256: return self.config.baseScale
@external
@view
def baseBorrowMin() -> uint256: return self.config.baseBorrowMin
@external
@view
def targetReserves() -> uint256: return self.config.targetReserves
@external
@view
def storeFrontPriceFactor() -> uint256: return self.config.storeFrontPriceFactor
@external
@view
def supplyKink() -> uint256: return self.config.supplyKink
@external
@view
def supplyPerSecondInterestRateSlopeLow() -> uint256: return self.config.supplySlopeLow
@external
@view
def supplyPerSecondInterestRateSlopeHigh() -> uint256: return self.config.supplySlopeHigh
@external
@view
def supplyPerSecondInterestRateBase() -> uint256: return self.config.supplyBase
@external
@view
def borrowKink() -> uint256: return self.config.borrowKink
@external
@view
def borrowPerSecondInterestRateSlopeLow() -> uint256: return self.config.borrowSlopeLow
@external
@view
def borrowPerSecondInterestRateSlopeHigh() -> uint256: return self.config.borrowSlopeHigh
@external
@view
def borrowPerSecondInterestRateBase() -> uint256: return self.config.borrowBase
@external
@view
def baseTrackingSupplySpeed() -> uint256: return self.config.trackingSupplySpeed
@external
@view
def baseTrackingBorrowSpeed() -> uint256: return self.config.trackingBorrowSpeed
@external
@view
def baseMinForRewards() -> uint256: return self.config.minForRewards
@external
@view
def extensionDelegate() -> address: return self

@external
@view
def assetList() -> address:
    assert self.generation > 0
    return self

@external
@view
def maxAssets() -> uint8:
    return 24 if self.generation > 0 else 15

@external
@view
def MAX_SUPPORTED_UTILIZATION() -> uint256:
    assert self.generation > 1
    return 2 * FACTOR

@external
@view
def getAssetInfo(i: uint8) -> AssetInfo:
    return self.assets[i]


# Arithmetic

@internal
@pure
def _mulFactor(n: uint256, factor: uint256) -> uint256:
    return n * factor // FACTOR

@internal
@view
def _price(feed: address) -> uint256:
    a: uint80 = 0
    price: int256 = 0
    b: uint256 = 0
    c: uint256 = 0
    d: uint80 = 0
    a, price, b, c, d = staticcall Feed(feed).latestRoundData()
    assert price > 0, "BadPrice"
    return convert(price, uint256)

@internal
@pure
def _supplyValue(index: uint64, principal: uint104) -> uint256:
    return convert(principal, uint256) * convert(index, uint256) // INDEX

@internal
@view
def _presentValue(principal: int104) -> int256:
    if principal >= 0:
        return convert(self._supplyValue(self.totals.baseSupplyIndex, convert(principal, uint104)), int256)
    return -convert(self._supplyValue(self.totals.baseBorrowIndex, convert(-principal, uint104)), int256)

@internal
@view
def _principalValue(worth: int256) -> int104:
    if worth >= 0:
        return convert(convert(worth, uint256) * INDEX // convert(self.totals.baseSupplyIndex, uint256), int104)
    index: uint256 = convert(self.totals.baseBorrowIndex, uint256)
    return -convert((convert(-worth, uint256) * INDEX + index - 1) // index, int104)

@internal
@view
def _utilization() -> uint256:
    supplied: uint256 = self._supplyValue(self.totals.baseSupplyIndex, self.totals.totalSupplyBase)
    borrowed: uint256 = self._supplyValue(self.totals.baseBorrowIndex, self.totals.totalBorrowBase)
    if supplied == 0:
        return 0
    return borrowed * FACTOR // supplied

@internal
@view
def _rate(u: uint256, kink: uint256, low: uint256, high: uint256, base: uint256) -> uint256:
    rate: uint256 = 0
    if u <= kink:
        rate = base + self._mulFactor(low, u)
    else:
        rate = base + self._mulFactor(low, kink) + self._mulFactor(high, u - kink)
    assert rate < 2**64
    return rate

@internal
@view
def _supplyRate(u: uint256) -> uint256:
    if self.generation > 1:
        if self.totals.totalSupplyBase == 0:
            return 0
        if u == 0 and self._supplyValue(self.totals.baseSupplyIndex, self.totals.totalSupplyBase) >= staticcall Token(self.config.baseToken).balanceOf(self):
            return 0
    return self._rate(u, self.config.supplyKink, self.config.supplySlopeLow, self.config.supplySlopeHigh, self.config.supplyBase)

@internal
@view
def _borrowRate(u: uint256) -> uint256:
    if self.generation > 1 and self.totals.totalBorrowBase == 0:
        return 0
    return self._rate(u, self.config.borrowKink, self.config.borrowSlopeLow, self.config.borrowSlopeHigh, self.config.borrowBase)

@internal
@view
def _accrued() -> (uint64, uint64):
    supplyIndex: uint64 = self.totals.baseSupplyIndex
    borrowIndex: uint64 = self.totals.baseBorrowIndex
    elapsed: uint256 = block.timestamp - convert(self.totals.lastAccrualTime, uint256)
    if elapsed > 0:
        u: uint256 = self._utilization()
        supplyIndex += convert(self._mulFactor(convert(supplyIndex, uint256), self._supplyRate(u) * elapsed), uint64)
        borrowIndex += convert(self._mulFactor(convert(borrowIndex, uint256), self._borrowRate(u) * elapsed), uint64)
    return supplyIndex, borrowIndex

@internal
def _accrue():
    elapsed: uint256 = block.timestamp - convert(self.totals.lastAccrualTime, uint256)
    if elapsed == 0:
        return
    supplyIndex: uint64 = 0
    borrowIndex: uint64 = 0
    supplyIndex, borrowIndex = self._accrued()
    self.totals.baseSupplyIndex = supplyIndex
    self.totals.baseBorrowIndex = borrowIndex
    supplied: uint256 = convert(self.totals.totalSupplyBase, uint256)
    borrowed: uint256 = convert(self.totals.totalBorrowBase, uint256)
    if supplied >= self.config.minForRewards:
        self.totals.trackingSupplyIndex += convert(self.config.trackingSupplySpeed * elapsed * self.config.baseScale // supplied, uint64)
    if borrowed >= self.config.minForRewards:
        self.totals.trackingBorrowIndex += convert(self.config.trackingBorrowSpeed * elapsed * self.config.baseScale // borrowed, uint64)
    self.totals.lastAccrualTime = convert(block.timestamp, uint40)

@internal
@view
def _isIn(basic: UserBasic, i: uint256) -> bool:
    if i < 16:
        return (convert(basic.assetsIn, uint256) >> i) & 1 == 1
    return (convert(basic.reserved, uint256) >> (i - 16)) & 1 == 1

@internal
@view
def _isBelow(account: address, borrowing: bool) -> bool:
    basic: UserBasic = self.users[account]
    if basic.principal >= 0:
        return False
    liquidity: int256 = self._presentValue(basic.principal) * convert(self._price(self.config.baseTokenPriceFeed), int256) // convert(self.config.baseScale, int256)
    for i: uint256 in range(24):
        if i >= len(self.assets):
            break
        if not self._isIn(basic, i):
            continue
        if liquidity >= 0:
            return False
        asset: AssetInfo = self.assets[i]
        factor: uint256 = convert(asset.borrowCollateralFactor if borrowing else asset.liquidateCollateralFactor, uint256)
        if self.generation > 1 and factor == 0:
            continue
        worth: uint256 = convert(self.held[account][asset.asset], uint256) * self._price(asset.priceFeed) // convert(asset.scale, uint256)
        liquidity += convert(self._mulFactor(worth, factor), int256)
    return liquidity < 0


# Views

@external
@view
def totalsBasic() -> TotalsBasic: return self.totals

@external
@view
def userBasic(account: address) -> (int104, uint64, uint64, uint16, uint8):
    basic: UserBasic = self.users[account]
    return basic.principal, basic.baseTrackingIndex, basic.baseTrackingAccrued, basic.assetsIn, basic.reserved

@external
@view
def userCollateral(account: address, asset: address) -> (uint128, uint128):
    return self.held[account][asset], 0

@external
@view
def totalsCollateral(asset: address) -> (uint128, uint128):
    return self.totalHeld[asset], 0

@external
@view
def getPrice(feed: address) -> uint256: return self._price(feed)

@external
@view
def getUtilization() -> uint256: return self._utilization()

@external
@view
def isLiquidatable(account: address) -> bool: return self._isBelow(account, False)

@external
@view
def isBorrowCollateralized(account: address) -> bool: return not self._isBelow(account, True)

@external
@view
def borrowBalanceOf(account: address) -> uint256:
    a: uint64 = 0
    index: uint64 = 0
    a, index = self._accrued()
    principal: int104 = self.users[account].principal
    if principal >= 0:
        return 0
    return self._supplyValue(index, convert(-principal, uint104))

@internal
@view
def _balanceOf(account: address) -> uint256:
    index: uint64 = 0
    b: uint64 = 0
    index, b = self._accrued()
    principal: int104 = self.users[account].principal
    if principal <= 0:
        return 0
    return self._supplyValue(index, convert(principal, uint104))

@external
@view
def balanceOf(account: address) -> uint256: return self._balanceOf(account)

@internal
@view
def _reserves() -> int256:
    a: uint64 = 0
    b: uint64 = 0
    a, b = self._accrued()
    balance: uint256 = staticcall Token(self.config.baseToken).balanceOf(self)
    return convert(balance, int256) - convert(self._supplyValue(a, self.totals.totalSupplyBase), int256) + convert(self._supplyValue(b, self.totals.totalBorrowBase), int256)

@external
@view
def getReserves() -> int256: return self._reserves()

@internal
@view
def _collateralReserves(asset: address) -> uint256:
    return staticcall Token(asset).balanceOf(self) - convert(self.totalHeld[asset], uint256)

@external
@view
def getCollateralReserves(asset: address) -> uint256: return self._collateralReserves(asset)

@internal
@view
def _info(asset: address) -> AssetInfo:
    for i: uint256 in range(24):
        if i >= len(self.assets):
            break
        if self.assets[i].asset == asset:
            return self.assets[i]
    raise "BadAsset"

@internal
@view
def _quote(asset: address, baseAmount: uint256) -> uint256:
    info: AssetInfo = self._info(asset)
    price: uint256 = self._price(info.priceFeed)
    if self.generation < 2 or info.liquidationFactor != 0:
        discount: uint256 = self._mulFactor(self.config.storeFrontPriceFactor, FACTOR - convert(info.liquidationFactor, uint256))
        price = self._mulFactor(price, FACTOR - discount)
    basePrice: uint256 = self._price(self.config.baseTokenPriceFeed)
    return basePrice * baseAmount * convert(info.scale, uint256) // price // self.config.baseScale

@external
@view
def quoteCollateral(asset: address, baseAmount: uint256) -> uint256: return self._quote(asset, baseAmount)


# Actions

@internal
def _updatePrincipal(account: address, principalNew: int104):
    basic: UserBasic = self.users[account]
    index: uint64 = self.totals.trackingSupplyIndex if basic.principal >= 0 else self.totals.trackingBorrowIndex
    size: uint256 = convert(abs(convert(basic.principal, int256)), uint256)
    delta: uint256 = convert(index - basic.baseTrackingIndex, uint256)
    descale: uint256 = self.config.baseScale // 10**6
    basic.baseTrackingAccrued += convert(size * delta // self.config.trackingIndexScale // descale, uint64)
    basic.principal = principalNew
    basic.baseTrackingIndex = self.totals.trackingSupplyIndex if principalNew >= 0 else self.totals.trackingBorrowIndex
    self.users[account] = basic

@internal
@pure
def _repayAndSupply(old: int104, new: int104) -> (uint104, uint104):
    if new < old:
        return 0, 0
    if new <= 0:
        return convert(new - old, uint104), 0
    if old >= 0:
        return 0, convert(new - old, uint104)
    return convert(-old, uint104), convert(new, uint104)

@internal
@pure
def _withdrawAndBorrow(old: int104, new: int104) -> (uint104, uint104):
    if new > old:
        return 0, 0
    if new >= 0:
        return convert(old - new, uint104), 0
    if old <= 0:
        return 0, convert(old - new, uint104)
    return convert(old, uint104), convert(-new, uint104)

@internal
def _updateAssetsIn(account: address, offset: uint256, before: uint128, after: uint128):
    if before == 0 and after != 0:
        if offset < 16:
            self.users[account].assetsIn |= convert(1 << offset, uint16)
        else:
            self.users[account].reserved |= convert(1 << (offset - 16), uint8)
    elif before != 0 and after == 0:
        if offset < 16:
            self.users[account].assetsIn &= 65535 ^ convert(1 << offset, uint16)
        else:
            self.users[account].reserved &= 255 ^ convert(1 << (offset - 16), uint8)

@internal
@view
def _permitted(owner: address, operator: address):
    assert owner == operator or self.isAllowed[owner][operator], "Unauthorized"

@internal
@view
def _checkDebt(src: address, balance: int256):
    if balance < 0:
        assert convert(-balance, uint256) >= self.config.baseBorrowMin, "BorrowTooSmall"
        assert not self._isBelow(src, True), "NotCollateralized"

@external
def allow(manager: address, isAllowed_: bool):
    self.isAllowed[msg.sender][manager] = isAllowed_

@external
def pause(flags: uint8):
    self.totals.pauseFlags = flags

@external
def accrueAccount(account: address):
    self._accrue()
    self._updatePrincipal(account, self.users[account].principal)

@external
def supplyFrom(sender: address, dst: address, asset: address, given: uint256):
    assert self.totals.pauseFlags & 1 == 0, "Paused"
    self._permitted(sender, msg.sender)
    amount: uint256 = given
    if asset == self.config.baseToken:
        if amount == max_value(uint256):
            a: uint64 = 0
            index: uint64 = 0
            a, index = self._accrued()
            amount = 0
            if self.users[dst].principal < 0:
                amount = self._supplyValue(index, convert(-self.users[dst].principal, uint104))
        extcall Token(asset).transferFrom(sender, self, amount)
        self._accrue()
        old: int104 = self.users[dst].principal
        new: int104 = self._principalValue(self._presentValue(old) + convert(amount, int256))
        repaid: uint104 = 0
        supplied: uint104 = 0
        repaid, supplied = self._repayAndSupply(old, new)
        self.totals.totalSupplyBase += supplied
        self.totals.totalBorrowBase -= repaid
        self._updatePrincipal(dst, new)
        log Supply(sender=sender, dst=dst, amount=amount)
        if supplied > 0:
            log Transfer(sender=empty(address), to=dst, amount=self._supplyValue(self.totals.baseSupplyIndex, supplied))
        return
    if self.generation > 1:
        self._accrue()
    extcall Token(asset).transferFrom(sender, self, amount)
    info: AssetInfo = self._info(asset)
    self.totalHeld[asset] += convert(amount, uint128)
    assert self.totalHeld[asset] <= info.supplyCap, "SupplyCapExceeded"
    before: uint128 = self.held[dst][asset]
    self.held[dst][asset] = before + convert(amount, uint128)
    self._updateAssetsIn(dst, convert(info.offset, uint256), before, self.held[dst][asset])
    log SupplyCollateral(sender=sender, dst=dst, asset=asset, amount=amount)

@external
def transferAssetFrom(src: address, dst: address, asset: address, given: uint256):
    assert self.totals.pauseFlags & 2 == 0, "Paused"
    self._permitted(src, msg.sender)
    assert src != dst, "NoSelfTransfer"
    amount: uint256 = given
    if asset == self.config.baseToken:
        if amount == max_value(uint256):
            amount = self._balanceOf(src)
        self._accrue()
        srcOld: int104 = self.users[src].principal
        dstOld: int104 = self.users[dst].principal
        srcBalance: int256 = self._presentValue(srcOld) - convert(amount, int256)
        srcNew: int104 = self._principalValue(srcBalance)
        dstNew: int104 = self._principalValue(self._presentValue(dstOld) + convert(amount, int256))
        withdrawn: uint104 = 0
        borrowed: uint104 = 0
        repaid: uint104 = 0
        supplied: uint104 = 0
        withdrawn, borrowed = self._withdrawAndBorrow(srcOld, srcNew)
        repaid, supplied = self._repayAndSupply(dstOld, dstNew)
        self.totals.totalSupplyBase = self.totals.totalSupplyBase + supplied - withdrawn
        self.totals.totalBorrowBase = self.totals.totalBorrowBase + borrowed - repaid
        self._updatePrincipal(src, srcNew)
        self._updatePrincipal(dst, dstNew)
        self._checkDebt(src, srcBalance)
        if withdrawn > 0:
            log Transfer(sender=src, to=empty(address), amount=self._supplyValue(self.totals.baseSupplyIndex, withdrawn))
        if supplied > 0:
            log Transfer(sender=empty(address), to=dst, amount=self._supplyValue(self.totals.baseSupplyIndex, supplied))
        return
    info: AssetInfo = self._info(asset)
    srcHeld: uint128 = self.held[src][asset]
    dstHeld: uint128 = self.held[dst][asset]
    moved: uint128 = convert(amount, uint128)
    self.held[src][asset] = srcHeld - moved
    self.held[dst][asset] = dstHeld + moved
    self._updateAssetsIn(src, convert(info.offset, uint256), srcHeld, srcHeld - moved)
    self._updateAssetsIn(dst, convert(info.offset, uint256), dstHeld, dstHeld + moved)
    assert not self._isBelow(src, True), "NotCollateralized"
    log TransferCollateral(sender=src, to=dst, asset=asset, amount=amount)

@external
def withdrawFrom(src: address, to: address, asset: address, given: uint256):
    assert self.totals.pauseFlags & 4 == 0, "Paused"
    self._permitted(src, msg.sender)
    amount: uint256 = given
    if asset == self.config.baseToken:
        if amount == max_value(uint256):
            amount = self._balanceOf(src)
        self._accrue()
        old: int104 = self.users[src].principal
        balance: int256 = self._presentValue(old) - convert(amount, int256)
        new: int104 = self._principalValue(balance)
        withdrawn: uint104 = 0
        borrowed: uint104 = 0
        withdrawn, borrowed = self._withdrawAndBorrow(old, new)
        self.totals.totalSupplyBase -= withdrawn
        self.totals.totalBorrowBase += borrowed
        self._updatePrincipal(src, new)
        self._checkDebt(src, balance)
        extcall Token(asset).transfer(to, amount)
        log Withdraw(src=src, to=to, amount=amount)
        if withdrawn > 0:
            log Transfer(sender=src, to=empty(address), amount=self._supplyValue(self.totals.baseSupplyIndex, withdrawn))
        return
    info: AssetInfo = self._info(asset)
    before: uint128 = self.held[src][asset]
    after: uint128 = before - convert(amount, uint128)
    self.totalHeld[asset] -= convert(amount, uint128)
    self.held[src][asset] = after
    self._updateAssetsIn(src, convert(info.offset, uint256), before, after)
    assert not self._isBelow(src, True), "NotCollateralized"
    extcall Token(asset).transfer(to, amount)
    log WithdrawCollateral(src=src, to=to, asset=asset, amount=amount)

@external
def absorb(absorber: address, accounts: DynArray[address, 32]):
    assert self.totals.pauseFlags & 8 == 0, "Paused"
    self._accrue()
    for account: address in accounts:
        assert self._isBelow(account, False), "NotLiquidatable"
        basic: UserBasic = self.users[account]
        old: int256 = self._presentValue(basic.principal)
        basePrice: uint256 = self._price(self.config.baseTokenPriceFeed)
        credit: uint256 = 0
        for i: uint256 in range(24):
            if i >= len(self.assets):
                break
            if not self._isIn(basic, i):
                continue
            info: AssetInfo = self.assets[i]
            if self.generation > 1 and info.liquidationFactor == 0:
                continue
            seized: uint128 = self.held[account][info.asset]
            self.held[account][info.asset] = 0
            self.totalHeld[info.asset] -= seized
            worth: uint256 = convert(seized, uint256) * self._price(info.priceFeed) // convert(info.scale, uint256)
            credit += self._mulFactor(worth, convert(info.liquidationFactor, uint256))
            log AbsorbCollateral(absorber=absorber, borrower=account, asset=info.asset, collateralAbsorbed=convert(seized, uint256), usdValue=worth)
        balance: int256 = old + convert(credit * self.config.baseScale // basePrice, int256)
        if balance < 0:
            balance = 0
        new: int104 = self._principalValue(balance)
        self._updatePrincipal(account, new)
        self.users[account].assetsIn = 0
        self.users[account].reserved = 0
        repaid: uint104 = 0
        supplied: uint104 = 0
        repaid, supplied = self._repayAndSupply(basic.principal, new)
        self.totals.totalSupplyBase += supplied
        self.totals.totalBorrowBase -= repaid
        paid: uint256 = convert(balance - old, uint256)
        log AbsorbDebt(absorber=absorber, borrower=account, basePaidOut=paid, usdValue=paid * basePrice // self.config.baseScale)
        if new > 0:
            log Transfer(sender=empty(address), to=account, amount=self._supplyValue(self.totals.baseSupplyIndex, convert(new, uint104)))

@external
def buyCollateral(asset: address, minAmount: uint256, baseAmount: uint256, recipient: address):
    assert self.totals.pauseFlags & 16 == 0, "Paused"
    reserves: int256 = self._reserves()
    assert reserves < 0 or convert(reserves, uint256) < self.config.targetReserves, "NotForSale"
    extcall Token(self.config.baseToken).transferFrom(msg.sender, self, baseAmount)
    amount: uint256 = self._quote(asset, baseAmount)
    assert amount >= minAmount, "TooMuchSlippage"
    assert amount <= self._collateralReserves(asset), "InsufficientReserves"
    extcall Token(asset).transfer(recipient, amount)
    log BuyCollateral(buyer=msg.sender, asset=asset, baseAmount=baseAmount, collateralAmount=amount)
