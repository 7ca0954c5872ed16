# pragma version 0.4.3
"""
A spoke as the protocol's: accounts, keys of configurations, premium debt, health, liquidations. Written for the tests
of this project from reading aave/aave-v4 @cdacec50 src/spoke; left out are roles, permits and signatures.

What the real spoke keeps in Solidity's packed slots is kept here under the same slot numbers in one mapping, so that
`extSloads` answers what the real one would.
"""
from . import maths

interface ERC20:
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable

interface Oracle:
    def getReservePrice(id: uint256) -> uint256: view
    def setReserveSource(id: uint256, source: address): nonpayable

struct PremiumDelta:
    sharesDelta: int256
    offsetRayDelta: int256
    restoredPremiumRay: uint256

interface Hub:
    def getAssetUnderlyingAndDecimals(id: uint256) -> (address, uint8): view
    def getAssetDrawnIndex(id: uint256) -> uint256: view
    def previewRemoveByShares(id: uint256, shares: uint256) -> uint256: view
    def previewAddByShares(id: uint256, shares: uint256) -> uint256: view
    def previewAddByAssets(id: uint256, amount: uint256) -> uint256: view
    def add(id: uint256, amount: uint256) -> uint256: nonpayable
    def remove(id: uint256, amount: uint256, to: address) -> uint256: nonpayable
    def draw(id: uint256, amount: uint256, to: address) -> uint256: nonpayable
    def restore(id: uint256, drawn: uint256, delta: PremiumDelta) -> uint256: nonpayable
    def reportDeficit(id: uint256, drawn: uint256, delta: PremiumDelta): nonpayable
    def refreshPremium(id: uint256, delta: PremiumDelta): nonpayable
    def payFeeShares(id: uint256, shares: uint256): nonpayable

struct Reserve:
    underlying: address
    hub: address
    assetId: uint16
    decimals: uint8
    collateralRisk: uint24
    flags: uint8
    dynamicConfigKey: uint32

struct DynamicReserveConfig:
    collateralFactor: uint16
    maxLiquidationBonus: uint32
    liquidationFee: uint16

struct LiquidationConfig:
    targetHealthFactor: uint128
    healthFactorForMaxBonus: uint64
    liquidationBonusFactor: uint16

struct UserPosition:
    drawnShares: uint120
    premiumShares: uint120
    premiumOffsetRay: int200
    suppliedShares: uint120
    dynamicConfigKey: uint32

struct UserAccountData:
    riskPremium: uint256
    avgCollateralFactor: uint256
    healthFactor: uint256
    totalCollateralValue: uint256
    totalDebtValueRay: uint256
    activeCollateralCount: uint256
    borrowCount: uint256

struct Amounts:
    seized: uint256
    toLiquidator: uint256
    drawn: uint256
    premiumRay: uint256

event Supply:
    reserveId: indexed(uint256)
    caller: indexed(address)
    user: indexed(address)
    suppliedShares: uint256
    suppliedAmount: uint256

event Withdraw:
    reserveId: indexed(uint256)
    caller: indexed(address)
    user: indexed(address)
    withdrawnShares: uint256
    withdrawnAmount: uint256

event Borrow:
    reserveId: indexed(uint256)
    caller: indexed(address)
    user: indexed(address)
    drawnShares: uint256
    drawnAmount: uint256

event Repay:
    reserveId: indexed(uint256)
    caller: indexed(address)
    user: indexed(address)
    drawnShares: uint256
    totalAmountRepaid: uint256
    premiumDelta: PremiumDelta

event LiquidationCall:
    collateralReserveId: indexed(uint256)
    debtReserveId: indexed(uint256)
    user: indexed(address)
    liquidator: address
    receiveShares: bool
    debtAmountRestored: uint256
    drawnSharesLiquidated: uint256
    premiumDelta: PremiumDelta
    collateralAmountRemoved: uint256
    collateralSharesLiquidated: uint256
    collateralSharesToLiquidator: uint256

event ReportDeficit:
    reserveId: indexed(uint256)
    user: indexed(address)
    drawnShares: uint256
    premiumDelta: PremiumDelta

event SetUsingAsCollateral:
    reserveId: indexed(uint256)
    caller: indexed(address)
    user: indexed(address)
    usingAsCollateral: bool

