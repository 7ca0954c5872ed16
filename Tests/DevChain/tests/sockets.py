"""The program in a process of its own, and blocking clients that see its bytes: HTTP by hand and WebSocket by hand."""

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Program:
    """A running chain; `call` speaks to its first endpoint."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "devchain", "--quiet", "--exit-with-stdin", "--no-cache", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        env=os.environ | {"PYTHONPATH": str(ROOT)})
        self.info = json.loads(self.process.stdout.readline())
        self.ports = [int(url.rsplit(":", 1)[1]) for url in self.info["endpoints"]]

    def stop(self) -> int:
        self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(20)

    def connect(self, index: int = 0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.ports[index]), timeout=20)

    def post(self, body: bytes, index: int = 0, read: int = -1) -> bytes:
        """The raw answer to one POST: all of it, or its first `read` bytes."""
        with self.connect(index) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            answer = b""
            while read < 0 or len(answer) < read:
                try:
                    piece = connection.recv(1 << 16)
                except ConnectionResetError:
                    break
                if not piece:
                    break
                answer += piece
            return answer

    def __call__(self, method: str, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        answer = json.loads(self.post(body).partition(b"\r\n\r\n")[2])
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]


class WebSocket:
    """A client that masks, checks and remembers."""

    def __init__(self, program: Program, index: int = 0, early: bytes = b""):
        self.connection, self.buffer, self.notifications, self.made = program.connect(index), b"", [], 0
        key = base64.b64encode(b"0123456789abcdef")
        self.connection.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: " + key + b"\r\n\r\n" + early)
        while b"\r\n\r\n" not in self.buffer:
            piece = self.connection.recv(4096)
            assert piece, self.buffer
            self.buffer += piece
        self.head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.accepted = base64.b64encode(hashlib.sha1(key + GUID).digest()) in self.head

    @staticmethod
    def frame(opcode: int, payload: bytes, final: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
        size = len(payload)
        head = bytes(((0x80 if final else 0) | reserved | opcode,))
        bit = 0x80 if masked else 0
        if size < 126:
            head += bytes((bit | size,))
        elif size < 65536:
            head += bytes((bit | 126,)) + size.to_bytes(2, "big")
        else:
            head += bytes((bit | 127,)) + size.to_bytes(8, "big")
        mask = b"\xa1\x02\xf3\x44"
        return head + (mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)) if masked else payload)

    def send(self, *arguments, **options) -> None:
        self.connection.sendall(self.frame(*arguments, **options))

    def receive(self):
        """The next frame as (first byte, masked, payload), or None at the end of the connection."""
        first = self._take(2)
        if first is None:
            return None
        size = first[1] & 127
        if size > 125:
            size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
        if size > 1 << 30:
            return first[0], bool(first[1] & 128), size
        return first[0], bool(first[1] & 128), self._take(size + 4 * (first[1] >> 7))

    def _take(self, size: int):
        while len(self.buffer) < size:
            try:
                piece = self.connection.recv(1 << 16)
            except ConnectionResetError:
                return None
            if not piece:
                return None
            self.buffer += piece
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def message(self):
        """The next text message, parsed; fragments are put together."""
        first, _, payload = self.receive()
        assert first & 15 == 1, (first, payload)
        while not first & 0x80:
            first, _, more = self.receive()
            payload += more
        return json.loads(payload)

    def answer(self, method: str, *params):
        """The answer to a request; notifications before it are kept."""
        self.made += 1
        self.send(1, json.dumps({"jsonrpc": "2.0", "id": self.made, "method": method, "params": params}).encode())
        while "method" in (found := self.message()):
            self.notifications.append(found)
        assert found["id"] == self.made, found
        return found

    def __call__(self, method: str, *params):
        found = self.answer(method, *params)
        assert "result" in found, found
        return found["result"]

    def next(self) -> dict:
        """The next notification's parameters."""
        found = self.notifications.pop(0) if self.notifications else self.message()
        assert (found["jsonrpc"], found["method"]) == ("2.0", "eth_subscription"), found
        return found["params"]

    def drained(self) -> list:
        """All notifications up to now: whatever comes before the answer to one more request."""
        self("eth_chainId")
        found, self.notifications = [n["params"] for n in self.notifications], []
        return found

    def end(self):
        """The close frame's code, or None when the connection just ends."""
        while (found := self.receive()) is not None:
            if found[0] & 15 == 8:
                return int.from_bytes(found[2][:2], "big")
        return None
