"""What a block is made of: header, transactions, receipts, logs, and the encodings their hashes commit to."""

from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from . import rlp
from .hashing import EMPTY_TRIE_ROOT, EMPTY_UNCLES, keccak
from .world import COINBASE

EMPTY_REQUESTS = bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
FORK_FIELDS = {"london": 16, "shanghai": 17, "cancun": 20, "prague": 21}


@lru_cache(maxsize=1 << 16)
def _bloom_bits(item: bytes) -> int:
    digest = keccak(item)
    bits = 0
    for at in (0, 2, 4):
        bits |= 1 << ((digest[at] << 8 | digest[at + 1]) & 2047)
    return bits


@dataclass(slots=True)
class Log:
    """One event, at its place in the chain."""

    block: int
    tx_index: int
    index: int
    address: str
    topics: tuple
    data: bytes

    def bloom(self) -> int:
        bits = _bloom_bits(bytes.fromhex(self.address[2:]))
        for topic in self.topics:
            bits |= _bloom_bits(topic)
        return bits

    def rlp(self) -> list:
        return [bytes.fromhex(self.address[2:]), list(self.topics), self.data]


@dataclass(slots=True)
class Transaction:
    """A transaction whose sender is a given, not recovered: the node signs nothing, r and s are derived from it."""

    kind: int
    nonce: int
    sender: str
    to: str | None
    value: int
    data: bytes
    gas: int
    gas_price: int
    chain_id: int
    raw: bytes = b""
    hash: bytes = b""
    signature: tuple = ()

    def __post_init__(self):
        if not self.raw:
            self.signature = (0, int.from_bytes(keccak(self.sender.encode()), "big") >> 1, self.nonce + 1)
            self.raw = self._encode()
        self.hash = keccak(self.raw)

    def _encode(self) -> bytes:
        to = bytes.fromhex(self.to[2:]) if self.to else b""
        parity, r, s = self.signature
        if self.kind == 0:
            v = self.chain_id * 2 + 35 + parity
            return rlp.encode([self.nonce, self.gas_price, self.gas, to, self.value, self.data, v, r, s])
        return b"\x02" + rlp.encode([self.chain_id, self.nonce, 0, self.gas_price, self.gas, to, self.value, self.data,
                                     [], parity, r, s])


@dataclass(slots=True)
class Receipt:
    """What one transaction did."""

    kind: int
    status: int
    gas_used: int
    cumulative_gas: int
    logs: list
    created: str | None
    bloom: int = 0

    def __post_init__(self):
        for log in self.logs:
            self.bloom |= log.bloom()

    def encode(self) -> bytes:
        body = rlp.encode([self.status, self.cumulative_gas, self.bloom.to_bytes(256, "big"), [g.rlp() for g in self.logs]])
        return body if self.kind == 0 else bytes((self.kind,)) + body


@dataclass
class Header:
    """A block header; `fields` is how many of the 21 the chain's fork has."""

    parent_hash: bytes
    state_root: bytes
    transactions_root: bytes
    receipts_root: bytes
    bloom: int
    number: int
    gas_limit: int
    gas_used: int
    timestamp: int
    prevrandao: bytes
    base_fee: int
    extra: bytes = b"plimsoll devchain"
    fields: int = 20

    @cached_property
    def hash(self) -> bytes:
        return keccak(rlp.encode(self.values()))

    def values(self) -> list:
        """The header as the list that is hashed."""
        return [
            self.parent_hash, EMPTY_UNCLES, bytes.fromhex(COINBASE[2:]), self.state_root, self.transactions_root,
            self.receipts_root, self.bloom.to_bytes(256, "big"), 0, self.number, self.gas_limit, self.gas_used,
            self.timestamp, self.extra, self.prevrandao, bytes(8), self.base_fee, EMPTY_TRIE_ROOT, 0, 0, bytes(32),
            EMPTY_REQUESTS,
        ][:self.fields]


@dataclass
class Block:
    """A sealed block."""

    header: Header
    transactions: list = field(default_factory=list)
    receipts: list = field(default_factory=list)
    first_log: int = 0

    @property
    def number(self) -> int:
        return self.header.number

    @property
    def hash(self) -> bytes:
        return self.header.hash


def next_base_fee(parent: Header) -> int:
    """EIP-1559's base fee of the block after `parent`."""
    target = parent.gas_limit // 2
    change = parent.base_fee * abs(parent.gas_used - target) // target // 8
    if parent.gas_used > target:
        return parent.base_fee + max(change, 1)
    return parent.base_fee - change