event UpdateUserRiskPremium:
    user: indexed(address)
    riskPremium: uint256

event RefreshAllUserDynamicConfig:
    user: indexed(address)

event RefreshSingleUserDynamicConfig:
    user: indexed(address)
    reserveId: uint256

event RefreshPremiumDebt:
    reserveId: indexed(uint256)
    user: indexed(address)
    premiumDelta: PremiumDelta

RAY: constant(uint256) = 10**27
WAD: constant(uint256) = 10**18
WHOLE: constant(uint256) = 10_000
DUST: constant(uint256) = 1000 * 10**26
MOST: constant(uint256) = 160

MAX_USER_RESERVES_LIMIT: public(constant(uint16)) = max_value(uint16)
ORACLE: public(immutable(address))
revision: uint64
storage: uint8
admin: address
slots: HashMap[uint256, uint256]
managers: HashMap[address, HashMap[address, bool]]


@deploy
def __init__(oracle: address, revision: uint64, storage: uint8):
    """`storage` 1 refuses to tell its slots, 2 tells of many slots at once that they are empty."""
    ORACLE = oracle
    self.admin = msg.sender
    self.revision = revision
    self.storage = storage
    self.slots[1] = WAD


# Slots, as Solidity numbers and packs them


@internal
@pure
def _at(key: uint256, slot: uint256) -> uint256:
    return convert(keccak256(abi_encode(key, slot)), uint256)


@internal
@view
def _count() -> uint256:
    return self.slots[0]


@internal
@view
def _reserve(id: uint256) -> Reserve:
    assert id < self.slots[0]
    slot: uint256 = self._at(id, 2)
    word: uint256 = self.slots[slot + 1]
    return Reserve(
        underlying=convert(convert(self.slots[slot], uint160), address),
        hub=convert(convert(word & convert(max_value(uint160), uint256), uint160), address),
        assetId=convert((word >> 160) & 65535, uint16), decimals=convert((word >> 176) & 255, uint8),
        collateralRisk=convert((word >> 184) & 16777215, uint24), flags=convert((word >> 208) & 255, uint8),
        dynamicConfigKey=convert((word >> 216) & 4294967295, uint32))


@internal
def _set_reserve(id: uint256, reserve: Reserve):
    slot: uint256 = self._at(id, 2)
    self.slots[slot] = convert(convert(reserve.underlying, uint160), uint256)
    self.slots[slot + 1] = (
        convert(convert(reserve.hub, uint160), uint256) | (convert(reserve.assetId, uint256) << 160)
        | (convert(reserve.decimals, uint256) << 176) | (convert(reserve.collateralRisk, uint256) << 184)
        | (convert(reserve.flags, uint256) << 208) | (convert(reserve.dynamicConfigKey, uint256) << 216))


@internal
@view
def _terms(id: uint256, key: uint256) -> DynamicReserveConfig:
    word: uint256 = self.slots[self._at(key, self._at(id, 4))]
    return DynamicReserveConfig(
        collateralFactor=convert(word & 65535, uint16), maxLiquidationBonus=convert((word >> 16) & 4294967295, uint32),
        liquidationFee=convert((word >> 48) & 65535, uint16))


@internal
def _set_terms(id: uint256, key: uint256, terms: DynamicReserveConfig):
    assert convert(terms.collateralFactor, uint256) < WHOLE and convert(terms.maxLiquidationBonus, uint256) >= WHOLE
    assert maths.percent_up(
        convert(terms.maxLiquidationBonus, uint256), convert(terms.collateralFactor, uint256)) < WHOLE
    assert convert(terms.liquidationFee, uint256) <= WHOLE
    self.slots[self._at(key, self._at(id, 4))] = (
        convert(terms.collateralFactor, uint256) | (convert(terms.maxLiquidationBonus, uint256) << 16)
        | (convert(terms.liquidationFee, uint256) << 48))


