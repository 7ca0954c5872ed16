"""A verifier of Merkle-Patricia proofs that shares nothing with the node but Keccak: strict RLP, strict paths.

It walks as a client must: a proof that ends before the path is decided proves nothing, nor does one with nodes to spare.
"""

import sha3

EMPTY_ROOT = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
EMPTY_CODE = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


class Invalid(Exception):
    """The proof proves nothing."""


def digest(data: bytes) -> bytes:
    return sha3.keccak_256(data).digest()


def item(data: bytes, at: int = 0):
    """The RLP item at `at` and where it ends; refuses what has a shorter form."""
    first = data[at]
    if first < 0x80:
        return data[at:at + 1], at + 1
    base, start = (0x80, at + 1) if first < 0xC0 else (0xC0, at + 1)
    size = first - base
    if size > 55:
        width = size - 55
        size = int.from_bytes(data[start:start + width], "big")
        if data[start] == 0 or size < 56:
            raise Invalid("length not minimal")
        start += width
    end = start + size
    if end > len(data):
        raise Invalid("RLP ends early")
    if base == 0x80:
        if size == 1 and data[start] < 0x80:
            raise Invalid("byte not minimal")
        return data[start:end], end
    found = []
    while start < end:
        part, start = item(data, start)
        found.append(part)
    if start != end:
        raise Invalid("member outgrows its list")
    return found, end


def whole(data: bytes):
    found, end = item(data)
    if end != len(data):
        raise Invalid("trailing bytes")
    return found


def lookup(root: bytes, key: bytes, proof: list):
    """The value under `key`, or None where the proof shows that there is none."""
    nibbles = [n for byte in digest(key) for n in (byte >> 4, byte & 15)]
    if not proof:
        if root.hex() != EMPTY_ROOT:
            raise Invalid("no nodes")
        return None
    pending, want, at, node = list(proof), root, 0, None
    while True:
        if node is None:
            if not pending:
                raise Invalid("truncated")
            raw = pending.pop(0)
            if digest(raw) != want:
                raise Invalid("another node")
            node = whole(raw)
        if len(node) == 17:
            child = node[nibbles[at]]
            at += 1
        elif len(node) == 2:
            packed = [n for byte in node[0] for n in (byte >> 4, byte & 15)]
            flag, path = packed[0], packed[1:] if packed[0] & 1 else packed[2:]
            if flag > 3 or not flag & 1 and packed[1]:
                raise Invalid("path's flag")
            if flag >= 2:
                if pending:
                    raise Invalid("nodes to spare")
                return node[1] if path == nibbles[at:] else None
            if not path:
                raise Invalid("empty extension")
            if nibbles[at:at + len(path)] != path:
                child = b""
            else:
                at += len(path)
                child = node[1]
        else:
            raise Invalid("neither 2 nor 17 items")
        if child == b"":
            if pending:
                raise Invalid("nodes to spare")
            return None
        node, want = (child, None) if isinstance(child, list) else (None, child)
        if want is not None and len(want) != 32:
            raise Invalid("child is no hash")


def unhex(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def number(data: bytes) -> int:
    if data[:1] == b"\x00":
        raise Invalid("leading zero")
    return int.from_bytes(data, "big")


def account(root: str, answer: dict) -> dict:
    """Checks an `eth_getProof` answer against a state root; returns slot → value, all of them proven."""
    value = lookup(unhex(root), unhex(answer["address"]), [unhex(n) for n in answer["accountProof"]])
    claimed = (int(answer["nonce"], 16), int(answer["balance"], 16), answer["storageHash"][2:], answer["codeHash"][2:])
    if value is None:
        if claimed != (0, 0, EMPTY_ROOT, EMPTY_CODE):
            raise Invalid("an absent account has something")
    else:
        nonce, balance, storage, code = whole(value)
        if (number(nonce), number(balance), storage.hex(), code.hex()) != claimed:
            raise Invalid("account differs")
    slots = {}
    for entry in answer["storageProof"]:
        key = int(entry["key"], 16)
        found = lookup(unhex(answer["storageHash"]), key.to_bytes(32, "big"), [unhex(n) for n in entry["proof"]])
        proven = 0 if found is None else number(whole(found))
        if proven != int(entry["value"], 16) or (found is not None and not proven):
            raise Invalid("slot differs")
        slots[key] = proven
    return slots
