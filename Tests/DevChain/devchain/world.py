"""The state of the chain: one EVM, a mirror of what it holds, and the way back to recent blocks.

The EVM binding keeps every change in a journal that it can only throw away, and never writes to its database by
itself. That is used here: a block runs inside one snapshot, the journal is read (which slots and accounts changed,
and from what), thrown away, and the changes are then written to the database as a `Diff`. So every block starts
with cold accounts as on a real chain, a call can never leave a trace, and any recent block's state is reached by
applying diffs backwards or forwards.
"""

import re
from dataclasses import dataclass, field

from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env

from . import journal
from .hashing import EMPTY_CODE_HASH, ZERO_ADDRESS, keccak

MOST_INFOS = 8192
COINBASE = "0x" + "00" * 18 + "c01b"
_REVERT = re.compile(r"output: 0x([0-9a-f]*)")


@dataclass(frozen=True)
class Account:
    """What the state holds of one account apart from its storage."""

    nonce: int = 0
    balance: int = 0
    code: bytes = b""

    def info(self) -> AccountInfo:
        return AccountInfo(balance=self.balance, nonce=self.nonce, code=self.code or None)


@dataclass
class Diff:
    """What one block changed: (account, slot) → (before, after), and account → (before, after)."""

    slots: dict = field(default_factory=dict)
    accounts: dict = field(default_factory=dict)


@dataclass
class Outcome:
    """What a message did: `error` is None, "revert", or the EVM's own name of a halt or refusal."""

    output: bytes
    gas_used: int
    error: str | None = None
    logs: list = field(default_factory=list)
    created: str | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


