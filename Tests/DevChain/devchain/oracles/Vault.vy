# pragma version 0.4.3
"""
As much of an ERC-4626 vault as a price reads, without any guard against gifts.
"""

asset: public(immutable(address))
decimals: public(constant(uint8)) = 18
totalSupply: public(uint256)
totalAssets: public(uint256)


@deploy
def __init__(_asset: address, _assets: uint256, _shares: uint256):
    asset = _asset
    self.totalAssets = _assets
    self.totalSupply = _shares


@view
@external
def convertToAssets(_shares: uint256) -> uint256:
    return _shares * self.totalAssets // self.totalSupply


@external
def donate(_amount: uint256):
    self.totalAssets += _amount
