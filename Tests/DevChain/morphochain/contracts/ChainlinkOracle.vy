# pragma version 0.4.3
# Written for tests from reading morpho-org/morpho-blue-oracles src/morpho-chainlink/MorphoChainlinkOracleV2.sol.

interface Source:
    def latestRoundData() -> (uint80, int256, uint256, uint256, uint80): view
    def convertToAssets(shares: uint256) -> uint256: view

BASE_VAULT: public(immutable(address))
BASE_VAULT_CONVERSION_SAMPLE: public(immutable(uint256))
QUOTE_VAULT: public(immutable(address))
QUOTE_VAULT_CONVERSION_SAMPLE: public(immutable(uint256))
BASE_FEED_1: public(immutable(address))
BASE_FEED_2: public(immutable(address))
QUOTE_FEED_1: public(immutable(address))
QUOTE_FEED_2: public(immutable(address))
SCALE_FACTOR: public(immutable(uint256))


@deploy
def __init__(vaults: address[2], samples: uint256[2], feeds: address[4], scale: uint256):
    BASE_VAULT = vaults[0]
    BASE_VAULT_CONVERSION_SAMPLE = samples[0]
    QUOTE_VAULT = vaults[1]
    QUOTE_VAULT_CONVERSION_SAMPLE = samples[1]
    BASE_FEED_1 = feeds[0]
    BASE_FEED_2 = feeds[1]
    QUOTE_FEED_1 = feeds[2]
    QUOTE_FEED_2 = feeds[3]
    SCALE_FACTOR = scale


@view
@internal
def _feed(feed: address) -> uint256:
    if feed == empty(address):
        return 1
    round: uint80 = 0
    answer: int256 = 0
    a: uint256 = 0
    b: uint256 = 0
    c: uint80 = 0
    round, answer, a, b, c = staticcall Source(feed).latestRoundData()
    assert answer >= 0, "negative answer"
    return convert(answer, uint256)


@view
@internal
def _vault(vault: address, sample: uint256) -> uint256:
    if vault == empty(address):
        return 1
    return staticcall Source(vault).convertToAssets(sample)


@view
@external
def price() -> uint256:
    return SCALE_FACTOR * (self._vault(BASE_VAULT, BASE_VAULT_CONVERSION_SAMPLE) * self._feed(BASE_FEED_1) * self._feed(BASE_FEED_2)) // (self._vault(QUOTE_VAULT, QUOTE_VAULT_CONVERSION_SAMPLE) * self._feed(QUOTE_FEED_1) * self._feed(QUOTE_FEED_2))
