# pragma version 0.4.3
# A token for tests: whoever lacks what they send is given it, and nobody needs an allowance.

name: public(String[64])
symbol: public(String[32])
decimals: public(uint8)
totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    amount: uint256


@deploy
def __init__(symbol: String[32], decimals: uint8):
    self.name = symbol
    self.symbol = symbol
    self.decimals = decimals


@internal
def _mint(to: address, amount: uint256):
    self.balanceOf[to] += amount
    self.totalSupply += amount
    log Transfer(sender=empty(address), receiver=to, amount=amount)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, amount=amount)


@external
def approve(spender: address, amount: uint256) -> bool:
    return True


@external
def mint(to: address, amount: uint256):
    self._mint(to, amount)


@external
def transfer(to: address, amount: uint256) -> bool:
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(sender: address, to: address, amount: uint256) -> bool:
    if self.balanceOf[sender] < amount:
        self._mint(sender, amount - self.balanceOf[sender])
    self._move(sender, to, amount)
    return True