class World:
    """All accounts and storage, at the head or moved to a recent block."""

    def __init__(self, chain_id: int):
        self.chain_id = chain_id
        self.evm = EVM(env=Env(cfg=CfgEnv(chain_id=chain_id)), gas_limit=2**63, spec_id="CANCUN")
        self.accounts: dict[str, Account] = {}
        self.storage: dict[str, dict[int, int]] = {}
        self._infos: dict[Account, AccountInfo] = {}

    def __getstate__(self) -> dict:
        return {"chain_id": self.chain_id, "accounts": self.accounts, "storage": self.storage}

    def __setstate__(self, state: dict) -> None:
        self.__init__(state["chain_id"])
        for address, account in state["accounts"].items():
            self.put_account(address, account)
        for address, slots in state["storage"].items():
            self.put_slots([(address, key, value) for key, value in slots.items()])

    # Reading and writing the database

    def account(self, address: str) -> Account:
        return self.accounts.get(address) or Account()

    def slot(self, address: str, key: int) -> int:
        return self.storage.get(address, {}).get(key, 0)

    def put_account(self, address: str, account: Account) -> None:
        """Write an account's nonce, balance and code. Only between blocks and calls."""
        self.accounts[address] = account
        self.evm.insert_account_info(address, self._info(account) if account.code else account.info())

    def _info(self, account: Account) -> AccountInfo:
        """Account information of a contract, remembered: overrides put the same code again and again."""
        info = self._infos.get(account)
        if info is None:
            if len(self._infos) >= MOST_INFOS:
                self._infos.clear()
            info = self._infos[account] = self._analysed(account)
        return info

    def _analysed(self, account: Account) -> AccountInfo:
        """Account information whose code has its jump table ready, which the binding only makes when deploying."""
        if account.nonce != 1 or account.balance or account.code[0] == 0xEF:
            return account.info()
        size = len(account.code).to_bytes(2, "big")
        mark = self.begin()
        try:
            created = self.evm.deploy(ZERO_ADDRESS, b"\x61" + size + b"\x80\x60\x0b\x5f\x39\x5f\xf3\x00" + account.code)
            return self.evm.basic(created)
        except RuntimeError:
            return account.info()
        finally:
            self.discard(mark)

    def put_slots(self, slots) -> None:
        """Write (address, key, value) triples. Only between blocks and calls."""
        evm = self.evm
        for address, key, value in slots:
            if address not in self.accounts:
                self.put_account(address, Account())
            # A loaded account would take the value into the journal only, so each write starts with it cold.
            mark = evm.snapshot()
            evm.insert_account_storage(address, key, value)
            evm.revert(mark)
            self.storage.setdefault(address, {})[key] = value

    def apply(self, diff: Diff, forward: bool) -> None:
        """Write a diff's new values, or its old ones."""
        side = 1 if forward else 0
        for address, pair in diff.accounts.items():
            self.put_account(address, pair[side])
        self.put_slots((a, k, pair[side]) for (a, k), pair in diff.slots.items())

    # Running messages

    def set_block(self, number: int, timestamp: int, gas_limit: int, prevrandao: bytes, basefee: int) -> None:
        """The block that the opcodes see."""
        self.evm.set_block_env(BlockEnv(
            number=number, timestamp=timestamp, gas_limit=gas_limit, prevrandao=prevrandao, basefee=basefee,
            coinbase=COINBASE, excess_blob_gas=0))

    def begin(self):
        """Open a journal; what follows is seen by later messages until `discard`."""
        return self.evm.snapshot()

    def discard(self, mark) -> None:
        """Forget everything since `begin`."""
        self.evm.revert(mark)
        self.evm.reset_transient_storage()

    def message(self, sender: str, to: str | None, data: bytes, value: int, gas: int, nonce: int | None = None) -> Outcome:
        """One transaction-like message inside an open journal."""
        evm = self.evm
        try:
            if to is None:
                if nonce is not None and not self.account(sender).code:
                    balance = evm.get_balance(sender)
                    evm.insert_account_info(sender, AccountInfo(nonce=nonce, balance=balance))
                created = evm.deploy(sender, data, value=value, gas=gas).lower()
                return self._done(self._code(created), created)
            return self._done(evm.message_call(sender, to, data, value=value, gas=gas))
        except RuntimeError as failure:
            return self._failed(str(failure), gas)
        finally:
            evm.reset_transient_storage()

    def _done(self, output: bytes, created: str | None = None) -> Outcome:
        result = self.evm.result
        logs = [(log.address.lower(), tuple(log.data[0]), log.data[1]) for log in result.logs]
        return Outcome(bytes(output), result.gas_used, None, logs, created)

    def _failed(self, text: str, gas: int) -> Outcome:
        result = self.evm.result
        used = result.gas_used if result is not None else 0
        if text.startswith("Revert"):
            return Outcome(bytes.fromhex(_REVERT.search(text)[1]), used, "revert")
        return Outcome(b"", used or gas, text)

    def call(self, sender: str, to: str | None, data: bytes, value: int = 0, gas: int = 50_000_000,
             reads: set | None = None) -> Outcome:
        """A message whose effects are forgotten; `reads` collects the (account, slot) pairs that it looked at."""
        mark = self.begin()
        try:
            outcome = self.message(sender, to, data, value, gas)
            if reads is not None:
                reads.update(journal.loaded(journal.entries(self.evm)))
            return outcome
        finally:
            self.discard(mark)

    def seal(self, mark, nonces: dict | None = None) -> Diff:
        """Close the journal opened by `begin`, keeping its changes; returns them.

        The EVM counts creations only, so `nonces` says how many transactions each sender has sent.
        """
        diff = self._changes(nonces or {})
        self.discard(mark)
        self.apply(diff, forward=True)
        return diff

    def _changes(self, nonces: dict) -> Diff:
        evm, diff = self.evm, Diff()
        text = journal.entries(evm)
        for (address, key), old in journal.first_values(text).items():
            if old != self.slot(address, key):
                raise AssertionError(f"the EVM and its mirror disagree about slot {key:#x} of {address}")
            new = evm.storage(address, key)
            if new != old:
                diff.slots[address, key] = (old, new)
        for address in journal.changed_accounts(text) | nonces.keys():
            old = self.account(address)
            info = evm.basic(address)
            code = old.code
            if bytes(info.code_hash) != EMPTY_CODE_HASH and not code:
                code = self._code(address)
            new = Account(max(info.nonce, nonces.get(address, 0)), info.balance, code)
            if new != old:
                diff.accounts[address] = (old, new)
                if new.code and new.nonce == info.nonce:
                    self._infos[new] = info
        return diff

    def _code(self, address: str) -> bytes:
        """Code of a loaded account without the padding that the EVM's analysis appends."""
        code, digest = bytes(self.evm.get_code(address) or b""), bytes(self.evm.basic(address).code_hash)
        for end in (len(code), len(code) - 33):
            if keccak(code[:end]) == digest:
                return code[:end]
        return b""
