"""What a client can verify: hashes, roots, blooms, parents, and that the logs are all there."""

import unittest

from devchain import rlp, trie

from .support import fresh, header_hash, node
from .test_codecs import naive_root
from .verify import EMPTY_ROOT, unhex


def bloom(items) -> int:
    from devchain.hashing import keccak
    bits = 0
    for item in items:
        digest = keccak(item)
        for at in (0, 2, 4):
            bit = (digest[at] * 256 + digest[at + 1]) % 2048
            bits |= 1 << bit
    return bits


class Blocks(unittest.TestCase):
    def test_every_header_hashes_to_its_hash_and_names_its_parent(self):
        call = node()
        parent = None
        for number in range(int(call("eth_blockNumber"), 16) + 1):
            block = call("eth_getBlockByNumber", hex(number), False)
            self.assertEqual(header_hash(block), block["hash"])
            self.assertEqual(len([k for k in block if k in ("parentBeaconBlockRoot", "requestsHash")]), 1)
            if parent:
                self.assertEqual(block["parentHash"], parent["hash"])
                self.assertGreater(int(block["timestamp"], 16), int(parent["timestamp"], 16))
            self.assertLessEqual(int(block["gasUsed"], 16), int(block["gasLimit"], 16))
            self.assertEqual(call("eth_getBlockByHash", block["hash"], False), block)
            parent = block

    def test_receipts_root_and_bloom_follow_from_the_receipts(self):
        call = node()
        for number in range(1, int(call("eth_blockNumber"), 16) + 1):
            block = call("eth_getBlockByNumber", hex(number), True)
            encoded, bits, cumulative = [], 0, 0
            for i, receipt in enumerate(call("eth_getBlockReceipts", block["hash"])):
                logs = [[bytes.fromhex(g["address"][2:]), [bytes.fromhex(t[2:]) for t in g["topics"]], bytes.fromhex(g["data"][2:])]
                        for g in receipt["logs"]]
                own = bloom([g[0] for g in logs] + [t for g in logs for t in g[1]])
                self.assertEqual(int(receipt["logsBloom"], 16), own)
                bits |= own
                cumulative += int(receipt["gasUsed"], 16)
                self.assertEqual(int(receipt["cumulativeGasUsed"], 16), cumulative)
                body = rlp.encode([int(receipt["status"], 16), cumulative, own.to_bytes(256, "big"), logs])
                kind = int(receipt["type"], 16)
                encoded.append(body if kind == 0 else bytes([kind]) + body)
                self.assertEqual(receipt["transactionHash"], block["transactions"][i]["hash"])
                self.assertEqual(call("eth_getTransactionReceipt", receipt["transactionHash"]), receipt)
            self.assertEqual("0x" + trie.ordered_root(encoded).hex(), block["receiptsRoot"])
            self.assertEqual(int(block["logsBloom"], 16), bits)
            self.assertEqual(int(block["gasUsed"], 16), cumulative)

    def test_every_fork_can_be_recomputed_from_json_alone(self):
        """Header hash, receipts root and bloom of every block, with nothing but the answers and Keccak."""
        later = {"london": [], "shanghai": ["withdrawalsRoot"], "cancun": ["blobGasUsed", "excessBlobGas", "parentBeaconBlockRoot"],
                 "prague": ["requestsHash"]}
        present = ["baseFeePerGas"]
        for fork, added in later.items():
            present += added
            call = fresh(borrowers=3, fork=fork)
            for number in range(int(call("eth_blockNumber"), 16) + 1):
                block = call("eth_getBlockByNumber", hex(number), False)
                self.assertEqual(header_hash(block), block["hash"])
                self.assertEqual([k for k in block if k in sum(later.values(), ["baseFeePerGas"])], present)
                self.assertEqual("withdrawals" in block, "withdrawalsRoot" in block)
                receipts = call("eth_getBlockReceipts", {"blockHash": block["hash"]})
                self.assertEqual([r["transactionHash"] for r in receipts], block["transactions"])
                values, bits = [], 0
                for receipt in receipts:
                    logs = [[unhex(g["address"]), [unhex(t) for t in g["topics"]], unhex(g["data"])] for g in receipt["logs"]]
                    own = bloom([x for g in logs for x in (g[0], *g[1])])
                    self.assertEqual(int(receipt["logsBloom"], 16), own)
                    bits |= own
                    body = rlp.encode([int(receipt["status"], 16), int(receipt["cumulativeGasUsed"], 16), own.to_bytes(256, "big"), logs])
                    values.append(body if receipt["type"] == "0x0" else bytes([int(receipt["type"], 16)]) + body)
                root = naive_root(values) if values else bytes.fromhex(EMPTY_ROOT)
                self.assertEqual((block["receiptsRoot"], int(block["logsBloom"], 16)), ("0x" + root.hex(), bits))

    def test_transactions_root_follows_from_the_transactions(self):
        call = node()
        for number in (4, 6, 12):
            raws = []
            block = call("eth_getBlockByNumber", hex(number), True)
            for t in block["transactions"]:
                n = lambda key, t=t: int(t[key], 16)  # noqa: E731
                to = bytes.fromhex(t["to"][2:]) if t["to"] else b""
                data = bytes.fromhex(t["input"][2:])
                if t["type"] == "0x0":
                    raws.append(rlp.encode([n("nonce"), n("gasPrice"), n("gas"), to, n("value"), data, n("v"), n("r"), n("s")]))
                else:
                    raws.append(b"\x02" + rlp.encode([
                        n("chainId"), n("nonce"), n("maxPriorityFeePerGas"), n("maxFeePerGas"), n("gas"), to, n("value"), data, [],
                        n("yParity"), n("r"), n("s")]))
            self.assertEqual("0x" + trie.ordered_root(raws).hex(), block["transactionsRoot"])

    def test_forks_differ_in_their_number_of_fields(self):
        for fork, count in (("london", 16), ("shanghai", 17), ("prague", 21)):
            call = fresh(borrowers=1, fork=fork)
            block = call("eth_getBlockByNumber", "latest", False)
            self.assertEqual(header_hash(block), block["hash"])
            self.assertEqual("requestsHash" in block, count == 21)
            self.assertEqual("withdrawalsRoot" in block, count > 16)

    def test_the_same_options_give_the_same_chain(self):
        first, second = fresh(borrowers=8, seed=7), fresh(borrowers=8, seed=7)
        self.assertEqual(first("eth_getBlockByNumber", "latest", False), second("eth_getBlockByNumber", "latest", False))
        other = fresh(borrowers=8, seed=8)
        self.assertNotEqual(first("eth_getBlockByNumber", "latest", False)["hash"], other("eth_getBlockByNumber", "latest", False)["hash"])


