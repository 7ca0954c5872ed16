"""Calls: overrides, history, errors, and that nothing is left behind."""

import unittest

from devchain.assembly import POST, selector

from .support import fresh, node, word

READER = ("5f358060e01b5f5243604052426060528060301c61ffff16908060401c63ffffffff169060601c608060205b80361115606957838060051c01614e20015a10"
          "606957803560601c600452848260010160245f8688fa853d101516825360140190840160010190602b565b50604090036040f3")
R = "0x00000000000000000000000000000000000000ee"
NUMBER_AND_TIME = "0x435f524260205260405ff3"
ACCOUNT_DATA = "bf92857c"


def read_accounts(call, pool, accounts, block, gas=45_000_000):
    """getUserAccountData of many accounts by one overridden call, decoded to lists of six."""
    head = pool[2:] + f"{400_000:08x}" + "00c0" + "0000" + ACCOUNT_DATA
    data = "0x" + head + "".join(a[2:] for a in accounts)
    result = bytes.fromhex(call("eth_call", {"to": R, "data": data, "gas": hex(gas)}, block, {R: {"code": "0x" + READER}})[2:])
    number, time = int.from_bytes(result[:32], "big"), int.from_bytes(result[32:64], "big")
    rows = [result[at:at + 193] for at in range(64, len(result), 193)]
    return number, time, [[int.from_bytes(r[i:i + 32], "big") for i in range(1, 193, 32)] if r[0] else None for r in rows]


class Calls(unittest.TestCase):
    def setUp(self):
        self.call = node()
        self.info = self.call("dev_info")

    def test_an_override_puts_code_where_there_is_none(self):
        code = {R: {"code": "0x602a5f5260205ff3"}}
        self.assertEqual(self.call("eth_call", {"to": R}, "latest", code), "0x" + word(42))
        self.assertEqual(self.call("eth_call", {"to": R}, "latest"), "0x")
        self.assertEqual(self.call("eth_getCode", R, "latest"), "0x")

    def test_a_price_override_changes_health_and_is_taken_back(self):
        truth = self.call("dev_truth")
        account = next(a for a, n in truth["accounts"].items() if int(n[1]) > 10**9)
        ask = {"to": self.info["pool"], "data": "0x" + ACCOUNT_DATA + account[2:].rjust(64, "0")}
        before = self.call("eth_call", ask, "latest")
        feeds = {r["feed"]: {"stateDiff": {"0x" + word(0): "0x" + word(int(r["price"]) * (2 if i % 2 else 3))}}
                 for i, r in enumerate(self.info["reserves"])}
        changed = self.call("eth_call", ask, "latest", feeds)
        self.assertGreater(int(changed[66:130], 16), int(before[66:130], 16) * 2 - 10)
        self.assertEqual(self.call("eth_call", ask, "latest"), before)

    def test_replacing_all_storage_hides_the_rest(self):
        feed = self.info["reserves"][0]["feed"]
        latest = "0x" + selector("latestTimestamp()").hex()
        self.assertNotEqual(int(self.call("eth_call", {"to": feed, "data": latest}, "latest"), 16), 0)
        only = {feed: {"state": {"0x" + word(0): "0x" + word(5)}}}
        self.assertEqual(int(self.call("eth_call", {"to": feed, "data": latest}, "latest", only), 16), 0)
        self.assertNotEqual(int(self.call("eth_call", {"to": feed, "data": latest}, "latest"), 16), 0)
        error = self.call.error("eth_call", {"to": feed}, "latest", {feed: {"state": {}, "stateDiff": {}}})
        self.assertIn("both 'state' and 'stateDiff'", error["message"])

    def test_balance_override_pays(self):
        rich = {R: {"balance": "0x64"}}
        self.assertEqual(self.call("eth_call", {"from": R, "to": R[:-1] + "f", "value": "0x64"}, "latest", rich), "0x")
        self.assertIn("insufficient funds", self.call.error("eth_call", {"from": R, "to": R, "value": "0x64"}, "latest")["message"])

    def test_block_overrides_reach_the_opcodes(self):
        code = {R: {"code": NUMBER_AND_TIME}}
        result = self.call("eth_call", {"to": R}, "latest", code, {"number": "0x1234", "time": "0x5678"})
        self.assertEqual(result, "0x" + word(0x1234) + word(0x5678))

    def test_a_read_of_many_equals_the_truth(self):
        for rules in ("3.2", "3.0"):
            call = node(rules)
            truth = call("dev_truth")
            accounts = list(truth["accounts"])
            pinned = {"blockHash": truth["hash"], "requireCanonical": True}
            number, time, rows = read_accounts(call, call("dev_info")["pool"], accounts, pinned)
            self.assertEqual((number, time), (truth["block"], truth["timestamp"]))
            self.assertEqual(rows, [[int(n) for n in truth["accounts"][a]] for a in accounts])
            self.assertGreater(sum(int(n[1]) > 0 for n in truth["accounts"].values()), 60)

    def test_reverts_carry_reason_and_data(self):
        supply_nothing = "0x617ba037" + self.info["reserves"][0]["asset"][2:].rjust(64, "0") + word(0) * 3
        error = self.call.error("eth_call", {"to": self.info["pool"], "data": supply_nothing}, "latest")
        self.assertEqual((error["code"], error["message"]), (3, "execution reverted: 26"))
        self.assertTrue(error["data"].startswith("0x08c379a0"))

    def test_gas_is_honoured(self):
        ask = {"to": self.info["pool"], "data": "0x" + ACCOUNT_DATA + word(1)}
        self.assertEqual(self.call.error("eth_call", ask | {"gas": hex(25_000)}, "latest")["message"], "out of gas")
        self.assertIn("intrinsic gas too low", self.call.error("eth_call", ask | {"gas": hex(20_000)}, "latest")["message"])
        gas = int(self.call("eth_estimateGas", ask), 16)
        self.assertTrue(self.call("eth_call", ask | {"gas": hex(gas)}, "latest"))
        self.assertEqual(self.call.error("eth_call", {"to": R}, "latest", {R: {"code": "0xfe"}})["message"], "invalid opcode: INVALID")

    def test_creation_calls_return_runtime_code(self):
        self.assertEqual(self.call("eth_call", {"data": "0x602a5f5260205ff3"}, "latest"), "0x" + word(42))
        too_large = self.call.error("eth_call", {"data": "0x6160015ff3"}, "latest")
        self.assertEqual(too_large["message"], "max code size exceeded")

    def test_block_parameters(self):
        head = self.call("eth_blockNumber")
        hash_ = self.call("eth_getBlockByNumber", head, False)["hash"]
        code = {R: {"code": NUMBER_AND_TIME}}
        expected = self.call("eth_call", {"to": R}, "latest", code)
        for ref in (head, hash_, {"blockNumber": head}, {"blockHash": hash_}, {"blockHash": hash_, "requireCanonical": True}, "pending"):
            self.assertEqual(self.call("eth_call", {"to": R}, ref, code), expected)
        for ref, text in (({"blockHash": "0x" + "ab" * 32}, "header for hash not found"), ("0xffffff", "header not found"),
                          ("newest", "invalid argument"), ("0x01", "leading zero")):
            self.assertIn(text, self.call.error("eth_call", {"to": R}, ref)["message"])

    def test_multicall3_is_the_public_one(self):
        code = self.call("eth_getCode", self.info["multicall3"], "latest")
        self.assertEqual(len(code), 2 + 2 * 3808)
        self.assertEqual(self.call("eth_call", {"to": self.info["multicall3"], "data": "0x42cbb15c"}, "latest"),
                         "0x" + word(int(self.call("eth_blockNumber"), 16)))


