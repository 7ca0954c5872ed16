"""The market is the real one, and its population has every kind of position."""

import unittest

from devchain import rules20
from devchain.rules32 import BORROW_TOPIC

from .support import fresh, node, word


class Market(unittest.TestCase):
    def test_revisions(self):
        for rules, revision in (("3.2", 5), ("3.0", 1)):
            call = node(rules)
            self.assertEqual(int(call("eth_call", {"to": call("dev_info")["pool"], "data": "0x0148170e"}, "latest"), 16), revision)

    def test_version_2(self):
        for seed in (1, 2):
            call = node("2.0", borrowers=300, seed=seed)
            info, truth = call("dev_info"), call("dev_truth")
            read = lambda to, data: call("eth_call", {"to": to, "data": data}, "latest")  # noqa: E731
            self.assertEqual(int(read(info["pool"], "0x8afaff02"), 16), 2)
            self.assertEqual("0x" + read(info["poolAddressesProvider"], "0x0261bf8b")[-40:], info["pool"])
            self.assertEqual(len(read(info["pool"], "0x35ea6a75" + info["reserves"][0]["asset"][2:].rjust(64, "0"))), 2 + 768)
            for reserve in info["reserves"]:
                price = read(info["oracle"], "0xb3596f07" + reserve["asset"][2:].rjust(64, "0"))
                self.assertEqual(int(price, 16), int(reserve["price"]))
            self.assertIn("error", call.answer("eth_call", {"to": info["reserves"][-1]["asset"], "data": "0x313ce567"}, "latest"))
            rows = [[int(n) for n in v] for v in truth["accounts"].values()]
            debtors = [r for r in rows if r[1]]
            self.assertGreater(len(debtors), 220)
            self.assertTrue(any(r[5] < 10**18 for r in debtors), "someone can be liquidated")
            borrows = call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest", "address": info["pool"],
                                           "topics": ["0x" + rules20.BORROW_TOPIC.hex()]})
            self.assertEqual({"0x" + g["topics"][2][-40:] for g in borrows}, set(truth["accounts"]))
            self.assertEqual({int(g["data"][2 + 128:2 + 192], 16) for g in borrows}, {1, 2})
            liquidation = "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286"
            self.assertTrue(call("eth_getLogs", {"fromBlock": "0x0", "topics": [liquidation]}))

    def test_the_provider_leads_to_everything(self):
        call = node()
        info = call("dev_info")
        read = lambda to, data: call("eth_call", {"to": to, "data": data}, "latest")  # noqa: E731
        self.assertEqual("0x" + read(info["poolAddressesProvider"], "0x026b1d5f")[-40:], info["pool"])
        self.assertEqual("0x" + read(info["poolAddressesProvider"], "0xfca513a8")[-40:], info["oracle"])
        self.assertEqual(int(read(info["oracle"], "0x8c89b64f"), 16), 10**8)
        for reserve in info["reserves"]:
            price = read(info["oracle"], "0xb3596f07" + reserve["asset"][2:].rjust(64, "0"))
            self.assertEqual(int(price, 16), int(reserve["price"]))

    def test_the_population_has_all_kinds(self):
        for rules in ("3.2", "3.0"):
            call = node(rules, borrowers=300)
            info, truth = call("dev_info"), call("dev_truth")
            rows = [[int(n) for n in v] for v in truth["accounts"].values()]
            debtors = [r for r in rows if r[1]]
            self.assertGreater(len(debtors), 220)
            self.assertTrue(any(r[1] == 0 for r in rows), "someone has repaid everything")
            self.assertTrue(any(0 < r[1] < 10**6 for r in rows), "someone has dust")
            self.assertTrue(any(r[5] < 10**18 for r in debtors), "someone can be liquidated")
            self.assertGreater(sum(abs(r[5] - 10**18) < 2 * 10**16 for r in debtors), 5)
            borrows = call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest", "address": info["pool"],
                                           "topics": ["0x" + BORROW_TOPIC.hex()]})
            self.assertEqual({"0x" + g["topics"][2][-40:] for g in borrows}, set(truth["accounts"]))
            self.assertTrue(any(g["data"][26:66] != g["topics"][2][-40:] for g in borrows), "someone borrowed for another")
            modes = {int(g["data"][2 + 128:2 + 192], 16) for g in borrows}
            self.assertEqual(modes, {1, 2} if rules == "3.0" else {2})
            emodes = [int(call("eth_call", {"to": info["pool"], "data": "0xeddf1b79" + a[2:].rjust(64, "0")}, "latest"), 16)
                      for a in truth["accounts"]]
            self.assertEqual(set(emodes), {0, 1, 2})
            liquidation = "0xe413a321e8681d831f4dbccbca790d2952b56f977908e45be37335533e005286"
            self.assertTrue(call("eth_getLogs", {"fromBlock": "0x0", "topics": [liquidation]}))

    def test_configuration_words(self):
        call = node(borrowers=300)
        info = call("dev_info")
        configs = [int(call("eth_call", {"to": info["pool"], "data": "0xc44b11f7" + r["asset"][2:].rjust(64, "0")}, "latest"), 16)
                   for r in info["reserves"]]
        self.assertEqual([c >> 48 & 255 for c in configs], [r["decimals"] for r in info["reserves"]])
        self.assertEqual(sum(c >> 57 & 1 for c in configs), 1, "one reserve is frozen")
        self.assertEqual(sum(c >> 60 & 1 for c in configs), 1, "one reserve is paused")
        self.assertEqual(sum(bool(c >> 212 & (2**40 - 1)) for c in configs), 1, "one reserve has a debt ceiling")
        self.assertTrue(all(c >> 152 & 0xFFFF for c in configs))

    def test_a_price_source_of_an_emode_exists_only_in_3_0(self):
        for rules, wanted in (("3.0", True), ("3.2", False)):
            call = node(rules)
            data = call("eth_call", {"to": call("dev_info")["pool"], "data": "0x6c6f6ae1" + word(2)}, "latest")
            source = int(data[2 + 64 * 4:2 + 64 * 5], 16)
            self.assertEqual(source != 0, wanted)

    def test_wild_markets_are_accepted(self):
        for rules in ("3.0", "3.2"):
            call = fresh(rules, borrowers=60, wild=True, reserves=9, seed=11)
            info, truth = call("dev_info"), call("dev_truth")
            self.assertEqual(len(info["reserves"]), 9)
            self.assertGreater(len({r["decimals"] for r in info["reserves"]}), 3)
            self.assertGreater(sum(int(v[1]) > 0 for v in truth["accounts"].values()), 10)

    def test_steps_move_everything(self):
        for rules in ("3.0", "3.2"):
            call = fresh(rules, borrowers=60)
            before = call("eth_blockNumber")
            done = call("dev_step", {"n": 300, "seed": 9})["actions"]
            self.assertGreater(int(call("eth_blockNumber"), 16), int(before, 16))
            for action in ("supply", "borrow", "repay", "withdraw", "open", "price", "transfer"):
                self.assertGreater(done.get(action, 0), 0, action)
            again = fresh(rules, borrowers=60)
            again("dev_step", {"n": 300, "seed": 9})
            self.assertEqual(again("eth_getBlockByNumber", "latest", False), call("eth_getBlockByNumber", "latest", False))


if __name__ == "__main__":
    unittest.main()
