"""Simulations, signed transactions, reorganisations and the cache."""

import tempfile
import unittest
from unittest import mock

from devchain import cache, rlp
from devchain.cache import Cache
from devchain.hashing import address_of, keccak
from devchain.node import Node, Options

from .support import Client, fresh, header_hash, node, word

R = "0x00000000000000000000000000000000000000ee"
# Adds one to slot 0, logs an empty event under the new value, returns it.
COUNTER = "0x5f54600101805f55" + "5f5f5f" + "a1" + "5f545f5260205ff3"

# secp256k1, the slow way: only to sign a few test transactions.
P = 2**256 - 2**32 - 977
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0]:
        if a[1] != b[1]:
            return None
        slope = 3 * a[0] * a[0] * pow(2 * a[1], -1, P) % P
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    total = None
    while k:
        if k & 1:
            total = add(total, point)
        point, k = add(point, point), k >> 1
    return total


def sign(digest: bytes, key: int):
    k = int.from_bytes(keccak(digest + word(key).encode()), "big") % N
    x, y = times(k, G)
    s = pow(k, -1, N) * (int.from_bytes(digest, "big") + x * key) % N
    parity = y & 1
    return (parity ^ 1, x, N - s) if s > N // 2 else (parity, x, s)


class Simulations(unittest.TestCase):
    def test_state_is_carried_and_then_forgotten(self):
        call = node()
        head = call("eth_blockNumber")
        blocks = [{"stateOverrides": {R: {"code": COUNTER}}, "calls": [{"to": R}, {"to": R}]},
                  {"blockOverrides": {"time": "0x7fffffff"}, "calls": [{"to": R}, {"to": call("dev_info")["pool"], "data": "0x00000000"}]}]
        first, second = call("eth_simulateV1", {"blockStateCalls": blocks}, "latest")
        self.assertEqual([c["returnData"] for c in first["calls"]], ["0x" + word(1), "0x" + word(2)])
        self.assertEqual([c["logs"][0]["logIndex"] for c in first["calls"]], ["0x0", "0x1"])
        self.assertEqual(second["calls"][0]["returnData"], "0x" + word(3))
        self.assertEqual((second["calls"][1]["status"], second["calls"][1]["error"]["code"]), ("0x0", 3))
        self.assertEqual((int(first["number"], 16), int(second["number"], 16)), (int(head, 16) + 1, int(head, 16) + 2))
        self.assertEqual(second["timestamp"], "0x7fffffff")
        self.assertEqual(call("eth_getCode", R, "latest"), "0x")
        self.assertEqual(call("eth_getStorageAt", R, "0x0", "latest"), "0x" + word(0))

    def test_order_and_size_are_checked(self):
        call = node()
        error = call.error("eth_simulateV1", {"blockStateCalls": [{"blockOverrides": {"number": "0x1"}}]}, "latest")
        self.assertEqual(error["code"], -38020)
        self.assertEqual(call.error("eth_simulateV1", {"blockStateCalls": [{}] * 257}, "latest")["code"], -38026)


class Signed(unittest.TestCase):
    def test_each_kind_reaches_the_chain_under_its_own_hash(self):
        call = fresh(borrowers=1)
        key = 0xA11CE
        x, y = times(key, G)
        sender = address_of(keccak(bytes.fromhex(word(x) + word(y))))
        code = bytes.fromhex(COUNTER[2:])
        created = call("eth_sendTransaction", {"from": sender, "data": "0x61" + f"{len(code):04x}" + "80600b5f395ff300" + code.hex()})
        to = bytes.fromhex(call("eth_getTransactionReceipt", created)["contractAddress"][2:])
        for nonce, kind in ((1, 0), (2, 1), (3, 2)):
            if kind == 0:
                body = [nonce, 10**9, 100_000, to, 0, b""]
                parity, r, s = sign(keccak(rlp.encode([*body, 31337, b"", b""])), key)
                raw = rlp.encode([*body, 35 + 2 * 31337 + parity, r, s])
            else:
                price = [10**9] if kind == 1 else [1, 10**9]
                body = [31337, nonce, *price, 100_000, to, 0, b"", []]
                parity, r, s = sign(keccak(bytes([kind]) + rlp.encode(body)), key)
                raw = bytes([kind]) + rlp.encode([*body, parity, r, s])
            digest = call("eth_sendRawTransaction", "0x" + raw.hex())
            self.assertEqual(digest, "0x" + keccak(raw).hex())
            receipt = call("eth_getTransactionReceipt", digest)
            self.assertEqual((receipt["from"], receipt["status"], receipt["type"]), (sender, "0x1", hex(kind)))
            self.assertIn("nonce too low", call.error("eth_sendRawTransaction", "0x" + raw.hex())["message"])
        self.assertEqual(int(call("eth_getStorageAt", "0x" + to.hex(), "0x0", "latest"), 16), 3)
        self.assertIn("rlp", call.error("eth_sendRawTransaction", "0xc0")["message"])


