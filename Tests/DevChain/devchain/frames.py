"""WebSocket frames (RFC 6455): what the handshake answers, how frames are written, how a client's frames are read."""

import base64
import hashlib

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
FINAL = 0x80
MOST_MESSAGE = 32 * 1024 * 1024
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Refused(Exception):
    """What the client sent is not allowed; the connection ends with this close code."""

    def __init__(self, code: int, reason: str):
        super().__init__(reason)
        self.code = code


def accept(key: bytes) -> str:
    """Sec-WebSocket-Accept for a Sec-WebSocket-Key."""
    return base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()


def frame(opcode: int, payload: bytes, final: bool = True, first: int | None = None, mask: bytes | None = None) -> bytes:
    """One frame; `first` replaces its whole first byte and `mask` masks it, which servers must not."""
    head = bytes((first if first is not None else opcode | (FINAL if final else 0),))
    size, masked = len(payload), 0x80 if mask else 0
    if size < 126:
        head += bytes((masked | size,))
    elif size < 1 << 16:
        head += bytes((masked | 126,)) + size.to_bytes(2, "big")
    else:
        head += bytes((masked | 127,)) + size.to_bytes(8, "big")
    return head + (mask + unmask(payload, mask) if mask else payload)


def unmask(payload: bytes, mask: bytes) -> bytes:
    """The payload with its mask taken off, or put on."""
    size = len(payload)
    pattern = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pattern, "big")).to_bytes(size, "big")


class Reader:
    """Puts a client's frames together: control frames as they come, messages when their last fragment is there."""

    def __init__(self):
        self.buffer = bytearray()
        self._parts: list[bytes] = []
        self._kind = None

    def messages(self, data: bytes):
        """(opcode, payload) of all that `data` completes."""
        self.buffer += data
        while (found := self._frame()) is not None:
            opcode, final, payload = found
            if opcode >= CLOSE:
                yield opcode, payload
                continue
            if (opcode == CONTINUATION) == (self._kind is None):
                raise Refused(1002, "continuation of nothing" if opcode == CONTINUATION else "message inside a message")
            self._kind = self._kind or opcode
            self._parts.append(payload)
            if sum(map(len, self._parts)) > MOST_MESSAGE:
                raise Refused(1009, "message too big")
            if final:
                kind, whole = self._kind, b"".join(self._parts)
                self._kind, self._parts = None, []
                yield kind, whole

    def _frame(self):
        buffer = self.buffer
        if len(buffer) < 2:
            return None
        opcode, size, at = buffer[0] & 15, buffer[1] & 127, 2
        if buffer[0] & 0x70 or opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
            raise Refused(1002, "reserved bits or opcode")
        if not buffer[1] & 0x80:
            raise Refused(1002, "a client's frames are masked")
        if opcode >= CLOSE and (size > 125 or not buffer[0] & FINAL):
            raise Refused(1002, "control frames are short and whole")
        if size >= 126:
            at += 2 if size == 126 else 8
            if len(buffer) < at:
                return None
            size = int.from_bytes(buffer[2:at], "big")
        if size > MOST_MESSAGE:
            raise Refused(1009, "message too big")
        if len(buffer) < at + 4 + size:
            return None
        payload = unmask(bytes(buffer[at + 4:at + 4 + size]), bytes(buffer[at:at + 4]))
        final = bool(buffer[0] & FINAL)
        del buffer[:at + 4 + size]
        return opcode, final, payload
