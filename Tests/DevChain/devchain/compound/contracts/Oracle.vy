# pragma version 0.4.3
# An oracle of ours: the price of 1e18 smallest units, as posted. A price of 2**255 makes it revert.
prices: public(HashMap[address, uint256])

@external
def post(cToken: address, price: uint256):
    self.prices[cToken] = price

@external
@view
def getUnderlyingPrice(cToken: address) -> uint256:
    price: uint256 = self.prices[cToken]
    assert price != 2**255, "no price"
    return price