@internal
@view
def _held(user: address, id: uint256) -> UserPosition:
    slot: uint256 = self._at(id, self._at(convert(convert(user, uint160), uint256), 6))
    first: uint256 = self.slots[slot]
    third: uint256 = self.slots[slot + 2]
    mask: uint256 = convert(max_value(uint120), uint256)
    offset: int256 = convert(convert(self.slots[slot + 1] << 56, bytes32), int256) >> 56
    return UserPosition(
        drawnShares=convert(first & mask, uint120), premiumShares=convert(first >> 120 & mask, uint120),
        premiumOffsetRay=convert(offset, int200), suppliedShares=convert(third & mask, uint120),
        dynamicConfigKey=convert(third >> 120 & 4294967295, uint32))


@internal
def _hold(user: address, id: uint256, held: UserPosition):
    slot: uint256 = self._at(id, self._at(convert(convert(user, uint160), uint256), 6))
    self.slots[slot] = convert(held.drawnShares, uint256) | (convert(held.premiumShares, uint256) << 120)
    offset: int256 = convert(held.premiumOffsetRay, int256)
    self.slots[slot + 1] = convert(convert(offset, bytes32), uint256) << 56 >> 56
    self.slots[slot + 2] = convert(held.suppliedShares, uint256) | (convert(held.dynamicConfigKey, uint256) << 120)


@internal
@view
def _word(user: address, id: uint256) -> uint256:
    return self.slots[self._at(id >> 7, self._at(convert(convert(user, uint160), uint256), 5))]


@internal
@view
def _uses(user: address, id: uint256, side: uint256) -> bool:
    return (self._word(user, id) >> (2 * (id % 128) + side)) & 1 != 0


@internal
def _use(user: address, id: uint256, side: uint256, on: bool):
    slot: uint256 = self._at(id >> 7, self._at(convert(convert(user, uint160), uint256), 5))
    bit: uint256 = 1 << (2 * (id % 128) + side)
    self.slots[slot] = (self.slots[slot] | bit) if on else (self.slots[slot] & ~bit)


@internal
@view
def _risk(user: address) -> uint256:
    return self.slots[self._at(convert(convert(user, uint160), uint256), 5) + 1]


@internal
def _set_risk(user: address, premium: uint256):
    assert premium <= 16777215
    self.slots[self._at(convert(convert(user, uint160), uint256), 5) + 1] = premium


# Configuration


@external
def updateLiquidationConfig(config: LiquidationConfig):
    assert msg.sender == self.admin and convert(config.targetHealthFactor, uint256) >= WAD
    assert convert(config.healthFactorForMaxBonus, uint256) < WAD and config.liquidationBonusFactor <= 10_000
    self.slots[1] = (
        convert(config.targetHealthFactor, uint256) | (convert(config.healthFactorForMaxBonus, uint256) << 128)
        | (convert(config.liquidationBonusFactor, uint256) << 192))


@external
def addReserve(
    hub: address, assetId: uint256, source: address, risk: uint24, flags: uint8, terms: DynamicReserveConfig
) -> uint256:
    assert msg.sender == self.admin
    underlying: address = empty(address)
    decimals: uint8 = 0
    underlying, decimals = staticcall Hub(hub).getAssetUnderlyingAndDecimals(assetId)
    assert underlying != empty(address) and decimals <= 18
    id: uint256 = self.slots[0]
    self.slots[0] = id + 1
    extcall Oracle(ORACLE).setReserveSource(id, source)
    self._set_reserve(id, Reserve(
        underlying=underlying, hub=hub, assetId=convert(assetId, uint16), decimals=decimals, collateralRisk=risk,
        flags=flags, dynamicConfigKey=0))
    self._set_terms(id, 0, terms)
    return id


@external
def updateReserveConfig(id: uint256, risk: uint24, flags: uint8):
    assert msg.sender == self.admin
    reserve: Reserve = self._reserve(id)
    reserve.collateralRisk = risk
    reserve.flags = flags
    self._set_reserve(id, reserve)


@external
def addDynamicReserveConfig(id: uint256, terms: DynamicReserveConfig) -> uint32:
    assert msg.sender == self.admin
    reserve: Reserve = self._reserve(id)
    reserve.dynamicConfigKey += 1
    self._set_reserve(id, reserve)
    self._set_terms(id, convert(reserve.dynamicConfigKey, uint256), terms)
    return reserve.dynamicConfigKey


