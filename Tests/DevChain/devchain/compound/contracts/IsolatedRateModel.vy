# pragma version 0.4.3
# The jump rate model that counts bad debt, from reading VenusProtocol/isolated-pools contracts/JumpRateModelV2.sol@58b76f81.
base: uint256
multiplier: uint256
jump: uint256
kink: uint256
broken: public(bool)

@deploy
def __init__(base: uint256, multiplier: uint256, jump: uint256, kink: uint256, two_words: bool):
    self.base = base
    self.multiplier = multiplier
    self.jump = jump
    self.kink = kink

@external
def setBroken(broken: bool):
    self.broken = broken

@external
@view
def getBorrowRate(cash: uint256, borrows: uint256, reserves: uint256, bad_debt: uint256) -> uint256:
    assert not self.broken, "broken"
    util: uint256 = 0
    if borrows + bad_debt != 0:
        util = min((borrows + bad_debt) * 10**18 // (cash + borrows + bad_debt - reserves), 10**18)
    if util <= self.kink:
        return util * self.multiplier // 10**18 + self.base
    normal: uint256 = self.kink * self.multiplier // 10**18 + self.base
    return (util - self.kink) * self.jump // 10**18 + normal
