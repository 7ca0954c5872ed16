# pragma version 0.4.3
"""The oracle of one spoke: a feed for each reserve, whose answer has to be positive. Written for the tests of this project."""

interface Feed:
    def latestAnswer() -> int256: view
    def decimals() -> uint8: view

decimals: public(constant(uint8)) = 8
deployer: address
spoke: public(address)
sources: HashMap[uint256, address]


@deploy
def __init__():
    self.deployer = msg.sender


@external
def setSpoke(spoke: address):
    assert msg.sender == self.deployer and self.spoke == empty(address)
    self.spoke = spoke


@external
def setReserveSource(id: uint256, source: address):
    assert msg.sender == self.spoke and staticcall Feed(source).decimals() == 8
    self.sources[id] = source


@external
@view
def getReserveSource(id: uint256) -> address:
    return self.sources[id]


@external
@view
def getReservePrice(id: uint256) -> uint256:
    assert self.sources[id] != empty(address)
    price: int256 = staticcall Feed(self.sources[id]).latestAnswer()
    assert price > 0
    return convert(price, uint256)
