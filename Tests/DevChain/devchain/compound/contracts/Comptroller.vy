# pragma version 0.4.3
# A comptroller of ours, from reading compound-finance/compound-protocol contracts/Comptroller.sol@a3214f6 (truncating) and
# @4caf72a (half up), VenusProtocol/isolated-pools contracts/Comptroller.sol@58b76f81 (weight last) and
# VenusProtocol/venus-protocol contracts/Comptroller/Diamond@ce5c8beb (pools, thresholds, VAI). MODE says which.
interface CToken:
    def getAccountSnapshot(account: address) -> (uint256, uint256, uint256, uint256): view
    def borrowBalanceStored(account: address) -> uint256: view
    def exchangeRateStored() -> uint256: view
    def reserveFactorMantissa() -> uint256: view

interface Oracle:
    def getUnderlyingPrice(cToken: address) -> uint256: view

interface VAI:
    def getVAIRepayAmount(account: address) -> uint256: view

event MarketListed:
    cToken: address

event MarketEntered:
    cToken: address
    account: address

event MarketExited:
    cToken: address
    account: address

event PoolSelected:
    account: indexed(address)
    previousPoolId: uint96
    newPoolId: indexed(uint96)

struct Market:
    listed: bool
    factor: uint256
    threshold: uint256
    incentive: uint256

struct Pool:
    active: bool
    fallback: bool

TRUNCATING: constant(uint256) = 0
HALF_UP: constant(uint256) = 1
WEIGHT_LAST: constant(uint256) = 2
POOLS: constant(uint256) = 3
E18: constant(uint256) = 10**18
MODE: immutable(uint256)
# Whether it lists its markets and knows deprecated ones: the first comptrollers do not.
LATE: immutable(bool)

oracle: public(address)
closeFactorMantissa: public(uint256)
seizeGuardianPaused: public(bool)
borrowGuardianPaused: public(HashMap[address, bool])
incentive: uint256
minimum: uint256
vai: address
liquidator: address
all: DynArray[address, 32]
entered: HashMap[address, DynArray[address, 32]]
member: HashMap[address, HashMap[address, bool]]
core: HashMap[address, Market]
poolOf: HashMap[address, uint96]
pool: HashMap[uint96, Pool]
poolMarket: HashMap[uint96, HashMap[address, Market]]

@deploy
def __init__(oracle: address, mode: uint256, late: bool, close_factor: uint256, incentive: uint256, minimum: uint256):
    self.oracle = oracle
    MODE = mode
    LATE = late
    self.closeFactorMantissa = close_factor
    self.incentive = incentive
    self.minimum = minimum

# Administration: anyone's.

@external
def support(cToken: address, factor: uint256, threshold: uint256, incentive: uint256):
    if not self.core[cToken].listed:
        self.all.append(cToken)
        log MarketListed(cToken=cToken)
    self.core[cToken] = Market(listed=True, factor=factor, threshold=threshold, incentive=incentive)

@external
def setPool(id: uint96, active: bool, fallback: bool):
    self.pool[id] = Pool(active=active, fallback=fallback)

@external
def setPoolMarket(id: uint96, cToken: address, threshold: uint256, incentive: uint256):
    self.poolMarket[id][cToken] = Market(listed=True, factor=threshold, threshold=threshold, incentive=incentive)

@external
def setVAI(vai: address):
    self.vai = vai

@external
def setLiquidator(liquidator: address):
    self.liquidator = liquidator

@external
def pauseBorrow(cToken: address, paused: bool):
    self.borrowGuardianPaused[cToken] = paused

# What only some comptrollers have.

@external
@view
def liquidationIncentiveMantissa() -> uint256:
    assert MODE != POOLS
    return self.incentive

@external
@view
def minLiquidatableCollateral() -> uint256:
    assert MODE == WEIGHT_LAST
    return self.minimum

@external
@view
def getAllMarkets() -> DynArray[address, 32]:
    assert LATE
    return self.all

