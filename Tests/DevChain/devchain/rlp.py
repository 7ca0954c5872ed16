"""Recursive length prefix, as far as headers, receipts, transactions and trie nodes need it."""


def encode_int(value: int) -> bytes:
    """A non-negative integer in minimal big-endian form; zero is the empty string."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


_STRING = [bytes((0x80 + n,)) for n in range(56)]
_LIST = [bytes((0xC0 + n,)) for n in range(56)]


def _prefix(length: int, short: int) -> bytes:
    size = encode_int(length)
    return bytes((short + 55 + len(size),)) + size


def encode(item) -> bytes:
    """Encode bytes, integers, and (nested) lists of them."""
    kind = type(item)
    if kind is not bytes:
        if kind is list or kind is tuple:
            return encode_joined([encode(part) for part in item])
        item = encode_int(item) if isinstance(item, int) else bytes(item)
    length = len(item)
    if length < 56:
        return item if length == 1 and item[0] < 0x80 else _STRING[length] + item
    return _prefix(length, 0x80) + item


def encode_joined(parts) -> bytes:
    """A list whose members are already encoded."""
    body = b"".join(parts)
    length = len(body)
    return (_LIST[length] if length < 56 else _prefix(length, 0xC0)) + body


def decode(data: bytes):
    """The one item that fills `data`: bytes, or a list of items."""
    item, end = _decode_at(data, 0)
    if end != len(data):
        raise ValueError("rlp: trailing bytes")
    return item


def _decode_at(data: bytes, at: int):
    if at >= len(data):
        raise ValueError("rlp: unexpected end")
    head = data[at]
    if head < 0x80:
        return data[at:at + 1], at + 1
    if head < 0xC0:
        start, end = _span(data, at, head, 0x80)
        return data[start:end], end
    start, end = _span(data, at, head, 0xC0)
    items = []
    while start < end:
        item, start = _decode_at(data, start)
        items.append(item)
    return items, end


def _span(data: bytes, at: int, head: int, short: int):
    length = head - short
    start = at + 1
    if length > 55:
        size = length - 55
        length = int.from_bytes(data[start:start + size], "big")
        start += size
    if start + length > len(data):
        raise ValueError("rlp: value larger than input")
    return start, start + length
