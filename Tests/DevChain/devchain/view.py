"""The chain as one endpoint shows it: behind the head, or with headers of another chain from some block on."""

from dataclasses import replace

from .blocks import Block
from .chain import Chain

# The header's field under its JSON name, and how a forged header differs in it.
FIELDS = {
    "extraData": ("extra", lambda v: b"another chain"), "stateRoot": ("state_root", lambda v: _flipped(v)),
    "receiptsRoot": ("receipts_root", lambda v: _flipped(v)), "transactionsRoot": ("transactions_root", lambda v: _flipped(v)),
    "mixHash": ("prevrandao", lambda v: _flipped(v)), "logsBloom": ("bloom", lambda v: v ^ 1 << 2047),
    "timestamp": ("timestamp", lambda v: v + 1), "gasUsed": ("gas_used", lambda v: v + 1),
}


def _flipped(value: bytes) -> bytes:
    return value[:-1] + bytes((value[-1] ^ 1,))


class View:
    """Everything of a `Chain`, with this endpoint's idea of its blocks."""

    def __init__(self, chain: Chain):
        self.chain = chain
        self.lag = 0
        self.forged: Forged | None = None

    def __getattr__(self, name: str):
        return getattr(self.chain, name)

    @property
    def tip(self) -> Block:
        """The newest block that clients are told of."""
        return self.blocks[max(0, len(self.chain.blocks) - 1 - self.lag)]

    @property
    def blocks(self):
        return self.forged or self.chain.blocks

    @property
    def by_hash(self):
        return self.forged.by_hash if self.forged else self.chain.by_hash

    def shown(self, block: Block) -> Block:
        """A block of the chain, even one that was taken back, as this endpoint showed it."""
        return self.forged.shown(block) if self.forged else block


class Forged:
    """The chain's blocks, those from number `first` on under other headers that hash and link as they should."""

    def __init__(self, chain: Chain, first: int, field: str):
        self.chain, self.first, self.field = chain, first, field
        self.attribute, self.change = FIELDS[field]
        self.by_true: dict[bytes, Block] = {}
        self.by_forged: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self.chain.blocks)

    def __getitem__(self, number: int) -> Block:
        true = self.chain.blocks[number]
        if true.number < self.first:
            return true
        start = true.number
        while start > self.first and self.chain.blocks[start - 1].hash not in self.by_true:
            start -= 1
        for block in self.chain.blocks[start:true.number + 1]:
            if block.hash not in self.by_true:
                parent = self.by_true.get(block.header.parent_hash)
                header = replace(block.header, **{self.attribute: self.change(getattr(block.header, self.attribute))})
                header = replace(header, parent_hash=parent.hash if parent else header.parent_hash)
                self.by_true[block.hash] = made = Block(header, block.transactions, block.receipts, block.first_log)
                self.by_forged[made.hash] = made.number
        return self.by_true[true.hash]

    @property
    def by_hash(self) -> "Forged":
        return self

    def get(self, digest: bytes) -> Block | None:
        """The block of a hash: forged ones by their own, the rest by the true one."""
        if len(self.chain.blocks) > self.first:
            self[len(self.chain.blocks) - 1]
        number = self.by_forged.get(digest)
        if number is not None:
            block = self[number] if number < len(self.chain.blocks) else None
            return block if block and block.hash == digest else None
        true = self.chain.by_hash.get(digest)
        return true if true and true.number < self.first else None

    def shown(self, block: Block) -> Block:
        return self.by_true.get(block.hash, block)
