"""Merkle-Patricia root of an ordered list: the transactions root and the receipts root of a header."""

from . import rlp
from .hashing import EMPTY_TRIE_ROOT, keccak


def ordered_root(values) -> bytes:
    """Root of the trie that maps rlp(i) to the i-th value, as in every block header."""
    if not values:
        return EMPTY_TRIE_ROOT
    pairs = sorted((_nibbles(rlp.encode(i)), value) for i, value in enumerate(values))
    return keccak(_node(pairs, 0))


def _nibbles(key: bytes) -> tuple:
    return tuple(n for byte in key for n in (byte >> 4, byte & 15))


def _compact(path: tuple, leaf: bool) -> bytes:
    """Hex-prefix encoding of a path."""
    flag = 2 if leaf else 0
    if len(path) % 2:
        nibbles = (flag + 1, *path)
    else:
        nibbles = (flag, 0, *path)
    return bytes(nibbles[i] << 4 | nibbles[i + 1] for i in range(0, len(nibbles), 2))


def _node(pairs, depth: int) -> bytes:
    """RLP of the node that holds `pairs`, which agree on their first `depth` nibbles and are sorted."""
    if len(pairs) == 1:
        path, value = pairs[0]
        return rlp.encode([_compact(path[depth:], True), value])
    first, last = pairs[0][0], pairs[-1][0]
    end = depth
    while end < len(first) and end < len(last) and first[end] == last[end]:
        end += 1
    if end > depth:
        return rlp.encode_joined([rlp.encode(_compact(first[depth:end], False)), _reference(pairs, end)])
    slots = [b"\x80"] * 17
    start = 0
    if len(first) == depth:
        slots[16] = rlp.encode(pairs[0][1])
        start = 1
    while start < len(pairs):
        nibble = pairs[start][0][depth]
        stop = start
        while stop < len(pairs) and pairs[stop][0][depth] == nibble:
            stop += 1
        slots[nibble] = _reference(pairs[start:stop], depth + 1)
        start = stop
    return rlp.encode_joined(slots)


def _reference(pairs, depth: int) -> bytes:
    """A child inside its parent: itself when shorter than a hash, else its hash."""
    node = _node(pairs, depth)
    return node if len(node) < 32 else rlp.encode(keccak(node))