@internal
@view
def _deprecated(cToken: address) -> bool:
    if not LATE or MODE >= WEIGHT_LAST or self.core[cToken].factor != 0 or not self.borrowGuardianPaused[cToken]:
        return False
    return staticcall CToken(cToken).reserveFactorMantissa() == E18

@external
@view
def isDeprecated(cToken: address) -> bool:
    assert LATE and MODE < WEIGHT_LAST
    return self._deprecated(cToken)

@external
@view
def vaiController() -> address:
    assert MODE == POOLS
    return self.vai

@external
@view
def liquidatorContract() -> address:
    assert MODE == POOLS
    return self.liquidator

@external
@view
def mayLiquidate(caller: address) -> bool:
    return self.liquidator == empty(address) or caller == self.liquidator

@external
@view
def userPoolId(account: address) -> uint96:
    assert MODE == POOLS
    return self.poolOf[account]

@external
@view
def pools(id: uint96) -> (String[32], bool, bool):
    assert MODE == POOLS
    return "pool", self.pool[id].active, self.pool[id].fallback

@external
@view
def poolMarkets(id: uint96, cToken: address) -> (bool, uint256, bool, uint256, uint256, uint96, bool):
    assert MODE == POOLS
    m: Market = self.poolMarket[id][cToken] if id != 0 else self.core[cToken]
    return m.listed, m.factor, False, m.threshold, m.incentive, id, True

@external
@view
@raw_return
def markets(cToken: address) -> Bytes[224]:
    m: Market = self.core[cToken]
    if MODE == POOLS:
        return abi_encode(m.listed, m.factor, False, m.threshold, m.incentive, empty(uint96), True)
    if MODE == WEIGHT_LAST:
        return abi_encode(m.listed, m.factor, m.threshold)
    return abi_encode(m.listed, m.factor, False)

# Membership.

@external
@view
def getAssetsIn(account: address) -> DynArray[address, 32]:
    return self.entered[account]

@internal
def _enter(cToken: address, account: address):
    assert self.core[cToken].listed
    if self.member[cToken][account]:
        return
    self.member[cToken][account] = True
    self.entered[account].append(cToken)
    log MarketEntered(cToken=cToken, account=account)

@external
def enterMarkets(cTokens: DynArray[address, 32]):
    for cToken: address in cTokens:
        self._enter(cToken, msg.sender)

@external
def enterPool(id: uint96):
    assert MODE == POOLS
    log PoolSelected(account=msg.sender, previousPoolId=self.poolOf[msg.sender], newPoolId=id)
    self.poolOf[msg.sender] = id

@external
def exitMarket(cToken: address):
    error: uint256 = 0
    held: uint256 = 0
    owed: uint256 = 0
    rate: uint256 = 0
    error, held, owed, rate = staticcall CToken(cToken).getAccountSnapshot(msg.sender)
    assert error == 0 and owed == 0
    self._require(msg.sender, cToken, held, 0)
    assert self.member[cToken][msg.sender]
    self.member[cToken][msg.sender] = False
    left: DynArray[address, 32] = []
    for other: address in self.entered[msg.sender]:
        if other != cToken:
            left.append(other)
    self.entered[msg.sender] = left
    log MarketExited(cToken=cToken, account=msg.sender)

# Liquidity.

@internal
@view
def _terms(account: address, cToken: address) -> (uint256, uint256):
    m: Market = self.core[cToken]
    if MODE == POOLS:
        id: uint96 = self.poolOf[account]
        if id != 0 and self.pool[id].active:
            own: Market = self.poolMarket[id][cToken]
            if own.listed or not self.pool[id].fallback:
                m = own
        return m.threshold, m.incentive
    if MODE == WEIGHT_LAST:
        return m.threshold, self.incentive
    return m.factor, self.incentive