@external
def updateDynamicReserveConfig(id: uint256, key: uint32, terms: DynamicReserveConfig):
    assert msg.sender == self.admin and terms.collateralFactor > 0
    assert self._terms(id, convert(key, uint256)).maxLiquidationBonus > 0
    self._set_terms(id, convert(key, uint256), terms)


@external
def setUserPositionManager(manager: address, approve: bool):
    self.managers[msg.sender][manager] = approve


# What accounts do


@external
def supply(id: uint256, amount: uint256, user: address):
    self._check(user)
    reserve: Reserve = self._reserve(id)
    assert reserve.flags & 3 == 0
    assert extcall ERC20(reserve.underlying).transferFrom(msg.sender, reserve.hub, amount)
    shares: uint256 = extcall Hub(reserve.hub).add(convert(reserve.assetId, uint256), amount)
    held: UserPosition = self._held(user, id)
    held.suppliedShares += convert(shares, uint120)
    self._hold(user, id, held)
    log Supply(reserveId=id, caller=msg.sender, user=user, suppliedShares=shares, suppliedAmount=amount)


@external
def withdraw(id: uint256, amount: uint256, user: address):
    self._check(user)
    reserve: Reserve = self._reserve(id)
    assert reserve.flags & 1 == 0
    held: UserPosition = self._held(user, id)
    asset: uint256 = convert(reserve.assetId, uint256)
    most: uint256 = staticcall Hub(reserve.hub).previewRemoveByShares(asset, convert(held.suppliedShares, uint256))
    taken: uint256 = min(amount, most)
    shares: uint256 = extcall Hub(reserve.hub).remove(asset, taken, msg.sender)
    held.suppliedShares -= convert(shares, uint120)
    self._hold(user, id, held)
    if self._uses(user, id, 1):
        self._refresh(user)
    log Withdraw(reserveId=id, caller=msg.sender, user=user, withdrawnShares=shares, withdrawnAmount=taken)


@external
def borrow(id: uint256, amount: uint256, user: address):
    self._check(user)
    reserve: Reserve = self._reserve(id)
    assert reserve.flags & 7 == 4
    shares: uint256 = extcall Hub(reserve.hub).draw(convert(reserve.assetId, uint256), amount, msg.sender)
    held: UserPosition = self._held(user, id)
    held.drawnShares += convert(shares, uint120)
    self._hold(user, id, held)
    self._use(user, id, 0, True)
    self._refresh(user)
    log Borrow(reserveId=id, caller=msg.sender, user=user, drawnShares=shares, drawnAmount=amount)


@external
def repay(id: uint256, amount: uint256, user: address):
    self._check(user)
    reserve: Reserve = self._reserve(id)
    assert reserve.flags & 1 == 0
    held: UserPosition = self._held(user, id)
    index: uint256 = staticcall Hub(reserve.hub).getAssetDrawnIndex(convert(reserve.assetId, uint256))
    drawn: uint256 = maths.ray_mul_up(convert(held.drawnShares, uint256), index)
    premium_ray: uint256 = self._premium(held, index)
    premium: uint256 = maths.units_up(premium_ray)
    if amount < drawn + premium:
        if amount < premium:
            drawn = 0
            premium_ray = amount * RAY
        else:
            drawn = amount - premium
    shares: uint256 = maths.ray_div_down(drawn, index)
    delta: PremiumDelta = self._delta(held, shares, index, self._risk(user), premium_ray)
    total: uint256 = drawn + maths.units_up(premium_ray)
    assert extcall ERC20(reserve.underlying).transferFrom(msg.sender, reserve.hub, total)
    extcall Hub(reserve.hub).restore(convert(reserve.assetId, uint256), drawn, delta)
    self._pay(user, id, held, shares, delta)
    log Repay(
        reserveId=id, caller=msg.sender, user=user, drawnShares=shares, totalAmountRepaid=total, premiumDelta=delta)


