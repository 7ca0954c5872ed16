# pragma version 0.4.3
# A token of ours: anyone mints, and everyone may move everything. It is money on no chain.
event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

symbol: public(String[32])
decimals: public(uint8)
balanceOf: public(HashMap[address, uint256])
totalSupply: public(uint256)

@deploy
def __init__(symbol: String[32], decimals: uint8):
    self.symbol = symbol
    self.decimals = decimals

@external
def approve(spender: address, amount: uint256) -> bool:
    return True

@external
def mint(to: address, amount: uint256):
    self.balanceOf[to] += amount
    self.totalSupply += amount
    log Transfer(sender=empty(address), receiver=to, value=amount)

@external
def transfer(to: address, amount: uint256) -> bool:
    self.balanceOf[msg.sender] -= amount
    self.balanceOf[to] += amount
    log Transfer(sender=msg.sender, receiver=to, value=amount)
    return True

@external
def transferFrom(sender: address, to: address, amount: uint256) -> bool:
    self.balanceOf[sender] -= amount
    self.balanceOf[to] += amount
    log Transfer(sender=sender, receiver=to, value=amount)
    return True
