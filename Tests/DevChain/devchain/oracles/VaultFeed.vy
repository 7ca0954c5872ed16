# pragma version 0.4.3
"""
A feed of eight decimals: what a share converts to, times what that is worth.
"""

interface Vault:
    def convertToAssets(shares: uint256) -> uint256: view

interface Feed:
    def latestAnswer() -> int256: view

ASSET_TO_PEG: public(immutable(address))
PEG_TO_BASE: public(immutable(address))
decimals: public(constant(uint8)) = 8


@deploy
def __init__(_vault: address, _feed: address):
    ASSET_TO_PEG = _vault
    PEG_TO_BASE = _feed


@view
@external
def latestAnswer() -> int256:
    base: uint256 = convert(staticcall Feed(PEG_TO_BASE).latestAnswer(), uint256)
    return convert(base * staticcall Vault(ASSET_TO_PEG).convertToAssets(10 ** 18) // 10 ** 18, int256)