@external
def setUsingAsCollateral(id: uint256, on: bool, user: address):
    self._check(user)
    reserve: Reserve = self._reserve(id)
    if self._uses(user, id, 1) == on:
        return
    assert reserve.flags & 1 == 0 and (not on or reserve.flags & 2 == 0)
    self._use(user, id, 1, on)
    if on:
        held: UserPosition = self._held(user, id)
        held.dynamicConfigKey = reserve.dynamicConfigKey
        self._hold(user, id, held)
        log RefreshSingleUserDynamicConfig(user=user, reserveId=id)
    else:
        self._refresh(user)
    log SetUsingAsCollateral(reserveId=id, caller=msg.sender, user=user, usingAsCollateral=on)


@external
def updateUserRiskPremium(user: address):
    if msg.sender != self.admin:
        self._check(user)
    self._notify(user, self._account(user, False).riskPremium)


@external
def updateUserDynamicConfig(user: address):
    if msg.sender != self.admin:
        self._check(user)
    self._refresh(user)


@external
def liquidationCall(collateral: uint256, debt: uint256, user: address, cover: uint256, receive: bool):
    data: UserAccountData = self._account(user, False)
    c: Reserve = self._reserve(collateral)
    d: Reserve = self._reserve(debt)
    assert user != msg.sender and cover > 0 and c.flags & 1 == 0 and d.flags & 1 == 0
    assert data.healthFactor < WAD
    assert not receive or c.flags & 10 == 8
    asset: uint256 = convert(c.assetId, uint256)
    seen: UserPosition = self._held(user, collateral)
    owed: UserPosition = self._held(user, debt)
    amounts: Amounts = self._amounts(collateral, debt, user, cover, data)
    # The collateral.
    seen.suppliedShares -= convert(amounts.seized, uint120)
    self._hold(user, collateral, seen)
    removed: uint256 = staticcall Hub(c.hub).previewRemoveByShares(asset, amounts.seized)
    if amounts.toLiquidator > 0:
        if receive:
            own: UserPosition = self._held(msg.sender, collateral)
            own.suppliedShares += convert(amounts.toLiquidator, uint120)
            self._hold(msg.sender, collateral, own)
        else:
            paid: uint256 = staticcall Hub(c.hub).previewRemoveByShares(asset, amounts.toLiquidator)
            extcall Hub(c.hub).remove(asset, paid, msg.sender)
    if amounts.seized > amounts.toLiquidator:
        extcall Hub(c.hub).payFeeShares(asset, amounts.seized - amounts.toLiquidator)
    # The debt, which may be in the same reserve.
    owed = self._held(user, debt)
    index: uint256 = staticcall Hub(d.hub).getAssetDrawnIndex(convert(d.assetId, uint256))
    delta: PremiumDelta = self._delta(owed, amounts.drawn, index, self._risk(user), amounts.premiumRay)
    drawn: uint256 = maths.ray_mul_up(amounts.drawn, index)
    total: uint256 = drawn + maths.units_up(amounts.premiumRay)
    assert extcall ERC20(d.underlying).transferFrom(msg.sender, d.hub, total)
    extcall Hub(d.hub).restore(convert(d.assetId, uint256), drawn, delta)
    self._pay(user, debt, owed, amounts.drawn, delta)
    log LiquidationCall(
        collateralReserveId=collateral, debtReserveId=debt, user=user, liquidator=msg.sender, receiveShares=receive,
        debtAmountRestored=total, drawnSharesLiquidated=amounts.drawn, premiumDelta=delta,
        collateralAmountRemoved=removed, collateralSharesLiquidated=amounts.seized,
        collateralSharesToLiquidator=amounts.toLiquidator)
    is_left: bool = convert(owed.drawnShares, uint256) > amounts.drawn
    if seen.suppliedShares == 0 and data.activeCollateralCount <= 1 and (is_left or data.borrowCount > 1):
        self._write_off(user)
    else:
        self._notify(user, self._account(user, False).riskPremium)


# Views


@external
@view
def SPOKE_REVISION() -> uint64:
    return self.revision


@external
@view
def getLiquidationLogic() -> address:
    return self


@external
@view
def extSloads(slots: DynArray[bytes32, 512]) -> DynArray[bytes32, 512]:
    assert self.storage != 1
    words: DynArray[bytes32, 512] = []
    for slot: bytes32 in slots:
        word: uint256 = self.slots[convert(slot, uint256)]
        if self.storage == 2 and len(slots) > 24:
            word = 0
        words.append(convert(word, bytes32))
    return words


