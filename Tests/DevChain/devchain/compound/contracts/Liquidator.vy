# pragma version 0.4.3
# The only caller that may liquidate, from reading VenusProtocol/venus-protocol contracts/Liquidator/Liquidator.sol@ce5c8beb:
# restrictions, VAI first, and the treasury's part of the bonus; what it does with that part is left out.
interface VToken:
    def underlying() -> address: view
    def liquidateBorrow(borrower: address, amount: uint256, collateral: address) -> uint256: nonpayable
    def balanceOf(account: address) -> uint256: view
    def transfer(to: address, amount: uint256) -> bool: nonpayable

interface Token:
    def transferFrom(sender: address, to: address, amount: uint256) -> bool: nonpayable

interface Comptroller:
    def incentiveOf(borrower: address, cToken: address) -> uint256: view

interface VAI:
    def getVAIRepayAmount(account: address) -> uint256: view

E18: constant(uint256) = 10**18
COMPTROLLER: immutable(address)
VAI_CONTROLLER: immutable(address)
TREASURY: constant(address) = 0x000000000000000000000000000000000000dEaD

treasuryPercentMantissa: public(uint256)
forceVAILiquidate: public(bool)
minLiquidatableVAI: public(uint256)
liquidationRestricted: public(HashMap[address, bool])

@deploy
def __init__(comptroller: address, vai: address, percent: uint256, least: uint256):
    COMPTROLLER = comptroller
    VAI_CONTROLLER = vai
    self.treasuryPercentMantissa = percent
    self.forceVAILiquidate = True
    self.minLiquidatableVAI = least

@external
def restrict(borrower: address):
    self.liquidationRestricted[borrower] = True

@external
@payable
def liquidateBorrow(vToken: address, borrower: address, repayAmount: uint256, vTokenCollateral: address):
    assert repayAmount != 0
    assert not self.liquidationRestricted[borrower], "LiquidationNotAllowed"
    if self.forceVAILiquidate:
        owed: uint256 = staticcall VAI(VAI_CONTROLLER).getVAIRepayAmount(borrower)
        assert owed < self.minLiquidatableVAI, "VAIDebtTooHigh"
    before: uint256 = staticcall VToken(vTokenCollateral).balanceOf(self)
    if msg.value > 0:
        assert msg.value == repayAmount, "WrongTransactionAmount"
        raw_call(
            vToken, abi_encode(borrower, vTokenCollateral, method_id=method_id("liquidateBorrow(address,address)")),
            value=msg.value)
    else:
        extcall Token(staticcall VToken(vToken).underlying()).transferFrom(msg.sender, self, repayAmount)
        extcall VToken(vToken).liquidateBorrow(borrower, repayAmount, vTokenCollateral)
    seized: uint256 = staticcall VToken(vTokenCollateral).balanceOf(self) - before
    incentive: uint256 = staticcall Comptroller(COMPTROLLER).incentiveOf(borrower, vTokenCollateral)
    bonus: uint256 = seized * (incentive - E18) // incentive
    ours: uint256 = bonus * self.treasuryPercentMantissa // E18
    extcall VToken(vTokenCollateral).transfer(msg.sender, seized - ours)
    extcall VToken(vTokenCollateral).transfer(TREASURY, ours)