class History(unittest.TestCase):
    def test_every_kept_block_shows_its_own_state(self):
        call = fresh(borrowers=40, history=64)
        pool = call("dev_info")["pool"]
        seen = {}
        for i in range(25):
            call("dev_step", {"n": 6, "seed": i})
            truth = call("dev_truth")
            seen[truth["block"]] = truth
        for number in sorted(seen, key=lambda n: n * 7919 % 101):
            truth = seen[number]
            self.assertEqual(call("dev_truth", hex(number)), truth)
            accounts = list(truth["accounts"])
            at, time, rows = read_accounts(call, pool, accounts, {"blockHash": truth["hash"]})
            self.assertEqual((at, time), (number, truth["timestamp"]))
            self.assertEqual([[str(n) for n in r] for r in rows], list(truth["accounts"].values()))

    def test_older_state_is_pruned(self):
        call = fresh(borrowers=5, history=64)
        call("dev_mine", {"blocks": 80, "seconds": 12})
        head = int(call("eth_blockNumber"), 16)
        self.assertEqual(call("eth_call", {"to": R}, hex(head - 64)), "0x")
        error = call.error("eth_call", {"to": R}, hex(head - 65))
        self.assertEqual(error["code"], -32000)
        self.assertIn("missing trie node", error["message"])
        self.assertIsNotNone(call("eth_getBlockByNumber", hex(head - 65), False))

    def test_storage_code_and_nonces_belong_to_their_block(self):
        call = fresh(borrowers=5)
        reserve = call("dev_info")["reserves"][0]
        before = call("eth_blockNumber")
        call("dev_setPrice", {"asset": "WETH", "price": 77})
        self.assertEqual(int(call("eth_getStorageAt", reserve["feed"], "0x0", "latest"), 16), 77)
        self.assertEqual(int(call("eth_getStorageAt", reserve["feed"], "0x0", before), 16), int(reserve["price"]))
        self.assertEqual(call("eth_getCode", reserve["feed"], "0x1"), "0x")
        sender = call("eth_getTransactionByHash", call("eth_getBlockByNumber", "latest", False)["transactions"][0])["from"]
        self.assertEqual(int(call("eth_getTransactionCount", sender, "latest"), 16) - 1,
                         int(call("eth_getTransactionCount", sender, before), 16))

    def test_the_evm_agrees_with_its_mirror_everywhere(self):
        call = node("3.0")
        world = call.node.chain.world
        call.node.chain.move_to(call.node.chain.head.number)
        mark = world.begin()
        for address, slots in world.storage.items():
            for key, value in slots.items():
                self.assertEqual(world.evm.storage(address, key), value)
        world.discard(mark)

    def test_transactions_are_mined_at_once(self):
        call = fresh(borrowers=2)
        feed = call("dev_info")["reserves"][1]["feed"]
        digest = call("eth_sendTransaction", {"from": R, "to": feed, "data": "0x" + POST.hex() + word(99)})
        receipt = call("eth_getTransactionReceipt", digest)
        self.assertEqual((receipt["status"], receipt["from"], len(receipt["logs"])), ("0x1", R, 1))
        created = call("eth_sendTransaction", {"from": R, "data": "0x602a5f5260205ff3"})
        address = call("eth_getTransactionReceipt", created)["contractAddress"]
        self.assertEqual(call("eth_getCode", address, "latest"), "0x" + word(42))
        call("evm_increaseTime", 1000)
        before = int(call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
        call("evm_mine")
        self.assertGreaterEqual(int(call("eth_getBlockByNumber", "latest", False)["timestamp"], 16), before + 1000)


if __name__ == "__main__":
    unittest.main()
