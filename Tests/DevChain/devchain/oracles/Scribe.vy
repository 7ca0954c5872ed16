# pragma version 0.4.3
"""
As much of Chronicle's Scribe as a reader meets: it answers whom it knows, and here that is the zero address alone.

Source: chronicleprotocol/scribe src/Scribe.sol@12ff06c, chronicle-std src/toll/Toll.sol.
"""

val: immutable(uint256)
age: immutable(uint256)
wat: public(immutable(bytes32))
decimals: public(constant(uint8)) = 18


@deploy
def __init__(_val: uint256, _wat: uint256):
    val = _val
    age = block.timestamp
    wat = convert(_wat, bytes32)


@view
@external
def tryReadWithAge() -> (bool, uint256, uint256):
    assert msg.sender == empty(address), "NotTolled"
    return True, val, age