@external
@view
def getReserveCount() -> uint256:
    return self.slots[0]


@external
@view
def getReserve(id: uint256) -> Reserve:
    return self._reserve(id)


@external
@view
def getLiquidationConfig() -> LiquidationConfig:
    word: uint256 = self.slots[1]
    return LiquidationConfig(
        targetHealthFactor=convert(word & convert(max_value(uint128), uint256), uint128),
        healthFactorForMaxBonus=convert((word >> 128) & convert(max_value(uint64), uint256), uint64),
        liquidationBonusFactor=convert(word >> 192, uint16))


@external
@view
def getDynamicReserveConfig(id: uint256, key: uint32) -> DynamicReserveConfig:
    return self._terms(id, convert(key, uint256))


@external
@view
def getUserPosition(id: uint256, user: address) -> UserPosition:
    return self._held(user, id)


@external
@view
def getUserReserveStatus(id: uint256, user: address) -> (bool, bool):
    return self._uses(user, id, 1), self._uses(user, id, 0)


@external
@view
def getUserLastRiskPremium(user: address) -> uint256:
    return self._risk(user)


@external
@view
def getUserAccountData(user: address) -> UserAccountData:
    return self._account(user, False)


@external
@view
def getLiquidationBonus(id: uint256, user: address, health: uint256) -> uint256:
    return self._bonus(convert(self._terms(
        id, convert(self._held(user, id).dynamicConfigKey, uint256)).maxLiquidationBonus, uint256), health)


@external
@view
def previewLiquidation(collateral: uint256, debt: uint256, user: address, cover: uint256) -> Amounts:
    """Not a function of the real spoke: what `liquidationCall` would move, for tests of the sizes."""
    return self._amounts(collateral, debt, user, cover, self._account(user, False))


# Inside


@internal
@view
def _check(user: address):
    assert msg.sender == user or self.managers[user][msg.sender]


@internal
@view
def _premium(held: UserPosition, index: uint256) -> uint256:
    return maths.premium_ray(
        convert(held.premiumShares, uint256), convert(held.premiumOffsetRay, int256), index)


@internal
@view
def _delta(held: UserPosition, taken: uint256, index: uint256, risk: uint256, restored: uint256) -> PremiumDelta:
    shares: uint256 = maths.percent_up(convert(held.drawnShares, uint256) - taken, risk)
    offset: int256 = maths.signed_sub(shares * index, self._premium(held, index) - restored)
    return PremiumDelta(
        sharesDelta=maths.signed_sub(shares, convert(held.premiumShares, uint256)),
        offsetRayDelta=offset - convert(held.premiumOffsetRay, int256), restoredPremiumRay=restored)


@internal
def _pay(user: address, id: uint256, before: UserPosition, shares: uint256, delta: PremiumDelta):
    held: UserPosition = before
    held.premiumShares = convert(maths.add_signed(convert(held.premiumShares, uint256), delta.sharesDelta), uint120)
    held.premiumOffsetRay = convert(convert(held.premiumOffsetRay, int256) + delta.offsetRayDelta, int200)
    held.drawnShares -= convert(shares, uint120)
    self._hold(user, id, held)
    if held.drawnShares == 0:
        self._use(user, id, 0, False)


@internal
def _refresh(user: address):
    for id: uint256 in range(self.slots[0], bound=MOST):
        if self._uses(user, id, 1):
            held: UserPosition = self._held(user, id)
            held.dynamicConfigKey = self._reserve(id).dynamicConfigKey
            self._hold(user, id, held)
    log RefreshAllUserDynamicConfig(user=user)
    data: UserAccountData = self._account(user, False)
    assert data.healthFactor >= WAD
    self._notify(user, data.riskPremium)


@internal
def _notify(user: address, premium: uint256):
    if premium == 0 and self._risk(user) == 0:
        return
    self._set_risk(user, premium)
    for id: uint256 in range(self.slots[0], bound=MOST):
        if self._uses(user, id, 0):
            reserve: Reserve = self._reserve(id)
            held: UserPosition = self._held(user, id)
            index: uint256 = staticcall Hub(reserve.hub).getAssetDrawnIndex(convert(reserve.assetId, uint256))
            delta: PremiumDelta = self._delta(held, 0, index, premium, 0)
            extcall Hub(reserve.hub).refreshPremium(convert(reserve.assetId, uint256), delta)
            self._pay(user, id, held, 0, delta)
            log RefreshPremiumDebt(reserveId=id, user=user, premiumDelta=delta)
    log UpdateUserRiskPremium(user=user, riskPremium=premium)


