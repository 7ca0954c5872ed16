"""Bodies that no client should swallow, made piece by piece: nothing here is ever whole in memory."""

import zlib

PIECE = 1 << 16
GIGABYTE, MEGABYTE = 10**9, 10**6
ENDLESS = 1 << 62

_STARTS = {
    "string": (b'{"jsonrpc":"2.0","id":1,"result":"0x', b"00"), "spaces": (b'{"jsonrpc":"2.0","id":1,"result":"0x1"}', b" "),
    "array": (b'{"jsonrpc":"2.0","id":1,"result":[', b'"0x0",'),
}
KINDS = tuple(_STARTS)


def amount(value, unit: int) -> int:
    """How many bytes a fault's value means; `true` has no end."""
    return ENDLESS if value is True else max(0, int(float(value) * unit))


def huge(kind: str, size: int):
    """A JSON answer that goes on for `size` bytes and never closes."""
    start, filler = _STARTS[kind]
    piece = filler * (PIECE // len(filler))
    yield start
    left = size
    while left > 0:
        yield piece[:left]
        left -= len(piece)


def deep(depth: int):
    """An answer whose result is nested `depth` arrays deep."""
    yield b'{"jsonrpc":"2.0","id":1,"result":'
    for bracket in (b"[", b"]"):
        for at in range(0, depth, PIECE):
            yield bracket * min(PIECE, depth - at)
    yield b"}"


def gzip_bomb(size: int):
    """A gzip stream that inflates to `size` bytes of one string, about a thousand times its own size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for piece in huge("string", size):
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
