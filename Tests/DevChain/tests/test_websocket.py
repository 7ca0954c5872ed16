"""WebSockets over real sockets: frames, subscriptions, reorganisations, and every way in which they break."""

import json
import unittest

from .sockets import Program, WebSocket
from .support import header_hash

BORROW = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"


class Sockets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = Program("--borrowers", "12", "--endpoints", "2")
        cls.addClassCleanup(cls.program.stop)

    def setUp(self):
        self.program("dev_clearFaults")

    def open(self, index: int = 0, **options) -> WebSocket:
        socket = WebSocket(self.program, index, **options)
        self.addCleanup(socket.connection.close)
        return socket

    def on(self, **given):
        self.program("dev_setFaults", given)

    # Frames

    def test_handshake_requests_batches_and_an_early_frame(self):
        early = WebSocket.frame(1, b'{"jsonrpc":"2.0","id":"early","method":"eth_chainId"}')
        socket = self.open(early=early)
        self.assertTrue(socket.accepted)
        self.assertEqual(socket.message(), {"jsonrpc": "2.0", "id": "early", "result": "0x7a69"})
        block = socket("eth_getBlockByNumber", "latest", False)
        self.assertEqual(header_hash(block), block["hash"])
        socket.send(1, json.dumps([{"jsonrpc": "2.0", "id": i, "method": "eth_blockNumber"} for i in (7, 8)]).encode())
        self.assertEqual([a["id"] for a in socket.message()], [7, 8])
        socket.send(1, b"{")
        self.assertEqual(socket.message()["error"]["code"], -32700)

    def test_fragments_with_a_ping_between_them(self):
        socket = self.open()
        text = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
        socket.send(1, text[:5], final=False)
        socket.send(9, b"are you there")
        socket.send(0, text[5:9], final=False)
        socket.send(0, text[9:])
        self.assertEqual(socket.receive(), (0x8A, False, b"are you there"))
        self.assertEqual(socket.message()["result"], "0x7a69")

    def test_frames_byte_by_byte_and_large_ones(self):
        socket = self.open()
        for byte in WebSocket.frame(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'):
            socket.connection.sendall(bytes((byte,)))
        self.assertEqual(socket.message()["result"], "0x7a69")
        self.assertEqual(socket.answer("eth_call", {"data": "0x" + "00" * 50_000}, "latest")["id"], 1)

    def test_what_clients_must_not_send_ends_the_connection(self):
        for code, frame in (
            (1002, WebSocket.frame(1, b"{}", masked=False)), (1002, WebSocket.frame(1, b"{}", reserved=0x40)),
            (1002, WebSocket.frame(3, b"")), (1002, WebSocket.frame(0, b"{}")), (1002, WebSocket.frame(9, b"x" * 126)),
            (1002, WebSocket.frame(9, b"x", final=False)), (1007, WebSocket.frame(1, b'"\xff"')),
            (1002, WebSocket.frame(1, b"{", final=False) + WebSocket.frame(1, b"}")),
            (1009, bytes((0x81, 0xFF)) + (1 << 40).to_bytes(8, "big")), (1000, WebSocket.frame(8, b"\x03\xe8bye")),
        ):
            socket = self.open()
            socket.connection.sendall(frame)
            self.assertEqual(socket.end(), code, frame[:20])
        self.assertTrue(self.open()("eth_chainId"))

    def test_control_pings_closes_and_drops(self):
        socket, other = self.open(), self.open(1)
        socket("eth_subscribe", "newHeads")
        listed = self.program("dev_sockets", {"endpoint": 0})
        self.assertEqual([kind for s in listed for _, kind in s["subscriptions"]], ["newHeads"])
        self.program("dev_sockets", {"action": "ping", "text": "hello", "endpoint": 0})
        self.assertEqual(socket.receive(), (0x89, False, b"hello"))
        socket.send(10, b"hello")
        socket("eth_chainId")
        self.assertEqual([(s["pings"], s["pongs"]) for s in self.program("dev_sockets", {"endpoint": 0})], [(1, 1)])
        self.program("dev_sockets", {"action": "close", "code": 1012, "endpoint": 0})
        self.assertEqual(socket.end(), 1012)
        self.program("dev_sockets", {"action": "drop"})
        self.assertIsNone(other.end())

    def test_a_get_without_an_upgrade_is_refused(self):
        with self.program.connect() as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 405"))

    # Subscriptions

    def test_heads_and_logs_come_with_each_block(self):
        socket, quiet = self.open(), self.open()
        heads = socket("eth_subscribe", "newHeads")
        logs = socket("eth_subscribe", "logs", {"topics": [[BORROW]]})
        everything = socket("eth_subscribe", "logs", {})
        first = int(self.program("eth_blockNumber"), 16) + 1
        last = self.program("dev_step", {"n": 40, "seed": 5})["head"]
        found = socket.drained()
        self.assertEqual([int(n["result"]["number"], 16) for n in found if n["subscription"] == heads], list(range(first, last + 1)))
        for told in (n["result"] for n in found if n["subscription"] == heads):
            block = self.program("eth_getBlockByNumber", told["number"], False)
            self.assertEqual(header_hash(told), told["hash"])
            self.assertEqual({k: block[k] for k in told}, told)
            self.assertNotIn("transactions", told)
        query = {"fromBlock": hex(first), "toBlock": hex(last)}
        self.assertEqual([n["result"] for n in found if n["subscription"] == everything], self.program("eth_getLogs", query))
        self.assertEqual([n["result"] for n in found if n["subscription"] == logs],
                         self.program("eth_getLogs", query | {"topics": [BORROW]}))
        self.assertTrue(socket("eth_unsubscribe", heads))
        self.assertEqual(socket.answer("eth_unsubscribe", heads)["error"]["message"], "subscription not found")
        self.program("dev_mine")
        self.assertEqual(socket.drained() + quiet.drained(), [])
        for kind in ("newPendingTransactions", "syncing"):
            self.assertEqual(socket.answer("eth_subscribe", kind)["error"]["code"], -32601)
        self.assertEqual(socket.answer("eth_subscribe", "logs", {"address": "0x12"})["error"]["code"], -32602)

    def test_over_http_there_are_no_notifications(self):
        with self.assertRaisesRegex(AssertionError, "notifications not supported"):
            self.program("eth_subscribe", "newHeads")

    def test_a_reorganisation_takes_logs_back_and_announces_the_other_side(self):
        socket = self.open()
        heads, logs = socket("eth_subscribe", "newHeads"), socket("eth_subscribe", "logs", {})
        self.program("dev_step", {"n": 90, "seed": 6})
        before = [n["result"] for n in socket.drained() if n["subscription"] == logs]
        done = self.program("dev_reorg", {"depth": 3, "seed": 7, "n": 12})
        fork = done["oldHead"]["number"] - 3
        found = socket.drained()
        gone = [n["result"] for n in found if n["subscription"] == logs and n["result"]["removed"]]
        new = [n["result"] for n in found if n["subscription"] == logs and not n["result"]["removed"]]
        self.assertEqual(gone[::-1], [g | {"removed": True} for g in before if int(g["blockNumber"], 16) > fork])
        self.assertGreater(len(gone), 0)
        self.assertEqual(new, self.program("eth_getLogs", {"fromBlock": hex(fork + 1)}))
        told = [n["result"] for n in found if n["subscription"] == heads]
        self.assertEqual([int(h["number"], 16) for h in told], list(range(fork + 1, done["head"] + 1)))
        self.assertEqual(told[0]["parentHash"], self.program("eth_getBlockByNumber", hex(fork), False)["hash"])
        self.assertEqual(told[-1]["hash"], done["newHead"]["hash"])
        removals = [i for i, n in enumerate(found) if n["result"].get("removed")]
        self.assertLess(max(removals), found.index(next(n for n in found if n["subscription"] == heads)))

    def test_a_lagging_endpoint_announces_late(self):
        head = int(self.program("eth_blockNumber"), 16)
        self.on(endpoint=1, staleHead=2)
        socket = self.open(1)
        socket("eth_subscribe", "newHeads")
        self.program("dev_mine", {"blocks": 5})
        self.assertEqual([int(n["result"]["number"], 16) - head for n in socket.drained()], [-1, 0, 1, 2, 3])

    # Faults

    def test_dropped_after_so_many_messages(self):
        self.on(wsDropAfter=3)
        socket = self.open()
        for _ in range(3):
            socket("eth_chainId")
        socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
        self.assertIsNone(socket.receive())

    def test_skipped_heads_are_never_announced(self):
        self.on(wsSkipHeads=0.5, seed=3)
        socket = self.open()
        socket("eth_subscribe", "newHeads")
        self.program("dev_mine", {"blocks": 40})
        self.assertTrue(8 < len(socket.drained()) < 32)

    def test_a_notification_before_its_subscription_is_known(self):
        self.on(wsNotifyBeforeReply=True)
        socket = self.open()
        for kind, query in (("newHeads", []), ("logs", [{"topics": [[BORROW]]}])):
            identity = socket("eth_subscribe", kind, *query)
            self.assertEqual([n["params"]["subscription"] for n in socket.notifications], [identity])
            socket.notifications.clear()

    def test_silence(self):
        self.on(wsSilent="notifications")
        socket = self.open()
        socket("eth_subscribe", "newHeads")
        self.program("dev_mine")
        self.assertEqual(socket.drained(), [])
        self.on(wsSilent=True)
        socket.send(9, b"anybody?")
        socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
        self.program("dev_mine")
        self.on(wsSilent=False)
        self.program("dev_sockets", {"action": "drop"})
        self.assertIsNone(socket.receive())

    def test_bad_frames(self):
        socket = self.open()
        for kind, check in (
            ("masked", lambda f: f[0] == 0x81 and f[1]), ("rsv", lambda f: f[0] == 0xC1), ("opcode", lambda f: f[0] == 0x83),
            ("control", lambda f: f[0] == 0x89 and len(f[2]) == 126), ("continuation", lambda f: f[0] == 0x80),
            ("utf8", lambda f: f[0] == 0x81 and b"\xff" in f[2]), ("oversize", lambda f: f[2] == 1 << 62),
        ):
            self.on(wsBadFrame={"kind": kind, "after": 1})
            socket = self.open()
            socket("eth_chainId")
            socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
            self.assertTrue(check(socket.receive()), kind)
        with self.assertRaisesRegex(AssertionError, "no such wsBadFrame"):
            self.on(wsBadFrame="typo")

    def test_close_codes(self):
        for fault, code in ((1008, 1008), ({"code": 1013, "after": 1, "reason": "later"}, 1013), (True, 1013)):
            self.on(wsClose=fault)
            socket = self.open()
            socket("eth_chainId")
            socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
            self.assertEqual(socket.end(), code)

    def test_refused_and_false_handshakes(self):
        self.on(wsNoUpgrade="accept")
        self.assertFalse(self.open().accepted)
        self.on(wsNoUpgrade=True)
        self.assertTrue(self.open().head.startswith(b"HTTP/1.1 426"))

    def test_faults_of_http_in_messages(self):
        self.on(rateLimit=0.001)
        socket = self.open()
        socket.answer("eth_chainId")
        socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
        self.assertEqual(socket.message()["error"]["code"], -32005)
        self.on(rateLimit=False, dropConnection=1)
        socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
        self.assertIsNone(socket.receive())
        self.on(dropConnection=False, deepJson=200_000)
        socket = self.open()
        socket.send(1, b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}')
        self.assertEqual(socket.receive()[0], 1)
        self.assertEqual(socket.receive()[0], 0)

    # Bodies over HTTP

    def test_endless_bodies_are_made_while_they_are_read(self):
        ask = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
        self.on(hugeBody=True)
        self.assertGreaterEqual(len(self.program.post(ask, read=20_000_000)), 20_000_000)
        self.on(hugeBody=0.0001)
        whole = self.program.post(ask)
        self.assertIn(b"Transfer-Encoding: chunked", whole)
        self.assertTrue(whole.endswith(b"\r\n0\r\n\r\n"))
        self.on(hugeBody=False, slowBody=1_000_000)
        self.assertTrue(self.program.post(ask).endswith(b'"0x7a69"}'))
        self.on(slowBody=False, dropConnection=1)
        self.assertEqual(self.program.post(ask), b"")


if __name__ == "__main__":
    unittest.main()