@internal
def _write_off(user: address):
    self._set_risk(user, 0)
    for id: uint256 in range(self.slots[0], bound=MOST):
        if self._uses(user, id, 0):
            reserve: Reserve = self._reserve(id)
            held: UserPosition = self._held(user, id)
            shares: uint256 = convert(held.drawnShares, uint256)
            index: uint256 = staticcall Hub(reserve.hub).getAssetDrawnIndex(convert(reserve.assetId, uint256))
            delta: PremiumDelta = self._delta(held, shares, index, 0, self._premium(held, index))
            extcall Hub(reserve.hub).reportDeficit(
                convert(reserve.assetId, uint256), maths.ray_mul_up(shares, index), delta)
            self._pay(user, id, held, shares, delta)
            log ReportDeficit(reserveId=id, user=user, drawnShares=shares, premiumDelta=delta)
    log UpdateUserRiskPremium(user=user, riskPremium=0)


@internal
@pure
def _value(amount: uint256, decimals: uint8, price: uint256) -> uint256:
    return amount * price * 10 ** convert(18 - decimals, uint256)


@internal
@view
def _account(user: address, latest: bool) -> UserAccountData:
    data: UserAccountData = empty(UserAccountData)
    list: DynArray[uint256, MOST] = []
    count: uint256 = self.slots[0]
    for i: uint256 in range(count, bound=MOST):
        id: uint256 = count - 1 - i
        secures: bool = self._uses(user, id, 1)
        owes: bool = self._uses(user, id, 0)
        if not secures and not owes:
            continue
        held: UserPosition = self._held(user, id)
        reserve: Reserve = self._reserve(id)
        price: uint256 = staticcall Oracle(ORACLE).getReservePrice(id)
        if secures and held.suppliedShares > 0:
            factor: uint256 = convert(self._terms(id, convert(held.dynamicConfigKey, uint256)).collateralFactor, uint256)
            if factor > 0:
                amount: uint256 = staticcall Hub(reserve.hub).previewRemoveByShares(
                    convert(reserve.assetId, uint256), convert(held.suppliedShares, uint256))
                value: uint256 = self._value(amount, reserve.decimals, price)
                data.totalCollateralValue += value
                assert value < 2**224 - 1
                list.append(((4294967295 - convert(reserve.collateralRisk, uint256)) << 224) | value)
                data.avgCollateralFactor += factor * value
                data.activeCollateralCount += 1
        if owes:
            index: uint256 = staticcall Hub(reserve.hub).getAssetDrawnIndex(convert(reserve.assetId, uint256))
            ray: uint256 = convert(held.drawnShares, uint256) * index + self._premium(held, index)
            data.totalDebtValueRay += self._value(ray, reserve.decimals, price)
            data.borrowCount += 1
    data.healthFactor = max_value(uint256)
    if data.totalDebtValueRay > 0:
        data.healthFactor = maths.mul_div(data.avgCollateralFactor * 10**14, RAY, data.totalDebtValueRay, False)
    if data.totalCollateralValue > 0:
        data.avgCollateralFactor = data.avgCollateralFactor * 10**14 // data.totalCollateralValue
    total: uint256 = maths.units_up(data.totalDebtValueRay)
    left: uint256 = total
    for i: uint256 in range(len(list), bound=MOST):
        if left == 0:
            break
        # The largest that is left: the least risk, and of equals the largest value.
        best: uint256 = 0
        for j: uint256 in range(len(list), bound=MOST):
            if list[j] > list[best]:
                best = j
        entry: uint256 = list[best]
        list[best] = 0
        part: uint256 = min(entry & (2**224 - 1), left)
        data.riskPremium += part * (4294967295 - (entry >> 224))
        left -= part
    if left < total:
        data.riskPremium = maths.div_up(data.riskPremium, total - left)
    return data


