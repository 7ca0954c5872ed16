"""Reads the EVM's journal, of which the binding only gives the debugging text: what was written, what was looked at."""

import re

# One expression a kind of entry, each with a literal start: the journal of a block is megabytes of mostly other entries.
_CHANGED_ACCOUNT = [re.compile(kind + r" \{ address: (0x\w{40})")
                    for kind in ("NonceChange", "AccountCreated", "CodeChange", "AccountDestroyed")]
_TRANSFER = re.compile(r"BalanceTransfer \{ from: (0x\w{40}), to: (0x\w{40}), balance: (?!0 )")


def entries(evm) -> str:
    """What happened since the journal was opened; the accounts before it are left out."""
    text = evm.journal_str
    return text[text.rfind(", journal: ["):]


def first_values(journal: str) -> dict:
    """(account, slot) → value before, of every slot that was written."""
    before = {}
    head, *rest = journal.split(", had_value: Some(")
    for piece in rest:
        # The entry reads "… StorageChange { address: 0x…, key: N, had_value: Some(M) }".
        entry, _, key = head.rpartition(", key: ")
        before.setdefault((entry[-42:], int(key)), int(piece[:piece.index(")")]))
        head = piece
    return before


def loaded(journal: str) -> set:
    """(account, slot) of everything read, which the journal calls a change from nothing."""
    found = set()
    for piece in journal.split(", had_value: None")[:-1]:
        entry, _, key = piece.rpartition(", key: ")
        found.add((entry[-42:], int(key)))
    return found


def changed_accounts(journal: str) -> set:
    """Accounts whose nonce, balance or code may be another."""
    touched = {address for kind in _CHANGED_ACCOUNT for address in kind.findall(journal)}
    touched.update(address for pair in _TRANSFER.findall(journal) for address in pair)
    return touched
