"""The chain: executes transactions into blocks, keeps them, and answers for the state at recent ones."""

from dataclasses import replace

from . import trie
from .blocks import FORK_FIELDS, Block, Header, Log, Receipt, Transaction, next_base_fee
from .hashing import keccak
from .logindex import LogIndex
from .state import State
from .world import Account, Diff, Outcome, World

GENESIS_TIME = 1_700_000_000
BLOCK_TIME = 12
GAS_LIMIT = 60_000_000
TRANSACTION_GAS = 8_000_000


class StatePruned(Exception):
    """The state of a block is older than the history that is kept."""


class Chain:
    """Blocks from genesis to head, one of which may be open and taking transactions."""

    def __init__(self, chain_id: int = 31337, fork: str = "cancun", history: int = 128):
        self.chain_id = chain_id
        self.history = history
        self.fields = FORK_FIELDS[fork]
        self.world = World(chain_id)
        self.blocks: list[Block] = []
        self.by_hash: dict[bytes, Block] = {}
        self.transactions: dict[bytes, tuple[int, int]] = {}
        self.logs = LogIndex()
        self.orphans: dict[bytes, Block] = {}
        self.nonces: dict[str, int] = {}
        self.diffs: dict[int, Diff] = {}
        self.states: dict[int, State] = {}
        self.position = 0
        self.max_transactions = 30
        self.time_offset = 0
        self.pace = None
        self.listeners: list = []
        self._mark = None
        self._open: list = []
        self._gas = 0
        self._log_count = 0
        self._pending_header: Header | None = None

    # Blocks

    @property
    def head(self) -> Block:
        return self.blocks[-1]

    @property
    def tip(self) -> Block:
        """The newest block that is told of, which for the chain itself is the head; a `View` may lag."""
        return self.blocks[-1]

    def genesis(self, accounts: dict[str, Account], time: int = GENESIS_TIME) -> None:
        """Block 0, holding these accounts."""
        for address, account in accounts.items():
            self.world.put_account(address, account)
        diff = Diff(accounts={a: (Account(), account) for a, account in accounts.items()})
        self.states[0] = State().after(diff, self.world)
        header = Header(
            parent_hash=bytes(32), state_root=self.states[0].root, transactions_root=trie.ordered_root([]),
            receipts_root=trie.ordered_root([]), bloom=0, number=0, gas_limit=GAS_LIMIT, gas_used=0, timestamp=time,
            prevrandao=keccak(b"genesis"), base_fee=10**9, fields=self.fields)
        self._append(Block(header))

    def _append(self, block: Block) -> None:
        self.blocks.append(block)
        self.by_hash[block.hash] = block
        for i, transaction in enumerate(block.transactions):
            self.transactions[transaction.hash] = (block.number, i)
        for listener in self.listeners:
            listener.added(block)

    def open(self, seconds: int | None = None) -> None:
        """Start the next block, `seconds` (or what `pace` says) after the head."""
        parent = self.head.header
        if seconds is None:
            seconds = self.pace() if self.pace else BLOCK_TIME
        self.move_to(parent.number)
        self._pending_header = Header(
            parent_hash=parent.hash, state_root=b"", transactions_root=b"", receipts_root=b"", bloom=0,
            number=parent.number + 1, gas_limit=GAS_LIMIT, gas_used=0,
            timestamp=parent.timestamp + max(1, seconds) + self.time_offset,
            prevrandao=keccak(parent.prevrandao + bytes((len(self.orphans) % 256,))),
            base_fee=next_base_fee(parent), fields=self.fields)
        self.time_offset = 0
        self._set_block(self._pending_header)
        self._mark = self.world.begin()
        self._open, self._gas, self._log_count = [], 0, 0

    def close(self) -> Block:
        """Seal the open block (opening an empty one if there is none)."""
        if self._mark is None:
            self.open()
        header, entries = self._pending_header, self._open
        diff = self.world.seal(self._mark, {t.sender: self.nonces[t.sender] for t, _ in entries})
        self._mark = None
        state = self.states[header.number - 1].after(diff, self.world)
        receipts = [r for _, r in entries]
        bloom = 0
        for receipt in receipts:
            bloom |= receipt.bloom
        header = replace(
            header, gas_used=self._gas, bloom=bloom, state_root=state.root,
            transactions_root=trie.ordered_root([t.raw for t, _ in entries]),
            receipts_root=trie.ordered_root([r.encode() for r in receipts]))
        block = Block(header, [t for t, _ in entries], receipts, len(self.logs))
        for receipt in receipts:
            for log in receipt.logs:
                self.logs.append(log)
        self.diffs[header.number] = diff
        self.diffs.pop(header.number - self.history, None)
        self.states[header.number] = state
        self.states.pop(header.number - self.history - 1, None)
        self.position = header.number
        self._append(block)
        return block

    def mine(self, count: int = 1, seconds: int = BLOCK_TIME) -> None:
        """Seal the open block if any, then add `count` empty ones."""
        self.flush()
        for _ in range(count):
            self.open(seconds)
            self.close()

    def flush(self) -> None:
        """Seal the open block if it holds anything."""
        if self._mark is not None:
            self.close()

    def drop(self, count: int) -> None:
        """Take the newest `count` blocks back, as a reorganisation does; they stay known as orphans."""
        self.flush()
        if not 0 < count <= len(self.diffs):
            raise StatePruned(count)
        dropped = self.blocks[-count:]
        self.move_to(self.head.number - count)
        for block in reversed(self.blocks[-count:]):
            self.logs.truncate(block.first_log)
            self.diffs.pop(block.number)
            self.states.pop(block.number)
            self.orphans[block.hash] = self.by_hash.pop(block.hash)
            for transaction in block.transactions:
                self.transactions.pop(transaction.hash)
                self.nonces[transaction.sender] -= 1
        del self.blocks[-count:]
        for listener in self.listeners:
            listener.dropped(dropped)

    # Transactions

    def transact(self, sender: str, to: str | None, data: bytes = b"", value: int = 0, gas: int = TRANSACTION_GAS,
                 transaction: Transaction | None = None) -> Outcome:
        """Run a transaction in the open block, sealing and opening blocks as they fill."""
        if self._mark is not None and (len(self._open) >= self.max_transactions or self._gas + gas > GAS_LIMIT):
            self.close()
        if self._mark is None:
            self.open()
        nonce = self.nonces.get(sender, 0)
        outcome = self.world.message(sender, to, data, value, gas, nonce)
        self.nonces[sender] = nonce + 1
        if transaction is None:
            kind = 0 if to is None or nonce % 5 == 4 else 2
            transaction = Transaction(kind, nonce, sender, to, value, data, gas, 2 * 10**9, self.chain_id)
        at = len(self._open)
        self._gas += outcome.gas_used
        number = self._pending_header.number
        logs = [Log(number, at, self._log_count + i, a, t, d) for i, (a, t, d) in enumerate(outcome.logs)]
        self._log_count += len(logs)
        receipt = Receipt(transaction.kind, int(outcome.ok), outcome.gas_used, self._gas, logs, outcome.created)
        self._open.append((transaction, receipt))
        return outcome

    def view(self, to: str, data: bytes, sender: str = "0x" + "00" * 20) -> Outcome:
        """A call against the open block's state so far, or the head's."""
        if self._mark is None:
            self.move_to(self.head.number)
            self._set_block(self.head.header)
        return self.world.call(sender, to, data)

    # State of recent blocks

    @property
    def oldest_state(self) -> int:
        """The oldest block whose state can still be reached."""
        return max(0, self.head.number - self.history + 1) if self.diffs else self.head.number

    def move_to(self, number: int) -> None:
        """Bring the world to the state after block `number`."""
        if number < min(self.diffs, default=number + 1) - 1:
            raise StatePruned(number)
        while self.position > number:
            self.world.apply(self.diffs[self.position], forward=False)
            self.position -= 1
        while self.position < number:
            self.position += 1
            self.world.apply(self.diffs[self.position], forward=True)

    def at(self, block: Block, changes: dict | None = None, gas: int = 0) -> None:
        """State and block opcodes as of `block`; `changes` replaces header fields, `gas` is what a message needs."""
        self.flush()
        self.move_to(block.number)
        header = replace(block.header, base_fee=0, **changes or {}) if "base_fee" not in (changes or {}) else replace(
            block.header, **changes)
        self._set_block(header, gas)

    def _set_block(self, header: Header, gas: int = 0) -> None:
        # The EVM refuses a message with more gas than its block has; nodes let calls have it.
        self.world.set_block(header.number, header.timestamp, max(header.gas_limit, gas), header.prevrandao, header.base_fee)
