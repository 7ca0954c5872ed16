"""One WebSocket connection: requests in, answers and notifications out, and everything that can go wrong with frames."""

import asyncio
import json

from . import frames
from .errors import INTERNAL, SERVER
from .pump import Pump
from .reply import Reply

# The kinds of `wsBadFrame`: each breaks one rule of RFC 6455 that a client has to check.
_BAD_FRAMES = {
    "masked": lambda payload: frames.frame(frames.TEXT, payload, mask=b"\x12\x34\x56\x78"),
    "rsv": lambda payload: frames.frame(frames.TEXT, payload, first=frames.FINAL | 0x40 | frames.TEXT),
    "opcode": lambda payload: frames.frame(3, payload),
    "oversize": lambda payload: bytes((frames.FINAL | frames.TEXT, 127)) + (1 << 62).to_bytes(8, "big") + payload,
    "control": lambda payload: frames.frame(frames.PING, payload.ljust(126, b" ")),
    "utf8": lambda payload: frames.frame(frames.TEXT, b'{"jsonrpc":"2.0","id":1,"result":"\xff\xfe"}'),
    "continuation": lambda payload: frames.frame(frames.CONTINUATION, payload),
}
BAD_FRAMES = tuple(_BAD_FRAMES)


class WebSocket(asyncio.Protocol):
    """A session that can subscribe. `subscriptions` is the hub's."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.subscriptions: dict = {}
        self.transport = None
        self.pump = None
        self._reader = frames.Reader()
        self._sent = 0
        self._pings = self._pongs = 0
        self._closing = False

    def begin(self, transport, left: bytes) -> None:
        """Take over a connection whose handshake is done; `left` is what the client has sent since."""
        self.transport, self.pump = transport, Pump(transport)
        self.endpoint.dispatcher.stats.sockets += 1
        self.endpoint.hub.joined(self)
        if left:
            self.data_received(left)

    # In

    def data_received(self, data: bytes) -> None:
        try:
            for opcode, payload in self._reader.messages(data):
                self._take(opcode, payload)
                if self._closing:
                    return
        except frames.Refused as refusal:
            self.close(refusal.code, str(refusal))

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == frames.PING:
            self._write(frames.frame(frames.PONG, payload))
        elif opcode == frames.PONG:
            self._pongs += 1
        elif opcode == frames.CLOSE:
            self.close(int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1000)
        else:
            try:
                payload.decode()
            except UnicodeDecodeError:
                raise frames.Refused(1007, "not UTF-8") from None
            self._answer(payload)

    def _answer(self, payload: bytes) -> None:
        reply = self.endpoint.dispatcher.http(payload, self)
        if reply.drop:
            self.abort()
        elif reply.delay:
            asyncio.get_running_loop().call_later(reply.delay, self._reply, reply)
        else:
            self._reply(reply)

    # Out

    def notify(self, identity: str, result: str, at_once: bool = False) -> None:
        """Send a notification: after the answer that is being made, or before it."""
        if self.endpoint.faults.get("wsSilent") == "notifications":
            return
        text = f'{{"jsonrpc":"2.0","method":"eth_subscription","params":{{"subscription":"{identity}","result":{result}}}}}'
        self.endpoint.dispatcher.stats.notifications += 1
        if at_once:
            self._send(text.encode())
        else:
            asyncio.get_running_loop().call_soon(self._send, text.encode())

    def _reply(self, reply: Reply) -> None:
        if reply.stream is not None or reply.rate:
            self.pump.start(self._fragments(reply), reply.rate)
        else:
            self._send(reply.body if reply.status == 200 else _error(reply), reply.counted)

    def _fragments(self, reply: Reply):
        """A message in fragments, as long as its stream gives any."""
        opcode = frames.TEXT
        for piece in reply.stream or _pieces(reply.body):
            yield frames.frame(opcode, piece, final=False)
            opcode = frames.CONTINUATION
        yield frames.frame(opcode, b"")
        self._sent += 1

    def _send(self, payload: bytes, counted: bool = True) -> None:
        """One message, or what a fault makes of it. Answers to control methods are exempt."""
        if self._closing or self.transport is None or self.transport.is_closing():
            return
        faults = self.endpoint.faults
        if not counted:
            self._write(frames.frame(frames.TEXT, payload), True)
            return
        bad, end = _due(faults.get("wsBadFrame"), "kind", self._sent), _due(faults.get("wsClose"), "code", self._sent, 1)
        if "wsDropAfter" in faults.active and self._sent >= int(faults.active["wsDropAfter"]):
            self.abort()
        elif bad is not None:
            self._write(_BAD_FRAMES["rsv" if bad is True else bad](payload))
        elif end is not None:
            self.close(1013 if end is True else int(end), _reason(faults.get("wsClose")))
        else:
            self._write(frames.frame(frames.TEXT, payload))
        self._sent += 1

    def ping(self, payload: bytes) -> None:
        """Ask for a pong."""
        self._pings += 1
        self._write(frames.frame(frames.PING, payload[:125]))

    def _write(self, data: bytes, always: bool = False) -> None:
        if (always or self.endpoint.faults.get("wsSilent") is not True) and self.transport and not self.transport.is_closing():
            self.endpoint.dispatcher.stats.bytes_out += 0 if always else len(data)
            self.pump.write(data)

    # The end

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye and close."""
        if not self._closing and self.transport:
            # 1004 to 1006 and 1015 only ever stand for a missing code.
            said = code.to_bytes(2, "big") if 1000 <= code < 5000 and code not in (1004, 1005, 1006, 1015) else b""
            self._write(frames.frame(frames.CLOSE, said + (reason.encode()[:120] if said else b"")))
            self._closing = True
            self.pump.finish()

    def abort(self) -> None:
        """End the connection without a word."""
        self._closing = True
        if self.transport:
            self.transport.abort()

    def pause_writing(self) -> None:
        self.pump.pause()

    def resume_writing(self) -> None:
        self.pump.resume()

    def connection_lost(self, exc) -> None:
        self.transport, self._closing = None, True
        self.pump.stop()
        if self in self.endpoint.hub.sessions:
            self.endpoint.hub.sessions.remove(self)

    def describe(self) -> dict:
        """What `dev_sockets` says of it."""
        return {"endpoint": self.endpoint.index, "subscriptions": [[s.identity, s.kind] for s in self.subscriptions.values()],
                "sent": self._sent, "pings": self._pings, "pongs": self._pongs}


def _pieces(body: bytes):
    for at in range(0, len(body), 1 << 12):
        yield body[at:at + (1 << 12)]


def _due(value, name: str, sent: int, after: int = 0):
    """A frame fault's value once so many messages were sent."""
    if isinstance(value, dict):
        return value.get(name, True) if sent >= int(value.get("after", after)) else None
    return value if value is not None and sent >= after else None


def _reason(value) -> str:
    return str(value.get("reason", "")) if isinstance(value, dict) else ""


def _error(reply: Reply) -> bytes:
    """An HTTP status has no place in a message: the same in JSON-RPC's words."""
    code, text = INTERNAL if reply.status == 500 else SERVER, "server error"
    if reply.status == 429:
        code, text = -32005, "too many requests"
    return json.dumps({"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": text}}).encode()