class Reorganisations(unittest.TestCase):
    def test_the_new_branch_is_consistent_and_the_old_one_orphaned(self):
        call = fresh("3.0", borrowers=40)
        head = int(call("eth_blockNumber"), 16)
        before = [call("eth_getBlockByNumber", hex(n), False) for n in range(head + 1)]
        fork_truth = call("dev_truth", hex(head - 4))
        done = call("dev_reorg", {"depth": 4, "n": 30, "seed": 5})
        self.assertGreater(done["head"], head)
        self.assertEqual(call("dev_truth", hex(head - 4)), fork_truth)
        parent = before[head - 4]["hash"]
        for number in range(head - 3, done["head"] + 1):
            block = call("eth_getBlockByNumber", hex(number), False)
            self.assertEqual((block["parentHash"], header_hash(block)), (parent, block["hash"]))
            if number <= head:
                self.assertNotEqual(block["hash"], before[number]["hash"])
            parent = block["hash"]
        orphan = before[head]["hash"]
        self.assertEqual(call("eth_getBlockByHash", orphan, False), before[head])
        self.assertEqual(call.error("eth_call", {"to": R}, {"blockHash": orphan, "requireCanonical": True})["message"],
                         "hash is not currently canonical")
        logs = call("eth_getLogs", {"fromBlock": "0x0"})
        held = [g for n in range(done["head"] + 1) for r in call("eth_getBlockReceipts", hex(n)) for g in r["logs"]]
        self.assertEqual(logs, held)
        self.assertIn("cannot take back", call.error("dev_reorg", {"depth": 1000})["message"])

    def test_any_depth_to_64_and_who_is_on_one_side_only(self):
        call = fresh(borrowers=30)
        borrow = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"

        def debtors():
            found = call("eth_getLogs", {"fromBlock": "0x0", "address": call("dev_info")["pool"], "topics": [borrow]})
            return {"0x" + g["topics"][2][26:] for g in found}

        call("dev_mine", {"blocks": 64})
        for depth in (1, 2, 31, 64, 64):
            call("dev_step", {"n": 5, "seed": depth, "borrowers": 3})
            old = call("eth_getBlockByNumber", "latest", False)
            before, fork = debtors(), int(old["number"], 16) - depth
            at_fork = call("dev_truth", hex(fork))
            done = call("dev_reorg", {"depth": depth, "seed": 1})
            new = call("eth_getBlockByNumber", "latest", False)
            after = debtors()
            self.assertEqual(done["oldHead"], {"number": int(old["number"], 16), "hash": old["hash"]})
            self.assertEqual(done["newHead"], {"number": int(new["number"], 16), "hash": new["hash"]})
            self.assertEqual((done["head"], done["fork"]), (int(new["number"], 16), {"number": fork, "hash": at_fork["hash"]}))
            self.assertGreaterEqual(done["head"], int(old["number"], 16) + 1)
            self.assertEqual((set(done["onlyOld"]), set(done["onlyNew"])), (before - after, after - before))
            self.assertGreaterEqual(len(done["onlyNew"]), 2)
            self.assertTrue(done["onlyOld"] or depth == 1, depth)
            self.assertEqual(call("dev_truth", hex(fork)), at_fork)
            self.assertEqual(call("dev_truth")["accounts"].keys(), after)


class Kept(unittest.TestCase):
    def test_a_cached_chain_lives_on_as_a_built_one(self):
        options = Options(borrowers=25, seed=6)
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(cache, "WORTH_KEEPING", 0):
            built, read = Node(options), Node(options)
            self.assertFalse(built.build(Cache(folder)))
            self.assertTrue(read.build(Cache(folder)))
        first, second = Client(built), Client(read)
        self.assertEqual(first("dev_truth"), second("dev_truth"))
        self.assertEqual(first("dev_truth", "0xc"), second("dev_truth", "0xc"))
        for call in (first, second):
            call("dev_step", {"n": 60})
        self.assertEqual(first("eth_getBlockByNumber", "latest", True), second("eth_getBlockByNumber", "latest", True))
        self.assertEqual(first("dev_truth"), second("dev_truth"))


if __name__ == "__main__":
    unittest.main()
