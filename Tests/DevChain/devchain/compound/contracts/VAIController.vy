# pragma version 0.4.3
# What a comptroller asks about VAI. Source of the formula: VenusProtocol/venus-protocol VAIController.sol@ce5c8beb.
event MintVAI:
    minter: address
    mintVAIAmount: uint256

getVAIAddress: public(address)
mintIndex: public(uint256)
minted: public(HashMap[address, uint256])
past: public(HashMap[address, uint256])
userIndex: public(HashMap[address, uint256])

@deploy
def __init__(vai: address):
    self.getVAIAddress = vai
    self.mintIndex = 10**18

@external
def accrue(more: uint256):
    self.mintIndex += more

@internal
@view
def _repay(account: address) -> uint256:
    index: uint256 = self.userIndex[account]
    if index == 0:
        index = 10**18
    return self.minted[account] + (self.mintIndex - index) * (self.minted[account] - self.past[account]) // 10**18

@external
def mintVAI(amount: uint256):
    owed: uint256 = self._repay(msg.sender)
    self.past[msg.sender] += owed - self.minted[msg.sender]
    self.minted[msg.sender] = owed + amount
    self.userIndex[msg.sender] = self.mintIndex
    log MintVAI(minter=msg.sender, mintVAIAmount=amount)

@external
@view
def getVAIRepayAmount(account: address) -> uint256:
    return self._repay(account)
