# pragma version 0.4.3
"""
An aggregator in the shape of Chainlink's, which anybody may write to: an answer beyond its bounds is refused, and the
last one stays, growing old. Bounds as in smartcontractkit/libocr contract2/OCR2Aggregator.sol@0a5e2f9.
"""

minAnswer: public(immutable(int192))
maxAnswer: public(immutable(int192))
decimals: public(constant(uint8)) = 8
latestRound: public(uint80)
latestAnswer: public(int256)
latestTimestamp: public(uint256)


@deploy
def __init__(_answer: int256, _low: int192, _high: int192):
    minAnswer = _low
    maxAnswer = _high
    self._post(_answer)


@internal
def _post(_answer: int256):
    assert _answer >= convert(minAnswer, int256) and _answer <= convert(maxAnswer, int256), "out of range"
    self.latestRound += 1
    self.latestAnswer = _answer
    self.latestTimestamp = block.timestamp


@external
def post(_answer: int256):
    self._post(_answer)


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    return self.latestRound, self.latestAnswer, self.latestTimestamp, self.latestTimestamp, self.latestRound
