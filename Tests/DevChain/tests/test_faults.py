"""Every fault does what its name says, can be repeated from its seed, and goes away."""

import gzip
import itertools
import json
import re
import unittest

from devchain import limits
from devchain.faultnames import NAMES

from .support import fresh, word

R = "0x00000000000000000000000000000000000000ee"


def request(i, method="eth_chainId", *params):
    return {"jsonrpc": "2.0", "id": i, "method": method, "params": list(params)}


class FaultTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.call = fresh(borrowers=15)
        cls.head = int(cls.call("eth_blockNumber"), 16)
        cls.all_logs = cls.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})

    def setUp(self):
        self.call("dev_clearFaults")

    tearDown = setUp

    def reply(self, body):
        return self.call.node.dispatcher.http(json.dumps(body).encode())

    def on(self, **given):
        self.call("dev_setFaults", given)

    def logs(self, first=0, last=None):
        return self.call.answer("eth_getLogs", {"fromBlock": hex(first), "toBlock": hex(self.head if last is None else last)})

    def test_unknown_names_are_refused(self):
        self.assertIn("no such fault", self.call.error("dev_setFaults", {"typo": 1})["message"])
        self.assertIn("no such rangeLimitText", self.call.error("dev_setFaults", {"rangeLimitText": "?"})["message"])

    def test_server_errors_come_at_the_rate_and_repeat_with_the_seed(self):
        runs = []
        for _ in range(2):
            self.on(errorRate=0.3, seed=4)
            runs.append([self.reply(request(i)).status for i in range(300)])
        self.assertEqual(*runs)
        self.assertTrue(60 < runs[0].count(500) < 120)

    def test_rate_limits(self):
        self.on(rateLimit=2, retryAfter=7)
        replies = [self.reply(request(i)) for i in range(10)]
        self.assertEqual({r.status for r in replies}, {200, 429})
        self.assertEqual(next(r for r in replies if r.status == 429).headers, {"Retry-After": "7"})
        self.on(rateLimitStyle="json")
        bodies = [json.loads(self.reply(request(i)).body) for i in range(10)]
        self.assertIn(-32005, [b.get("error", {}).get("code") for b in bodies])

    def test_range_limit_in_everybodys_words(self):
        for name in limits.RANGE_TEXTS:
            self.on(rangeLimit=5, rangeLimitText=name)
            self.assertIn("error", self.logs(1, 6), name)
            self.assertIn("result", self.logs(1, 5), name)
        self.on(rangeLimitText="alchemy")
        self.assertIn("this block range should work: [0x1, 0x5]", self.logs(1, 9)["error"]["message"])

    def test_result_limit_hints_at_a_range_that_fits(self):
        for name in limits.RESULT_TEXTS:
            self.on(resultLimit=150, resultLimitText=name)
            self.assertIn("error", self.logs(), name)
        self.on(resultLimitText="reth")
        a, b = re.search(r"retry with the range (\d+)-(\d+)", self.logs()["error"]["message"]).groups()
        self.assertLessEqual(len(self.logs(int(a), int(b))["result"]), 150)
        self.on(resultLimitText="infura")
        data = self.logs()["error"]["data"]
        self.assertLessEqual(len(self.logs(int(data["from"], 16), int(data["to"], 16))["result"]), 150)

    def test_silent_loss_of_logs(self):
        self.on(truncateLogs=20)
        self.assertEqual(self.logs()["result"], self.all_logs[:20])
        self.call("dev_clearFaults")
        self.on(dropLogs=0.1)
        kept = self.logs()["result"]
        self.assertLess(len(kept), len(self.all_logs))
        self.assertEqual([g for g in self.all_logs if g in kept], kept)

    def test_batches(self):
        batch = [request(i) for i in range(40)]
        ids = lambda: [a["id"] for a in json.loads(self.reply(batch).body)]  # noqa: E731
        self.assertEqual(ids(), list(range(40)))
        self.on(shuffleBatch=True)
        self.assertEqual(sorted(ids()), list(range(40)))
        self.assertNotEqual(ids(), list(range(40)))
        self.on(shuffleBatch=False, dropBatchMembers=0.3)
        self.assertTrue(15 < len(ids()) < 40)
        self.on(dropBatchMembers=False, duplicateBatchMembers=0.3)
        self.assertTrue(40 < len(ids()) < 60)
        self.on(duplicateBatchMembers=False, wrongIds=0.2)
        self.assertTrue(0 < sum(i >= 1_000_000 for i in ids()) < 20)
        self.on(wrongIds=False, stringIds=True)
        self.assertEqual(ids(), [str(i) for i in range(40)])
        self.on(batchLimit=39)
        self.assertEqual(json.loads(self.reply(batch).body)["error"]["message"], "batch too large")
        self.on(noBatch=True)
        self.assertEqual(json.loads(self.reply(batch[:1]).body)["error"]["code"], -32600)

    def test_calls(self):
        code = {R: {"code": "0x602a5f5260205ff3"}}
        self.on(noStateOverride=True)
        self.assertEqual(self.call.error("eth_call", {"to": R}, "latest", code)["message"], "too many arguments, want at most 2")
        self.on(noStateOverride=False, dropOverride=True)
        self.assertEqual(self.call("eth_call", {"to": R}, "latest", code), "0x")
        self.on(dropOverride=False, returnCap=31)
        self.assertIn("exceeding limit 31", self.call.error("eth_call", {"to": R}, "latest", code)["message"])
        self.on(returnCapText="erigon")
        self.assertIn("--rpc.returndata.limit 31", self.call.error("eth_call", {"to": R}, "latest", code)["message"])
        self.on(returnCap=False, callGasCap=21_010)
        self.assertEqual(self.call.error("eth_call", {"to": R}, "latest", code)["message"], "out of gas")
        self.on(callGasCap=False, noEip1898=True)
        self.assertIn("cannot unmarshal object", self.call.error("eth_call", {"to": R}, {"blockNumber": "0x1"})["message"])
        self.on(noEip1898=False, lieStorage=1)
        lie = self.call("eth_call", {"to": R}, "latest", code)
        self.assertNotEqual(lie, "0x" + word(42))
        self.assertEqual(len(lie), 66)
        self.call("dev_clearFaults")
        self.assertEqual(self.call("eth_call", {"to": R}, "latest", code), "0x" + word(42))

    def test_no_multicall(self):
        multicall = self.call("dev_info")["multicall3"]
        self.on(noMulticall=True)
        self.assertEqual(self.call("eth_getCode", multicall, "latest"), "0x")
        self.assertEqual(self.call("eth_call", {"to": multicall, "data": "0x42cbb15c"}, "latest"), "0x")

    def test_a_stale_head_knows_nothing_newer(self):
        newest = self.call("eth_getBlockByNumber", hex(self.head), False)["hash"]
        self.on(staleHead=5)
        self.assertEqual(int(self.call("eth_blockNumber"), 16), self.head - 5)
        self.assertIsNone(self.call("eth_getBlockByNumber", hex(self.head), False))
        self.assertIsNone(self.call("eth_getBlockByHash", newest, False))
        self.assertIn("extends beyond current head", self.logs()["error"]["message"])
        self.assertEqual(self.call.error("eth_call", {"to": R}, {"blockHash": newest})["message"], "header for hash not found")

    def test_identities(self):
        block = self.call("eth_getBlockByNumber", "0x5", False)
        self.on(wrongHead=True, wrongChainId=1)
        self.assertEqual(self.call("eth_chainId"), "0x7a69")
        self.assertEqual(self.call("eth_chainId"), "0x7a6a")
        self.assertNotEqual(self.call("eth_getBlockByNumber", "0x5", False)["hash"], block["hash"])

    def test_bodies(self):
        self.on(htmlBody=1)
        self.assertTrue(self.reply(request(1)).body.startswith(b"<!DOCTYPE html>"))
        self.on(htmlBody=False, deepJSON=200_000)
        self.assertEqual(b"".join(self.reply(request(1)).stream).count(b"["), 200_000)
        self.on(deepJson=False, hugeBody=0.0003)
        huge = b"".join(self.reply(request(1)).stream)
        self.assertTrue(300_000 <= len(huge) < 301_000)
        self.on(hugeBody=True, hugeBodyKind="array")
        self.assertGreater(sum(map(len, itertools.islice(self.reply(request(1)).stream, 400))), 25_000_000)
        self.on(hugeBody=False, gzipBomb=3)
        bomb = self.reply(request(1))
        packed = b"".join(bomb.stream)
        self.assertEqual(bomb.headers, {"Content-Encoding": "gzip"})
        self.assertGreater(len(gzip.decompress(packed)), 500 * len(packed))
        self.on(gzipBomb=False, garbage=1, seed=3)
        garbage = self.reply(request(1)).body
        self.on()
        self.assertEqual(self.reply(request(1)).body, garbage)
        with self.assertRaises(ValueError):
            json.loads(garbage)
        self.on(garbage=False, dropConnection=1)
        self.assertTrue(self.reply(request(1)).drop)
        self.on(dropConnection=False, truncatedBody=1)
        cut = self.reply(request(1))
        self.assertLess(len(cut.body), cut.declared_length)
        self.assertTrue(cut.close)
        self.on(truncatedBody=False, slowBody=3, latencyMs=[20, 30])
        slow = self.reply(request(1))
        self.assertEqual(slow.rate, 3)
        self.assertTrue(0.02 <= slow.delay <= 0.03)

    def test_control_is_exempt_and_uncounted(self):
        self.on(errorRate=1, htmlBody=1)
        self.call("dev_resetStats")
        self.assertEqual(self.reply(request(1)).status, 500)
        stats = self.call("dev_stats")
        self.assertEqual((stats["requests"], stats["calls"]), (1, 0))

    def test_every_fault_is_described(self):
        self.assertGreater(len(NAMES), 50)
        self.assertTrue(all(NAMES.values()))


if __name__ == "__main__":
    unittest.main()
