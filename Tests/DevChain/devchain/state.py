"""The state that a header commits to: every account and every slot of one block, with proofs (EIP-1186)."""

from functools import lru_cache

from . import rlp, statetrie
from .hashing import EMPTY_CODE_HASH, EMPTY_TRIE_ROOT, keccak


@lru_cache(maxsize=4096)
def code_hash(code: bytes) -> bytes:
    """Keccak of an account's code."""
    return keccak(code) if code else EMPTY_CODE_HASH


class State:
    """The state after one block. It never changes; `after` makes the next one, which shares what stayed the same."""

    __slots__ = ("accounts", "storage")

    def __init__(self, accounts=None, storage: dict | None = None):
        self.accounts = accounts
        self.storage = storage or {}

    @property
    def root(self) -> bytes:
        return statetrie.root(self.accounts)

    def after(self, diff, world) -> "State":
        """The state once `diff` is applied, as `world` holds it."""
        by_account: dict = {address: [] for address in diff.accounts}
        for (address, key), (_, value) in diff.slots.items():
            # A slot that becomes zero leaves the trie.
            by_account.setdefault(address, []).append((statetrie.slot_path(key), rlp.encode(value) if value else b""))
        storage, leaves = dict(self.storage), []
        for address, slots in by_account.items():
            if slots:
                slots.sort()
                storage[address] = statetrie.update(storage.get(address), slots)
            leaves.append((statetrie.account_path(address), leaf(world.account(address), statetrie.root(storage.get(address)))))
        leaves.sort()
        return State(statetrie.update(self.accounts, leaves), storage)

    def storage_root(self, address: str) -> bytes:
        return statetrie.root(self.storage.get(address))

    def account_proof(self, address: str) -> list:
        """The nodes that prove the account, or that there is none."""
        return statetrie.prove(self.accounts, statetrie.account_path(address))

    def slot_proof(self, address: str, key: int) -> list:
        """The nodes that prove the slot, or that it is zero."""
        return statetrie.prove(self.storage.get(address), statetrie.slot_path(key))


def leaf(account, storage_root: bytes) -> bytes:
    """An account as the state trie holds it; empty for one that does not exist (EIP-161)."""
    if not account.nonce and not account.balance and not account.code and storage_root == EMPTY_TRIE_ROOT:
        return b""
    return rlp.encode([account.nonce, account.balance, storage_root, code_hash(account.code)])