class Logs(unittest.TestCase):
    def setUp(self):
        self.call = node()
        self.head = int(self.call("eth_blockNumber"), 16)

    def test_the_whole_range_is_what_the_receipts_hold(self):
        everything = self.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
        from_receipts = [log for n in range(self.head + 1) for r in self.call("eth_getBlockReceipts", hex(n)) for log in r["logs"]]
        self.assertEqual(everything, from_receipts)
        places = [(int(g["blockNumber"], 16), int(g["logIndex"], 16)) for g in everything]
        self.assertEqual(places, sorted(set(places)))

    def test_filters_choose_exactly(self):
        everything = self.call("eth_getLogs", {"fromBlock": "0x0", "toBlock": "latest"})
        addresses = sorted({g["address"] for g in everything})[:4]
        topics = sorted({g["topics"][0] for g in everything})[3:9]
        second = everything[-1]["topics"][1]
        for query, wanted in (
            ({"address": addresses[0]}, lambda g: g["address"] == addresses[0]),
            ({"address": addresses, "topics": [topics]}, lambda g: g["address"] in addresses and g["topics"][0] in topics),
            ({"topics": [topics[0]]}, lambda g: g["topics"][0] == topics[0]),
            ({"topics": [None, [second]]}, lambda g: len(g["topics"]) > 1 and g["topics"][1] == second),
            ({"topics": [[], None, None]}, lambda g: len(g["topics"]) >= 3),
            ({"address": [], "topics": []}, lambda g: True),
        ):
            found = self.call("eth_getLogs", {"fromBlock": "0x5", "toBlock": hex(self.head - 3)} | query)
            inside = [g for g in everything if 5 <= int(g["blockNumber"], 16) <= self.head - 3]
            self.assertEqual(found, [g for g in inside if wanted(g)], query)

    def test_by_block_hash(self):
        block = self.call("eth_getBlockByNumber", "0x9", False)
        self.assertEqual(self.call("eth_getLogs", {"blockHash": block["hash"]}),
                         self.call("eth_getLogs", {"fromBlock": "0x9", "toBlock": "0x9"}))

    def test_refusals_use_the_words_of_nodes(self):
        for query, code, text in (
            ({"fromBlock": "0x9", "toBlock": "0x8"}, -32602, "invalid block range params"),
            ({"fromBlock": "0x0", "toBlock": hex(self.head + 1)}, -32602, "block range extends beyond current head block"),
            ({"blockHash": "0x" + "00" * 32}, -32000, "unknown block"),
            ({"blockHash": "0x" + "00" * 32, "fromBlock": "0x0"}, -32602, "cannot specify both BlockHash and FromBlock/ToBlock"),
            ({"address": ["0x" + "11" * 20] * 1001}, -32602, "exceed max addresses or topics per search position"),
            ({"topics": [None] * 5}, -32602, "exceed max topics"),
            ({"address": "0x12"}, -32602, "invalid argument"),
        ):
            error = self.call.error("eth_getLogs", query)
            self.assertEqual(error["code"], code)
            self.assertIn(text, error["message"])


if __name__ == "__main__":
    unittest.main()
