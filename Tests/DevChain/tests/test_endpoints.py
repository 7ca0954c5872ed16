"""Several endpoints over one chain: each has faults and statistics of its own, and each lie is told by one alone."""

import unittest

from devchain import rlp

from . import verify
from .support import fresh, header_hash, word
from .test_codecs import naive_root
from .test_state import ACCOUNT_DATA, READER, R, read_accounts


class Endpoints(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.call = fresh(borrowers=25, endpoints=3)
        cls.head = int(cls.call("eth_blockNumber"), 16)
        cls.info = cls.call("dev_info")
        cls.truth = cls.call("dev_truth")

    def setUp(self):
        self.call("dev_clearFaults")
        self.honest, self.liar = self.call.at(0), self.call.at(1)

    def on(self, **given):
        self.call("dev_setFaults", given | {"endpoint": 1})

    # Which endpoint

    def test_faults_belong_to_the_endpoint_they_name_or_to_all(self):
        self.on(staleHead=3)
        self.assertEqual([int(self.call.at(i)("eth_blockNumber"), 16) for i in range(3)], [self.head, self.head - 3, self.head])
        self.assertEqual(self.call("dev_truth")["block"], self.head)
        self.assertEqual(self.liar("dev_truth")["block"], self.head)
        self.call("dev_setFaults", {"wrongChain": 5})
        self.assertEqual([self.call.at(i)("eth_chainId") for i in range(3)], ["0x5"] * 3)
        self.assertEqual(self.liar("net_version"), "5")
        self.call("dev_clearFaults", {"endpoint": 1})
        self.assertEqual([self.call.at(i)("eth_chainId") for i in range(3)], ["0x5", "0x7a69", "0x5"])
        self.assertIn("no endpoint 3", self.call.error("dev_setFaults", {"endpoint": 3})["message"])

    def test_statistics_are_kept_apart_and_added_up(self):
        self.call("dev_resetStats")
        for i, n in enumerate((1, 2, 3)):
            for _ in range(n):
                self.call.at(i)("eth_call", {"to": self.info["pool"], "data": "0x" + ACCOUNT_DATA + word(1)}, "latest")
        self.call("eth_chainId")
        each = [self.call("dev_stats", i) for i in range(3)]
        self.assertEqual([s["requests"] for s in each], [2, 2, 3])
        self.assertEqual(each[1]["callGasUsed"] * 3, each[2]["callGasUsed"] * 2)
        total = self.call("dev_stats")
        self.assertEqual((total["requests"], total["methods"], total["endpoints"]), (7, {"eth_call": 6, "eth_chainId": 1}, each))
        self.call("dev_resetStats", {"endpoint": 2})
        self.assertEqual([self.call("dev_stats", {"endpoint": i})["requests"] for i in range(3)], [2, 2, 0])

    def test_the_same_random_fault_strikes_endpoints_differently_and_each_repeatably(self):
        runs = []
        for _ in range(2):
            self.call("dev_setFaults", {"errorRate": 0.5, "seed": 9})
            body = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
            runs.append([[self.call.at(i).endpoint.dispatcher.http(body).status for _ in range(64)] for i in range(3)])
        self.assertEqual(*runs)
        self.assertEqual(len({tuple(r) for r in runs[0]}), 3)

    # Storage

    def test_one_slot_is_misstated_in_every_call_while_the_proof_tells_the_truth(self):
        feed = self.info["reserves"] if "reserves" in self.info else self.call("dev_info")["reserves"]
        reserve = next(r for r in feed if r["symbol"] == "WETH")
        price = int(reserve["price"])
        self.on(lieStorage={"address": reserve["feed"], "slot": "0x0", "value": hex(price * 2)})
        self.assertEqual(int(self.liar("eth_getStorageAt", reserve["feed"], "0x0", "latest"), 16), price * 2)
        ask = {"to": self.info["oracle"], "data": "0xb3596f07" + reserve["asset"][2:].rjust(64, "0")}
        self.assertEqual([int(c("eth_call", ask, "latest"), 16) for c in (self.honest, self.liar)], [price, price * 2])
        accounts = list(self.truth["accounts"])
        lied = read_accounts(self.liar, self.info["pool"], accounts, "latest")
        true = read_accounts(self.honest, self.info["pool"], accounts, "latest")
        self.assertNotEqual(lied, true)
        self.assertEqual(lied, read_accounts(self.liar, self.info["pool"], accounts, "latest"))
        blocks = [c("eth_simulateV1", {"blockStateCalls": [{"calls": [ask]}]}, "latest") for c in (self.honest, self.liar)]
        self.assertEqual([int(b[0]["calls"][0]["returnData"], 16) for b in blocks], [price, price * 2])
        root = self.liar("eth_getBlockByNumber", "latest", False)["stateRoot"]
        proof = self.liar("eth_getProof", reserve["feed"], ["0x0"], "latest")
        self.assertEqual(verify.account(root, proof)[0], price)
        self.on(lieStorage={"address": reserve["feed"], "slot": "0x0", "xor": 1, "proof": "forged"})
        forged = self.liar("eth_getProof", reserve["feed"], ["0x0"], "latest")
        self.assertEqual(int(forged["storageProof"][0]["value"], 16), price ^ 1)
        with self.assertRaises(verify.Invalid):
            verify.account(root, forged)
        self.assertEqual(int(self.honest("eth_getStorageAt", reserve["feed"], "0x0", "latest"), 16), price)

    def test_one_function_is_misstated_to_whoever_calls_it(self):
        accounts = list(self.truth["accounts"])
        victim = next(a for a, n in self.truth["accounts"].items() if int(n[1]))
        true = read_accounts(self.honest, self.info["pool"], accounts, "latest")[2]
        self.on(lieStorage=[{"to": self.info["pool"], "selector": "0x" + ACCOUNT_DATA, "argument": victim, "word": 5, "value": 123}])
        lied = read_accounts(self.liar, self.info["pool"], accounts, "latest")[2]
        at = accounts.index(victim)
        self.assertEqual(lied[at], true[at][:5] + [123])
        self.assertEqual(lied[:at] + lied[at + 1:], true[:at] + true[at + 1:])
        direct = {"to": self.info["pool"], "data": "0x" + ACCOUNT_DATA + victim[2:].rjust(64, "0")}
        self.assertEqual(int(self.liar("eth_call", direct, "latest")[-64:], 16), 123)
        self.assertEqual(self.liar("eth_getCode", self.info["pool"], "latest"), self.honest("eth_getCode", self.info["pool"], "latest"))
        nothing = {"to": self.info["pool"], "data": "0x617ba037" + self.call("dev_info")["reserves"][0]["asset"][2:].rjust(64, "0") + word(0) * 3}
        self.assertEqual(self.liar.error("eth_call", nothing, "latest"), self.honest.error("eth_call", nothing, "latest"))
        self.assertEqual(read_accounts(self.honest, self.info["pool"], accounts, "latest")[2], true)

    def test_a_share_of_the_slots_is_misstated_the_same_way_each_time(self):
        accounts = list(self.truth["accounts"])
        self.on(lieStorage={"slots": 0.15}, seed=3)
        first = read_accounts(self.liar, self.info["pool"], accounts, "latest")[2]
        again = read_accounts(self.liar, self.info["pool"], accounts, "latest")[2]
        true = read_accounts(self.honest, self.info["pool"], accounts, "latest")[2]
        self.assertEqual(first, again)
        self.assertNotEqual(first, true)
        found = differing = 0
        for account in accounts[:6]:
            call = {"to": self.info["pool"], "data": "0x" + ACCOUNT_DATA + account[2:].rjust(64, "0")}
            for entry in self.call("dev_reads", call):
                self.assertEqual(self.honest("eth_getStorageAt", entry["address"], entry["slot"], "latest"), "0x" + word(int(entry["value"], 16)))
                told = int(self.liar("eth_getStorageAt", entry["address"], entry["slot"], "latest"), 16)
                differing += told != int(entry["value"], 16)
                found += 1
        self.assertTrue(0 < differing < found / 3, (differing, found))
        self.assertEqual(read_accounts(self.honest, self.info["pool"], accounts, "latest")[2], true)

    def test_bad_lies_are_refused_and_change_nothing(self):
        for lie in ({"address": "0x12", "slot": 0}, {"slot": 0}, {"to": R}, {"typo": 1}, [1], {"address": R, "slot": 0, "proof": "?"}):
            self.assertEqual(self.call.error("dev_setFaults", {"endpoint": 1, "lieStorage": lie})["code"], -32602, lie)
        self.assertEqual(self.call("dev_setFaults", {"endpoint": 1}), {})

    def test_an_overridden_slot_is_the_callers(self):
        code = {R: {"code": "0x5f545f5260205ff3", "stateDiff": {"0x" + word(0): "0x" + word(70000)}}}
        for lie in ({"address": R, "slot": 0, "value": 5}, {"slots": 1}):
            self.on(lieStorage=lie)
            self.assertEqual(self.liar("eth_call", {"to": R}, "latest", code), "0x" + word(70000))

    # Logs

    def logs(self, call, **query):
        return call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"} | query)

    def test_one_log_is_left_out_everywhere_but_in_its_receipt(self):
        true = self.logs(self.honest)
        borrow = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"
        self.on(omitLog={"topic0": borrow})
        told = self.logs(self.liar)
        missing = [g for g in true if g not in told]
        self.assertEqual((len(missing), len(told)), (1, len(true) - 1))
        self.assertEqual(missing[0]["topics"][0], borrow)
        self.assertEqual(self.logs(self.liar, fromBlock=missing[0]["blockNumber"], topics=[borrow]),
                         [g for g in self.logs(self.honest, fromBlock=missing[0]["blockNumber"], topics=[borrow]) if g != missing[0]])
        self.assertIn(missing[0], self.liar("eth_getTransactionReceipt", missing[0]["transactionHash"])["logs"])
        self.on(omitLog={"count": 4}, seed=2)
        self.assertEqual(len(self.logs(self.liar)), len(true) - 4)

    def test_one_log_is_altered_or_doubled(self):
        true = self.logs(self.honest)
        for what, field in (("data", "data"), ("topic", "topics"), ("address", "address")):
            self.on(lieLog={"what": what, "address": self.info["pool"]})
            told = self.logs(self.liar)
            wrong = [(a, b) for a, b in zip(true, told, strict=True) if a != b]
            self.assertEqual([[k for k in a if a[k] != b[k]] for a, b in wrong], [[field]])
        self.on(lieLog=None, dupLog=True)
        told = self.logs(self.liar)
        self.assertEqual(len(told), len(true) + 1)
        self.assertEqual([g for i, g in enumerate(told) if i == 0 or g != told[i - 1]], true)

    def test_an_altered_receipt_no_longer_has_its_root(self):
        self.on(lieLog={"address": self.info["pool"], "receipts": True})
        wrong = next(b for a, b in zip(self.logs(self.honest), self.logs(self.liar)) if a != b)
        told = self.liar("eth_getBlockReceipts", wrong["blockNumber"])
        self.assertIn(wrong, [g for r in told for g in r["logs"]])
        self.assertIn(wrong, self.liar("eth_getTransactionReceipt", wrong["transactionHash"])["logs"])
        values = []
        for r in told:
            logs = [[verify.unhex(g["address"]), [verify.unhex(t) for t in g["topics"]], verify.unhex(g["data"])] for g in r["logs"]]
            body = rlp.encode([int(r["status"], 16), int(r["cumulativeGasUsed"], 16), verify.unhex(r["logsBloom"]), logs])
            values.append(body if r["type"] == "0x0" else bytes([int(r["type"], 16)]) + body)
        self.assertNotEqual("0x" + naive_root(values).hex(), self.liar("eth_getBlockByNumber", wrong["blockNumber"], False)["receiptsRoot"])

    # Headers

    def test_a_header_that_is_not_what_its_hash_says(self):
        self.on(lieHeader=0.5)
        headers = [self.liar("eth_getBlockByNumber", hex(n), False) for n in range(self.head + 1)]
        wrong = [b for b in headers if header_hash(b) != b["hash"]]
        self.assertTrue(self.head / 4 < len(wrong) < self.head * 3 / 4)
        for told in headers:
            true = self.honest("eth_getBlockByNumber", told["number"], False)
            self.assertEqual(sum(true[k] != told[k] for k in true), int(told in wrong))
            self.assertEqual(self.liar("eth_getBlockByHash", told["hash"], False), told)
        self.on(lieHeader={"field": "stateRoot", "number": hex(self.head)})
        told, true = (c("eth_getBlockByNumber", "latest", False) for c in (self.liar, self.honest))
        self.assertEqual([k for k in true if true[k] != told[k]], ["stateRoot"])
        self.assertEqual(self.call.error("dev_setFaults", {"endpoint": 1, "lieHeader": {"field": "hash"}})["code"], -32602)

    def test_headers_of_another_chain_are_sound_in_themselves(self):
        first = self.head - 4
        self.on(lieBlockHash=first)
        parent = None
        for number in range(first - 2, self.head + 1):
            told, true = (c("eth_getBlockByNumber", hex(number), False) for c in (self.liar, self.honest))
            self.assertEqual(header_hash(told), told["hash"])
            self.assertEqual(told["hash"] != true["hash"], number >= first)
            self.assertIn(parent, (None, told["parentHash"]))
            self.assertEqual(self.liar("eth_getBlockByHash", told["hash"], False), told)
            self.assertEqual(self.liar("eth_getBlockByHash", true["hash"], False), true if number < first else None)
            for log in self.liar("eth_getLogs", {"blockHash": told["hash"]}):
                self.assertEqual(log["blockHash"], told["hash"])
            self.assertEqual([r["blockHash"] for r in self.liar("eth_getBlockReceipts", told["hash"])], [told["hash"]] * len(told["transactions"]))
            self.assertEqual(self.liar("eth_call", {"to": R}, {"blockHash": told["hash"], "requireCanonical": True},
                                       {R: {"code": "0x" + READER}}), self.honest("eth_call", {"to": R}, hex(number), {R: {"code": "0x" + READER}}))
            parent = told["hash"]
        self.on(lieBlockHash={"from": 5, "field": "stateRoot"}, staleHead=2)
        told = self.liar("eth_getBlockByNumber", "latest", False)
        self.assertEqual((int(told["number"], 16), header_hash(told)), (self.head - 2, told["hash"]))
        self.assertEqual(self.honest("eth_getBlockByNumber", "latest", False)["hash"], self.truth["hash"])

    def test_a_forged_chain_follows_a_reorganisation(self):
        call = fresh(borrowers=4, endpoints=2)
        head = int(call("eth_blockNumber"), 16)
        call("dev_setFaults", {"endpoint": 1, "lieBlockHash": head - 5})
        old = call.at(1)("eth_getBlockByNumber", "latest", False)
        done = call("dev_reorg", {"depth": 3, "seed": 4})
        parent = call.at(1)("eth_getBlockByNumber", hex(head - 6), False)["hash"]
        for number in range(head - 5, done["head"] + 1):
            told = call.at(1)("eth_getBlockByNumber", hex(number), False)
            self.assertEqual((told["parentHash"], header_hash(told)), (parent, told["hash"]))
            parent = told["hash"]
        self.assertIsNone(call.at(1)("eth_getBlockByHash", old["hash"], False))

    # Batches

    def test_two_members_swap_their_ids(self):
        self.on(swapIds=1)
        batch = [{"jsonrpc": "2.0", "id": i, "method": "eth_getBlockByNumber", "params": [hex(i), False]} for i in range(8)]
        answers = self.liar.raw(batch)
        self.assertEqual(sorted(a["id"] for a in answers), list(range(8)))
        self.assertEqual(sum(int(a["result"]["number"], 16) != a["id"] for a in answers), 2)

    def test_proofs_can_be_missing(self):
        self.on(noProof=True)
        self.assertEqual(self.liar.error("eth_getProof", R, [], "latest")["code"], -32601)
        self.assertEqual(self.honest("eth_getProof", R, [], "latest")["nonce"], "0x0")


if __name__ == "__main__":
    unittest.main()
