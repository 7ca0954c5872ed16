# pragma version 0.4.3
# A market of ours, from reading compound-finance/compound-protocol contracts/CToken.sol@a3214f6. Interest is counted in
# seconds as in moonwell-fi/moonwell-contracts-v2 src/MToken.sol@45866f4c, bad debt as in VenusProtocol/isolated-pools
# contracts/VToken.sol@58b76f81. A native market has no underlying(), and counts a token all the same.
interface Token:
    def balanceOf(account: address) -> uint256: view
    def transfer(to: address, amount: uint256) -> bool: nonpayable
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable
    def mint(to: address, amount: uint256): nonpayable

interface Comptroller:
    def redeemAllowed(account: address, tokens: uint256): nonpayable
    def borrowAllowed(account: address, amount: uint256): nonpayable
    def liquidateAllowed(borrower: address, amount: uint256) -> bool: view
    def seizeTokens(borrower: address, borrowed: address, collateral: address, amount: uint256) -> uint256: view
    def isMarket(cToken: address) -> bool: view
    def mayLiquidate(caller: address) -> bool: view
    def incentiveOf(borrower: address, cToken: address) -> uint256: view

interface Model:
    def getBorrowRate(cash: uint256, borrows: uint256, reserves: uint256) -> uint256: view

interface IsolatedModel:
    def getBorrowRate(cash: uint256, borrows: uint256, reserves: uint256, bad_debt: uint256) -> uint256: view

interface Other:
    def seize(liquidator: address, borrower: address, tokens: uint256): nonpayable
    def accrueInterest() -> uint256: nonpayable

event AccrueInterest:
    cashPrior: uint256
    interestAccumulated: uint256
    borrowIndex: uint256
    totalBorrows: uint256

event Mint:
    minter: address
    mintAmount: uint256
    mintTokens: uint256

event Redeem:
    redeemer: address
    redeemAmount: uint256
    redeemTokens: uint256

event Borrow:
    borrower: address
    borrowAmount: uint256
    accountBorrows: uint256
    totalBorrows: uint256

event RepayBorrow:
    payer: address
    borrower: address
    repayAmount: uint256
    accountBorrows: uint256
    totalBorrows: uint256

event LiquidateBorrow:
    liquidator: address
    borrower: address
    repayAmount: uint256
    cTokenCollateral: address
    seizeTokens: uint256

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256

E18: constant(uint256) = 10**18
TOKEN: immutable(address)
COMPTROLLER: immutable(address)
TIME: immutable(bool)
ISOLATED: immutable(bool)
NATIVE: immutable(bool)
# The first rate models answer an error code before the rate.
EARLY: immutable(bool)

symbol: public(String[32])
interestRateModel: public(address)
reserveFactorMantissa: public(uint256)
share: uint256
initial: uint256
slot: uint256
borrowIndex: public(uint256)
totalBorrows: public(uint256)
totalReserves: public(uint256)
totalSupply: public(uint256)
bad: uint256
balanceOf: public(HashMap[address, uint256])
principal: HashMap[address, uint256]
interestIndex: HashMap[address, uint256]

@deploy
def __init__(token: address, comptroller: address, model: address, symbol: String[32], initial: uint256, factor: uint256,
             share: uint256, time: bool, isolated: bool, native: bool, early: bool):
    TOKEN = token
    COMPTROLLER = comptroller
    TIME = time
    ISOLATED = isolated
    NATIVE = native
    EARLY = early
    self.interestRateModel = model
    self.symbol = symbol
    self.initial = initial
    self.reserveFactorMantissa = factor
    self.share = share
    self.borrowIndex = E18
    self.slot = block.timestamp if time else block.number

@external
def setReserveFactor(factor: uint256):
    self._accrue()
    self.reserveFactorMantissa = factor

@external
def giveUp(amount: uint256):
    # Bad debt without a borrower, as after a healed account.
    assert ISOLATED
    self._accrue()
    self.bad += amount

@external
@view
def protocolSeizeShareMantissa() -> uint256:
    assert not EARLY
    return self.share

@external
@view
def underlying() -> address:
    assert not NATIVE
    return TOKEN

@external
@view
def accrualBlockNumber() -> uint256:
    assert not TIME or ISOLATED
    return self.slot

@external
@view
def accrualBlockTimestamp() -> uint256:
    assert TIME and not ISOLATED
    return self.slot

