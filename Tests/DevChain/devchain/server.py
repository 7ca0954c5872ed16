"""HTTP/1.1 on the loopback interface: keep-alive, pipelining in order, one event loop and hence one call at a time.

A GET that asks for a WebSocket becomes one, on the same port.
"""

import asyncio
import socket

from . import frames
from .pump import Pump
from .reply import Reply
from .websocket import WebSocket

MAX_HEAD, MAX_BODY = 64 * 1024, 32 * 1024 * 1024
_REASONS = {101: "Switching Protocols", 200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
            413: "Payload Too Large", 426: "Upgrade Required", 429: "Too Many Requests", 500: "Internal Server Error",
            502: "Bad Gateway", 503: "Service Unavailable"}


class Connection(asyncio.Protocol):
    """One client connection."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.dispatcher = endpoint.dispatcher
        self.buffer = bytearray()
        self.head = None
        self.busy = False
        self.transport = None
        self.pump = None

    def connection_made(self, transport) -> None:
        self.transport, self.pump = transport, Pump(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.dispatcher.stats.connections += 1

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.busy:
            self._next()

    def _next(self) -> None:
        """Answer requests as long as whole ones are buffered and none is being delayed."""
        while not self.busy and self.transport and not self.transport.is_closing():
            try:
                request = self._request()
            except ValueError:
                request = self._refuse(400)
            if request is None:
                return
            body, close = request
            reply = self.dispatcher.http(body)
            if reply.delay:
                self.busy = True
                asyncio.get_running_loop().call_later(reply.delay, self._send, reply, close)
            else:
                self._send(reply, close)

    def _request(self):
        """The next whole request's body and whether to close after it; None while incomplete."""
        if self.head is None:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self.buffer) > MAX_HEAD:
                    self._refuse(400)
                return None
            self.head = self._parse_head(bytes(self.buffer[:end]))
            del self.buffer[:end + 4]
            if self.head is None:
                return None
        length, close = self.head
        if length is None:
            return self._chunked(close)
        if len(self.buffer) < length:
            return None
        body = bytes(self.buffer[:length])
        del self.buffer[:length]
        self.head = None
        return body, close

    def _parse_head(self, head: bytes):
        lines = head.split(b"\r\n")
        first = lines[0].split(b" ")
        if len(first) != 3:
            return self._refuse(400)
        if first[0] == b"GET" and (key := _upgrade_key(lines[1:])):
            return self._upgrade(key)
        if first[0] != b"POST":
            return self._refuse(405)
        length, close = 0, first[2] == b"HTTP/1.0"
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name, value = name.lower(), value.strip().lower()
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding" and value == b"chunked":
                length = None
            elif name == b"connection" and value == b"close":
                close = True
            elif name == b"expect" and value == b"100-continue":
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if length and length > MAX_BODY:
            return self._refuse(413)
        return length, close

    def _chunked(self, close: bool):
        """Body of a chunked request once its last chunk is here."""
        body, at = bytearray(), 0
        while True:
            end = self.buffer.find(b"\r\n", at)
            if end < 0:
                return None
            size = int(bytes(self.buffer[at:end]).split(b";")[0], 16)
            at = end + 2
            if len(self.buffer) < at + size + 2:
                return None
            body += self.buffer[at:at + size]
            at += size + 2
            if size == 0:
                del self.buffer[:at]
                self.head = None
                return bytes(body), close

    def _upgrade(self, key: bytes) -> None:
        """Hand the connection over to a WebSocket."""
        fault = self.endpoint.faults.get("wsNoUpgrade")
        if fault and fault != "accept":
            return self._refuse(426)
        told = frames.accept(key if not fault else key + b"?")
        self.transport.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                              f"Sec-WebSocket-Accept: {told}\r\n\r\n").encode())
        socket_ = WebSocket(self.endpoint)
        transport, self.transport = self.transport, None
        transport.set_protocol(socket_)
        # The buffer still holds the end of the head's last line.
        socket_.begin(transport, bytes(self.buffer[self.buffer.find(b"\r\n\r\n") + 4:]))
        self.buffer.clear()

    def _refuse(self, status: int) -> None:
        self._send(Reply(status, b"", "text/plain"), True)

    def _send(self, reply: Reply, close: bool) -> None:
        self.busy = False
        if self.transport is None or self.transport.is_closing():
            return
        if reply.drop:
            self.transport.abort()
            return
        close = close or reply.close
        length = reply.declared_length if reply.declared_length is not None else len(reply.body)
        size = "Transfer-Encoding: chunked" if reply.stream else f"Content-Length: {length}"
        head = (f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Status')}\r\nContent-Type: {reply.content_type}\r\n"
                f"{size}\r\n")
        for name, value in reply.headers.items():
            head += f"{name}: {value}\r\n"
        if close:
            head += "Connection: close\r\n"
        head = head.encode() + b"\r\n"
        if reply.stream or reply.rate:
            self.busy = True
            self.transport.write(head)
            self.pump.start(self._counted(reply), reply.rate, lambda: self._sent(close))
            return
        if reply.counted:
            self.dispatcher.stats.bytes_out += len(reply.body)
        self.transport.write(head + reply.body)
        if close:
            self.transport.close()
        elif self.buffer:
            self._next()

    def _counted(self, reply: Reply):
        """The body of a reply in pieces, as they go over the wire."""
        stats = self.dispatcher.stats
        for piece in reply.stream or (reply.body,):
            stats.bytes_out += len(piece) if reply.counted else 0
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if reply.stream else piece
        if reply.stream:
            yield b"0\r\n\r\n"

    def _sent(self, close: bool) -> None:
        self.busy = False
        if close:
            self.transport.close()
        else:
            self._next()

    def pause_writing(self) -> None:
        self.pump.pause()

    def resume_writing(self) -> None:
        self.pump.resume()

    def connection_lost(self, exc) -> None:
        self.transport = None
        self.pump.stop()


def _upgrade_key(lines: list) -> bytes | None:
    """The Sec-WebSocket-Key of a request that asks for a WebSocket of version 13."""
    fields = {}
    for line in lines:
        name, _, value = line.partition(b":")
        fields[name.strip().lower()] = value.strip()
    wanted = fields.get(b"upgrade", b"").lower() == b"websocket" and b"upgrade" in fields.get(b"connection", b"").lower()
    return fields.get(b"sec-websocket-key") if wanted and fields.get(b"sec-websocket-version") == b"13" else None


async def listen(endpoint, host: str, port: int) -> asyncio.Server:
    """Start serving; only loopback addresses are accepted."""
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"refusing to listen on {host}: only loopback")
    return await asyncio.get_running_loop().create_server(lambda: Connection(endpoint), host, port, backlog=512)
