"""Secure Merkle-Patricia tries that never change: an update makes the nodes on its paths anew and shares the rest.

So every recent block keeps its whole state for the price of what it changed, and a proof at any of them is a walk.
A node is a tuple that starts with how its parent holds it (its RLP when shorter than a hash, else the hash's RLP):
`(reference, children)` is a branch, `(reference, path, value)` a leaf, `(reference, path, child)` an extension. Paths
are strings of hexadecimal digits; all are 64 long, so branches hold no value.
"""

from functools import lru_cache
from os.path import commonprefix

from . import rlp
from .hashing import EMPTY_TRIE_ROOT, keccak, word

_DIGIT = {c: i for i, c in enumerate("0123456789abcdef")}
_HEX = "0123456789abcdef"
_NOBODY = (None,) * 16


@lru_cache(maxsize=1 << 18)
def slot_path(key: int) -> str:
    """Where a storage slot is in its account's trie."""
    return keccak(word(key)).hex()


@lru_cache(maxsize=1 << 17)
def account_path(address: str) -> str:
    """Where an account is in the state trie."""
    return keccak(bytes.fromhex(address[2:])).hex()


def root(node) -> bytes:
    """The root hash of a trie."""
    if node is None:
        return EMPTY_TRIE_ROOT
    reference = node[0]
    return reference[1:] if reference[0] == 0xA0 else keccak(reference)


def update(node, changes: list, depth: int = 0):
    """The trie after `changes`: (path, value) pairs sorted by path, where an empty value removes."""
    while changes and (node is None or len(node) == 3):
        if node and type(node[2]) is tuple and all(p.startswith(node[1], depth) for p, _ in changes):
            return _extension(node[1], update(node[2], changes, depth + len(node[1])))
        node = _put(node, depth, *changes[0])
        changes = changes[1:]
    if not changes:
        return node
    if len(changes) == 1:
        return _put(node, depth, *changes[0])
    children, at = list(node[1]), 0
    while at < len(changes):
        digit, end = changes[at][0][depth], at + 1
        while end < len(changes) and changes[end][0][depth] == digit:
            end += 1
        place = _DIGIT[digit]
        children[place] = update(children[place], changes[at:end], depth + 1)
        at = end
    return _branch(children)


def get(node, path: str) -> bytes:
    """The value at a path, empty when there is none."""
    depth = 0
    while node:
        if len(node) == 2:
            node = node[1][_DIGIT[path[depth]]]
            depth += 1
        elif type(node[2]) is bytes:
            return node[2] if node[1] == path[depth:] else b""
        elif path.startswith(node[1], depth):
            depth += len(node[1])
            node = node[2]
        else:
            return b""
    return b""


def prove(node, path: str) -> list:
    """The nodes from the root towards a path, as `eth_getProof` lists them: what is embedded in its parent is not repeated."""
    nodes, depth = [], 0
    while node:
        raw = _raw(node)
        if not nodes or len(raw) >= 32:
            nodes.append(raw)
        if len(node) == 2:
            node = node[1][_DIGIT[path[depth]]]
            depth += 1
        elif type(node[2]) is tuple and path.startswith(node[1], depth):
            depth += len(node[1])
            node = node[2]
        else:
            break
    return nodes


def _put(node, depth: int, path: str, value: bytes):
    """The trie after one change."""
    if node is None:
        return _leaf(path[depth:], value) if value else None
    if len(node) == 2:
        place, children = _DIGIT[path[depth]], node[1]
        child = _put(children[place], depth + 1, path, value)
        if child is children[place]:
            return node
        return _branch([*children[:place], child, *children[place + 1:]])
    own, rest = node[1], path[depth:]
    if type(node[2]) is tuple:
        if rest.startswith(own):
            return _extension(own, _put(node[2], depth + len(own), path, value))
    elif own == rest:
        return _leaf(own, value) if value else None
    if not value:
        return node
    common = len(commonprefix((own, rest)))
    children = list(_NOBODY)
    shorter = _leaf if type(node[2]) is bytes else _extension
    children[_DIGIT[own[common]]] = shorter(own[common + 1:], node[2])
    children[_DIGIT[rest[common]]] = _leaf(rest[common + 1:], value)
    return _extension(own[:common], _branch(children))


def _leaf(path: str, value: bytes):
    return _reference(_leaf_raw(path, value)), path, value


def _extension(path: str, child):
    """An extension of a branch; what has become of one that lost its children is joined with the path."""
    if child is None or not path:
        return child
    if len(child) == 3:
        path += child[1]
        if type(child[2]) is bytes:
            return _leaf(path, child[2])
        child = child[2]
    return _reference(_extension_raw(path, child)), path, child


def _branch(children: list):
    """A branch, or what is left of it when fewer than two children are."""
    if children.count(None) < 15:
        return _reference(_branch_raw(children)), tuple(children)
    for place, child in enumerate(children):
        if child:
            return _extension(_HEX[place], child)
    return None


def _reference(raw: bytes) -> bytes:
    return raw if len(raw) < 32 else b"\xa0" + keccak(raw)


def _raw(node) -> bytes:
    if len(node) == 2:
        return _branch_raw(node[1])
    return _leaf_raw(*node[1:]) if type(node[2]) is bytes else _extension_raw(*node[1:])


def _leaf_raw(path: str, value: bytes) -> bytes:
    return rlp.encode_joined((rlp.encode(bytes.fromhex(("3" if len(path) & 1 else "20") + path)), rlp.encode(value)))


def _extension_raw(path: str, child) -> bytes:
    return rlp.encode_joined((rlp.encode(bytes.fromhex(("1" if len(path) & 1 else "00") + path)), child[0]))


def _branch_raw(children) -> bytes:
    return rlp.encode_joined([child[0] if child else b"\x80" for child in children] + [b"\x80"])