@external
@view
def isTimeBased() -> bool:
    assert ISOLATED
    return TIME

@external
@view
def badDebt() -> uint256:
    assert ISOLATED
    return self.bad

@internal
@view
def _cash() -> uint256:
    return staticcall Token(TOKEN).balanceOf(self)

@external
@view
def getCash() -> uint256:
    return self._cash()

@internal
@view
def _rate() -> uint256:
    if self.totalSupply == 0:
        return self.initial
    return (self._cash() + self.totalBorrows + self.bad - self.totalReserves) * E18 // self.totalSupply

@internal
@view
def _owed(account: address) -> uint256:
    if self.principal[account] == 0:
        return 0
    return self.principal[account] * self.borrowIndex // self.interestIndex[account]

@internal
@view
def _model(cash: uint256) -> uint256:
    if ISOLATED:
        return staticcall IsolatedModel(self.interestRateModel).getBorrowRate(cash, self.totalBorrows, self.totalReserves, self.bad)
    if not EARLY:
        return staticcall Model(self.interestRateModel).getBorrowRate(cash, self.totalBorrows, self.totalReserves)
    answer: Bytes[64] = raw_call(
        self.interestRateModel,
        abi_encode(cash, self.totalBorrows, self.totalReserves, method_id=method_id("getBorrowRate(uint256,uint256,uint256)")),
        max_outsize=64, is_static_call=True)
    return convert(slice(answer, 32, 32), uint256)

@internal
def _accrue():
    now: uint256 = block.timestamp if TIME else block.number
    if now == self.slot:
        return
    cash: uint256 = self._cash()
    rate: uint256 = self._model(cash)
    assert rate <= 5 * 10**12, "borrow rate is absurdly high"
    factor: uint256 = rate * (now - self.slot)
    interest: uint256 = factor * self.totalBorrows // E18
    self.slot = now
    self.totalBorrows += interest
    self.totalReserves += self.reserveFactorMantissa * interest // E18
    self.borrowIndex += factor * self.borrowIndex // E18
    log AccrueInterest(cashPrior=cash, interestAccumulated=interest, borrowIndex=self.borrowIndex, totalBorrows=self.totalBorrows)

@external
def accrueInterest() -> uint256:
    self._accrue()
    return 0

@external
@view
def exchangeRateStored() -> uint256:
    return self._rate()

@external
def exchangeRateCurrent() -> uint256:
    self._accrue()
    return self._rate()

@external
def totalBorrowsCurrent() -> uint256:
    self._accrue()
    return self.totalBorrows

@external
@view
def borrowBalanceStored(account: address) -> uint256:
    return self._owed(account)

@external
def borrowBalanceCurrent(account: address) -> uint256:
    self._accrue()
    return self._owed(account)

@external
@view
def getAccountSnapshot(account: address) -> (uint256, uint256, uint256, uint256):
    return 0, self.balanceOf[account], self._owed(account), self._rate()

@external
def mint(amount: uint256) -> uint256:
    self._accrue()
    tokens: uint256 = amount * E18 // self._rate()
    extcall Token(TOKEN).transferFrom(msg.sender, self, amount)
    self.totalSupply += tokens
    self.balanceOf[msg.sender] += tokens
    log Mint(minter=msg.sender, mintAmount=amount, mintTokens=tokens)
    log Transfer(sender=self, receiver=msg.sender, amount=tokens)
    return 0

@external
def redeem(tokens: uint256) -> uint256:
    self._accrue()
    amount: uint256 = self._rate() * tokens // E18
    extcall Comptroller(COMPTROLLER).redeemAllowed(msg.sender, tokens)
    assert self._cash() >= amount
    self.totalSupply -= tokens
    self.balanceOf[msg.sender] -= tokens
    extcall Token(TOKEN).transfer(msg.sender, amount)
    log Transfer(sender=msg.sender, receiver=self, amount=tokens)
    log Redeem(redeemer=msg.sender, redeemAmount=amount, redeemTokens=tokens)
    return 0

@external
def borrow(amount: uint256) -> uint256:
    self._accrue()
    extcall Comptroller(COMPTROLLER).borrowAllowed(msg.sender, amount)
    assert self._cash() >= amount
    self.principal[msg.sender] = self._owed(msg.sender) + amount
    self.interestIndex[msg.sender] = self.borrowIndex
    self.totalBorrows += amount
    extcall Token(TOKEN).transfer(msg.sender, amount)
    log Borrow(borrower=msg.sender, borrowAmount=amount, accountBorrows=self.principal[msg.sender], totalBorrows=self.totalBorrows)
    return 0