@internal
@view
def _bonus(most: uint256, health: uint256) -> uint256:
    word: uint256 = self.slots[1]
    line: uint256 = (word >> 128) & convert(max_value(uint64), uint256)
    if health <= line:
        return most
    least: uint256 = maths.percent_down(most - WHOLE, word >> 192) + WHOLE
    return least + (most - least) * (WAD - health) // (WAD - line)


@internal
@view
def _amounts(
    collateral: uint256, debt: uint256, user: address, cover: uint256, data: UserAccountData
) -> Amounts:
    c: Reserve = self._reserve(collateral)
    d: Reserve = self._reserve(debt)
    asset: uint256 = convert(c.assetId, uint256)
    seen: UserPosition = self._held(user, collateral)
    owed: UserPosition = self._held(user, debt)
    terms: DynamicReserveConfig = self._terms(collateral, convert(seen.dynamicConfigKey, uint256))
    supplied: uint256 = convert(seen.suppliedShares, uint256)
    shares: uint256 = convert(owed.drawnShares, uint256)
    assert supplied > 0 and shares > 0 and terms.collateralFactor > 0 and self._uses(user, collateral, 1)
    c_price: uint256 = staticcall Oracle(ORACLE).getReservePrice(collateral)
    d_price: uint256 = staticcall Oracle(ORACLE).getReservePrice(debt)
    c_unit: uint256 = 10 ** convert(c.decimals, uint256)
    d_unit: uint256 = 10 ** convert(d.decimals, uint256)
    index: uint256 = staticcall Hub(d.hub).getAssetDrawnIndex(convert(d.assetId, uint256))
    premium: uint256 = self._premium(owed, index)
    bonus: uint256 = self._bonus(convert(terms.maxLiquidationBonus, uint256), data.healthFactor)
    # How much of the debt.
    target: uint256 = self.slots[1] & convert(max_value(uint128), uint256)
    penalty: uint256 = maths.percent_up(bonus * 10**14, convert(terms.collateralFactor, uint256))
    wanted: uint256 = maths.mul_div(
        data.totalDebtValueRay, d_unit * (target - data.healthFactor), (target - penalty) * (d_price * WAD), True)
    p: uint256 = min(maths.units_up(wanted) * RAY, premium)
    if cover < maths.units_up(p):
        p = cover * RAY
    s: uint256 = 0
    if p == premium and p < wanted:
        s = min(maths.div_up(wanted - p, index), maths.mul_div(cover - maths.units_up(p), RAY, index, False))
        s = min(s, shares)
    if s < shares and self._value((shares - s) * index + premium - p, d.decimals, d_price) < DUST * RAY:
        s = shares
        p = premium
    # How much of the collateral.
    pay: uint256 = d_price * c_unit * bonus
    get: uint256 = d_unit * c_price * WHOLE * RAY
    seized: uint256 = staticcall Hub(c.hub).previewAddByAssets(asset, maths.mul_div(s * index + p, pay, get, False))
    dust: bool = False
    if seized < supplied:
        rest: uint256 = staticcall Hub(c.hub).previewRemoveByShares(asset, supplied - seized)
        dust = self._value(rest, c.decimals, c_price) < DUST
    if seized > supplied or (dust and s < shares):
        seized = supplied
        ray: uint256 = maths.mul_div(
            staticcall Hub(c.hub).previewAddByShares(asset, seized), c_price * d_unit * WHOLE * RAY,
            d_price * c_unit * bonus, True)
        if ray <= premium:
            p = min(maths.units_up(ray) * RAY, premium)
            s = 0
        else:
            p = premium
            s = maths.div_up(ray - p, index)
            if s > shares:
                s = shares
                seized = min(
                    staticcall Hub(c.hub).previewAddByAssets(asset, maths.mul_div(s * index + p, pay, get, False)),
                    supplied)
    assert cover >= maths.ray_mul_up(s, index) + maths.units_up(p)
    fee: uint256 = maths.div_up(
        seized * (convert(terms.liquidationFee, uint256) * (bonus - WHOLE)), bonus * WHOLE)
    return Amounts(seized=seized, toLiquidator=seized - fee, drawn=s, premiumRay=p)