@internal
@view
def _denominated(weight: uint256, rate: uint256, price: uint256) -> uint256:
    if MODE == HALF_UP:
        return ((weight * rate + E18 // 2) // E18 * price + E18 // 2) // E18
    if MODE == WEIGHT_LAST:
        return weight * (rate * price // E18) // E18
    return weight * rate // E18 * price // E18

@internal
@view
def _liquidity(account: address, modify: address, redeem: uint256, borrow: uint256) -> (uint256, uint256, uint256):
    collateral: uint256 = 0
    debt: uint256 = 0
    for cToken: address in self.entered[account]:
        error: uint256 = 0
        held: uint256 = 0
        owed: uint256 = 0
        rate: uint256 = 0
        error, held, owed, rate = staticcall CToken(cToken).getAccountSnapshot(account)
        if error != 0:
            return 15, 0, 0
        price: uint256 = staticcall Oracle(self.oracle).getUnderlyingPrice(cToken)
        if price == 0:
            assert MODE != WEIGHT_LAST, "PriceError"
            return 13, 0, 0
        weight: uint256 = 0
        incentive: uint256 = 0
        weight, incentive = self._terms(account, cToken)
        denominated: uint256 = self._denominated(weight, rate, price)
        collateral += denominated * held // E18
        debt += price * owed // E18
        if cToken == modify:
            debt += denominated * redeem // E18
            debt += price * borrow // E18
    if MODE == POOLS and self.vai != empty(address):
        debt += staticcall VAI(self.vai).getVAIRepayAmount(account)
    if collateral > debt:
        return 0, collateral - debt, 0
    return 0, 0, debt - collateral

@internal
@view
def _require(account: address, modify: address, redeem: uint256, borrow: uint256):
    error: uint256 = 0
    liquidity: uint256 = 0
    shortfall: uint256 = 0
    error, liquidity, shortfall = self._liquidity(account, modify, redeem, borrow)
    assert error == 0 and shortfall == 0, "INSUFFICIENT_LIQUIDITY"

@external
@view
def getAccountLiquidity(account: address) -> (uint256, uint256, uint256):
    return self._liquidity(account, empty(address), 0, 0)

@external
def redeemAllowed(account: address, tokens: uint256):
    if self.member[msg.sender][account]:
        self._require(account, msg.sender, tokens, 0)

@external
def borrowAllowed(account: address, amount: uint256):
    self._enter(msg.sender, account)
    self._require(account, msg.sender, 0, amount)

@external
@view
def liquidateAllowed(borrower: address, amount: uint256) -> bool:
    owed: uint256 = staticcall CToken(msg.sender).borrowBalanceStored(borrower)
    if self._deprecated(msg.sender):
        assert amount <= owed
        return True
    error: uint256 = 0
    liquidity: uint256 = 0
    shortfall: uint256 = 0
    error, liquidity, shortfall = self._liquidity(borrower, empty(address), 0, 0)
    assert error == 0 and shortfall > 0, "INSUFFICIENT_SHORTFALL"
    assert amount <= self.closeFactorMantissa * owed // E18, "TOO_MUCH_REPAY"
    return True

@external
@view
def isMarket(cToken: address) -> bool:
    return self.core[cToken].listed

@external
@view
def incentiveOf(borrower: address, cToken: address) -> uint256:
    weight: uint256 = 0
    incentive: uint256 = 0
    weight, incentive = self._terms(borrower, cToken)
    return incentive

@external
@view
def seizeTokens(borrower: address, borrowed: address, collateral: address, amount: uint256) -> uint256:
    p: uint256 = staticcall Oracle(self.oracle).getUnderlyingPrice(borrowed)
    q: uint256 = staticcall Oracle(self.oracle).getUnderlyingPrice(collateral)
    assert p != 0 and q != 0
    weight: uint256 = 0
    incentive: uint256 = 0
    weight, incentive = self._terms(borrower, collateral)
    rate: uint256 = staticcall CToken(collateral).exchangeRateStored()
    if MODE == HALF_UP:
        n: uint256 = (incentive * p + E18 // 2) // E18
        d: uint256 = (q * rate + E18 // 2) // E18
        return n * E18 // d * amount // E18
    return (incentive * p // E18) * E18 // (q * rate // E18) * amount // E18
