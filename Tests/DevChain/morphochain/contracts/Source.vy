# pragma version 0.4.3
# A price for tests: an oracle of its own, a Chainlink feed, or a vault, by what is asked of it.

answer: public(uint256)
decimals: public(uint8)
isBroken: public(bool)


@deploy
def __init__(answer: uint256, decimals: uint8):
    self.answer = answer
    self.decimals = decimals


@external
def post(answer: uint256, isBroken: bool):
    self.answer = answer
    self.isBroken = isBroken


@view
@external
def price() -> uint256:
    assert not self.isBroken, "stale"
    return self.answer


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    assert not self.isBroken, "stale"
    return 1, convert(self.answer, int256), block.timestamp - 60, block.timestamp - 60, 1


@view
@external
def convertToAssets(shares: uint256) -> uint256:
    assert not self.isBroken, "stale"
    return shares * self.answer // 10**18
