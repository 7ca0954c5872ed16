# pragma version 0.4.3
# The jump rate model, from reading compound-finance/compound-protocol contracts/BaseJumpRateModelV2.sol@a3214f6;
# the early kind that answers an error code first as in contracts/WhitePaperInterestRateModel.sol@f754de9.
base: uint256
multiplier: uint256
jump: uint256
kink: uint256
TWO_WORDS: immutable(bool)
broken: public(bool)

@deploy
def __init__(base: uint256, multiplier: uint256, jump: uint256, kink: uint256, two_words: bool):
    self.base = base
    self.multiplier = multiplier
    self.jump = jump
    self.kink = kink
    TWO_WORDS = two_words

@external
def setBroken(broken: bool):
    self.broken = broken

@internal
@view
def _rate(cash: uint256, borrows: uint256, reserves: uint256) -> uint256:
    assert not self.broken, "broken"
    util: uint256 = 0
    if borrows != 0:
        util = borrows * 10**18 // (cash + borrows - reserves)
    if util <= self.kink:
        return util * self.multiplier // 10**18 + self.base
    normal: uint256 = self.kink * self.multiplier // 10**18 + self.base
    return (util - self.kink) * self.jump // 10**18 + normal

@external
@view
@raw_return
def getBorrowRate(cash: uint256, borrows: uint256, reserves: uint256) -> Bytes[64]:
    if TWO_WORDS:
        return abi_encode(empty(uint256), self._rate(cash, borrows, reserves))
    return abi_encode(self._rate(cash, borrows, reserves))