@external
def lendAll(to: address):
    # Not in the real one: a debt without collateral takes all the cash.
    self._accrue()
    amount: uint256 = self._cash()
    self.principal[to] = self._owed(to) + amount
    self.interestIndex[to] = self.borrowIndex
    self.totalBorrows += amount
    extcall Token(TOKEN).transfer(to, amount)
    log Borrow(borrower=to, borrowAmount=amount, accountBorrows=self.principal[to], totalBorrows=self.totalBorrows)

@internal
def _repay(payer: address, borrower: address, wanted: uint256) -> uint256:
    owed: uint256 = self._owed(borrower)
    amount: uint256 = owed if wanted == max_value(uint256) else wanted
    extcall Token(TOKEN).transferFrom(payer, self, amount)
    self.principal[borrower] = owed - amount
    self.interestIndex[borrower] = self.borrowIndex
    self.totalBorrows -= amount
    log RepayBorrow(payer=payer, borrower=borrower, repayAmount=amount, accountBorrows=owed - amount, totalBorrows=self.totalBorrows)
    return amount

@external
def repayBorrowBehalf(borrower: address, amount: uint256) -> uint256:
    self._accrue()
    self._repay(msg.sender, borrower, amount)
    return 0

@internal
def _liquidate(borrower: address, amount: uint256, collateral: address):
    self._accrue()
    assert staticcall Comptroller(COMPTROLLER).mayLiquidate(msg.sender), "UNAUTHORIZED"
    if collateral != self:
        extcall Other(collateral).accrueInterest()
    assert staticcall Comptroller(COMPTROLLER).liquidateAllowed(borrower, amount)
    assert borrower != msg.sender and amount != 0 and amount != max_value(uint256)
    self._repay(msg.sender, borrower, amount)
    tokens: uint256 = staticcall Comptroller(COMPTROLLER).seizeTokens(borrower, self, collateral, amount)
    if collateral == self:
        self._seize(msg.sender, borrower, tokens)
    else:
        extcall Other(collateral).seize(msg.sender, borrower, tokens)
    log LiquidateBorrow(liquidator=msg.sender, borrower=borrower, repayAmount=amount, cTokenCollateral=collateral, seizeTokens=tokens)

@external
def liquidateBorrow(borrower: address, amount: uint256, collateral: address) -> uint256:
    self._liquidate(borrower, amount, collateral)
    return 0

@external
@payable
def __default__():
    # CEther.liquidateBorrow(address,address): what it carries becomes the token that stands for it here.
    assert NATIVE and slice(msg.data, 0, 4) == method_id("liquidateBorrow(address,address)")
    extcall Token(TOKEN).mint(msg.sender, msg.value)
    words: Bytes[64] = slice(msg.data, 4, 64)
    self._liquidate(convert(convert(slice(words, 0, 32), uint256), address), msg.value, convert(convert(slice(words, 32, 32), uint256), address))

@internal
def _seize(liquidator: address, borrower: address, tokens: uint256):
    protocol: uint256 = tokens * self.share // E18
    if ISOLATED:
        # Of what the repayment is worth, not of the incentive: isolated-pools contracts/VToken.sol@58b76f81 `_seize`.
        protocol = protocol * E18 // staticcall Comptroller(COMPTROLLER).incentiveOf(borrower, self)
    rest: uint256 = tokens - protocol
    self.totalReserves += self._rate() * protocol // E18
    self.totalSupply -= protocol
    self.balanceOf[borrower] -= tokens
    self.balanceOf[liquidator] += rest
    log Transfer(sender=borrower, receiver=liquidator, amount=rest)
    log Transfer(sender=borrower, receiver=self, amount=protocol)

@external
def seize(liquidator: address, borrower: address, tokens: uint256):
    assert staticcall Comptroller(COMPTROLLER).isMarket(msg.sender)
    self._seize(liquidator, borrower, tokens)

@external
def transfer(to: address, amount: uint256) -> bool:
    extcall Comptroller(COMPTROLLER).redeemAllowed(msg.sender, amount)
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount
    log Transfer(sender=msg.sender, receiver=to, amount=amount)
    return True
