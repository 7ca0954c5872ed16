# pragma version 0.4.3
# A price feed for tests, which may answer anything, or revert.

description: public(String[64])
decimals: public(uint8)
answer: int256
updated: uint256
broken: bool
constant_: bool


@deploy
def __init__(description: String[64], answer: int256, isConstant: bool):
    self.description = description
    self.decimals = 8
    self.answer = answer
    self.updated = block.timestamp
    self.constant_ = isConstant


@external
def post(answer: int256, broken: bool):
    self.answer = answer
    self.updated = block.timestamp
    self.broken = broken


@external
@view
def constantPrice() -> int256:
    assert self.constant_
    return self.answer


@external
@view
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    assert not self.broken
    return 1, self.answer, self.updated, self.updated, 1
