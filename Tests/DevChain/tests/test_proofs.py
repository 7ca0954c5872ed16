"""The state root is Ethereum's: proofs verify against the header, at every kept block, for what is there and what is not."""

import random
import unittest

from devchain import rlp, statetrie
from devchain.state import State
from devchain.world import Account

from . import verify
from .support import fresh, header_hash, node

EMPTY = "0x" + "00" * 19 + "77"


def naive_root(pairs: dict) -> bytes:
    """The root of a secure trie, from scratch, by splitting the sorted keys."""

    def build(items, depth):
        if len(items) == 1:
            path, value = items[0]
            return [packed(path[depth:], 2), value]
        end = depth
        while all(p[end] == items[0][0][end] for p, _ in items):
            end += 1
        children = [[i for i in items if int(i[0][end], 16) == n] for n in range(16)]
        branch = [held(build(c, end + 1)) if c else b"" for c in children] + [b""]
        return [packed(items[0][0][depth:end], 0), held(branch)] if end > depth else branch

    def packed(path, flag):
        return bytes.fromhex((f"{flag + 1:x}" if len(path) % 2 else f"{flag:x}0") + path)

    def held(item):
        raw = rlp.encode(item)
        return item if len(raw) < 32 else verify.digest(raw)

    items = sorted(pairs.items())
    return verify.digest(rlp.encode(build(items, 0))) if items else bytes.fromhex(verify.EMPTY_ROOT)


class Tries(unittest.TestCase):
    def test_the_known_root_of_a_public_vector(self):
        # ethereum/tests TrieTests/hex_encoded_securetrie_test.json, test1.
        alloc = {
            "a94f5374fce5edbc8e2a8697c15331677e6ebf0b":
                "f848018405f446a7a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
                "a0c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            "095e7baea6a6c7c4c2dfeb977efac326af552d87":
                "f8440101a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
                "a004bccc5d94f4d1f99aab44369a910179931772f2a5c001c3229f57831c102769",
            "d2571607e241ecf590ed94b12d87c94babe36db6":
                "f8440180a0ba4b47865c55a341a4a78759bb913cd15c3ee8eaf30a62fa8d1c8863113d84e8"
                "a0c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            "62c01474f089b07dae603491675dc5b5748f7049":
                "f8448080a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
                "a0c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
            "2adc25665018aa1fe0e6bc666dac8fc2697ff9ba":
                "f8478083019a59a056e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"
                "a0c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        }
        leaves = sorted((statetrie.account_path("0x" + a), bytes.fromhex(v)) for a, v in alloc.items())
        known = "730a444e08ab4b8dee147c9b232fc52d34a223d600031c1e9d25bfc985cbd797"
        self.assertEqual(statetrie.root(statetrie.update(None, leaves)).hex(), known)
        self.assertEqual(naive_root(dict(leaves)).hex(), known)

    def test_updates_give_the_root_of_a_trie_made_anew(self):
        for seed in range(12):
            rng = random.Random(seed)
            # Few distinct leading digits, so that paths split late, extensions appear and branches collapse.
            alphabet = rng.choice(("01", "0123456789abcdef", "0"))
            keys = ["".join(rng.choices(alphabet, k=rng.choice((3, 20)))).ljust(62, "7") + f"{i:02x}" for i in range(60)]
            held, trie, versions = {}, None, []
            for _ in range(40):
                some = rng.sample(keys, rng.choice((1, 2, 9, 50)))
                changes = {k: b"" if rng.random() < 0.55 else rng.randbytes(rng.choice((1, 8, 33))) for k in some}
                trie = statetrie.update(trie, sorted(changes.items()))
                held = {k: v for k, v in (held | changes).items() if v}
                self.assertEqual(statetrie.root(trie), naive_root(held), f"seed {seed}")
                versions.append((trie, dict(held)))
            for old, pairs in versions:
                self.assertEqual(statetrie.root(old), naive_root(pairs), "an older version changed")
                self.assertEqual({k: statetrie.get(old, k) for k in keys if statetrie.get(old, k)}, pairs)

    def test_small_nodes_are_embedded_and_still_proven(self):
        # Keys whose hashes share a long prefix cannot be found, so the walk is checked on raw paths.
        paths = ["a" * 62 + d for d in ("00", "01", "1f")]
        trie = statetrie.update(None, [(p, bytes([i + 1])) for i, p in enumerate(paths)])
        self.assertEqual(statetrie.root(trie), naive_root({p: bytes([i + 1]) for i, p in enumerate(paths)}))
        self.assertTrue(all(len(n) >= 32 for n in statetrie.prove(trie, paths[0])[1:]))


class Proofs(unittest.TestCase):
    def compare(self, call, address, keys, ref):
        """Verifies a proof against its header and compares it with the other ways to ask for the same."""
        block = call("eth_getBlockByNumber", ref, False) if isinstance(ref, str) else call("eth_getBlockByHash", ref["blockHash"])
        self.assertEqual(header_hash(block), block["hash"])
        answer = call("eth_getProof", address, [hex(k) for k in keys], ref)
        self.assertEqual([int(e["key"], 16) for e in answer["storageProof"]], keys)
        slots = verify.account(block["stateRoot"], answer)
        for key in keys:
            self.assertEqual(slots[key], int(call("eth_getStorageAt", address, hex(key), ref), 16))
        self.assertEqual(answer["balance"], call("eth_getBalance", address, ref))
        self.assertEqual(answer["nonce"], call("eth_getTransactionCount", address, ref))
        self.assertEqual(answer["codeHash"], "0x" + verify.digest(verify.unhex(call("eth_getCode", address, ref))).hex())
        return answer

    def test_every_account_and_slot_of_the_head(self):
        for rules in ("3.2", "3.0"):
            call = node(rules)
            world = call.node.chain.world
            call("eth_getBalance", EMPTY, "latest")
            for address in sorted(world.accounts):
                keys = sorted(world.storage.get(address, {}))
                for at in range(0, len(keys), 1024):
                    self.compare(call, address, keys[at:at + 1024], "latest")
                if not keys:
                    self.compare(call, address, [0], "latest")

    def test_the_root_is_that_of_all_accounts_built_anew(self):
        call = node()
        world = call.node.chain.world
        call("eth_getBalance", EMPTY, "latest")
        leaves = {}
        for address, account in world.accounts.items():
            storage = naive_root({statetrie.slot_path(k): rlp.encode(v) for k, v in world.storage.get(address, {}).items() if v})
            body = [account.nonce, account.balance, storage, verify.digest(account.code)]
            if account != Account():
                leaves[statetrie.account_path(address)] = rlp.encode(body)
        self.assertEqual("0x" + naive_root(leaves).hex(), call("eth_getBlockByNumber", "latest", False)["stateRoot"])

    def test_absence_of_accounts_and_slots(self):
        call = node()
        pool = call("dev_info")["pool"]
        rng = random.Random(3)
        for _ in range(40):
            absent = "0x" + rng.randbytes(20).hex()
            answer = self.compare(call, absent, [0, 2**256 - 1], "latest")
            self.assertEqual(answer["storageProof"][0]["proof"], [])
        answer = self.compare(call, pool, [rng.getrandbits(256) for _ in range(1024)], "latest")
        self.assertEqual({e["value"] for e in answer["storageProof"]}, {"0x0"})

    def test_truncated_and_padded_proofs_prove_nothing(self):
        call = node()
        root = call("eth_getBlockByNumber", "latest", False)["stateRoot"]
        answer = call("eth_getProof", call("dev_info")["pool"], ["0x3b"], "latest")
        verify.account(root, answer)
        proof = answer["accountProof"]
        self.assertGreater(len(proof), 2)
        for wrong in [proof[:n] for n in range(len(proof))] + [proof + [proof[-1]]]:
            with self.assertRaises(verify.Invalid):
                verify.account(root, answer | {"accountProof": wrong})
        slot = answer["storageProof"][0]
        for n in range(len(slot["proof"])):
            with self.assertRaises(verify.Invalid):
                verify.account(root, answer | {"storageProof": [slot | {"value": "0x0", "proof": slot["proof"][:n]}]})

    def test_each_of_the_last_blocks_has_its_own(self):
        call = fresh(borrowers=20, history=40)
        for i in range(30):
            call("dev_step", {"n": 4, "seed": i})
        head = int(call("eth_blockNumber"), 16)
        feed = call("dev_info")["reserves"][0]["feed"]
        token = call("dev_info")["reserves"][0]["variableDebtToken"]
        keys = sorted(call.node.chain.world.storage[token])[:40]
        seen = set()
        for number in random.Random(8).sample(range(head - 40, head + 1), 41):
            block = call("eth_getBlockByNumber", hex(number), False)
            self.compare(call, feed, [0, 1], hex(number))
            answer = self.compare(call, token, keys, {"blockHash": block["hash"], "requireCanonical": True})
            seen.add(answer["storageHash"])
        self.assertGreater(len(seen), 10)
        error = call.error("eth_getProof", feed, [], hex(head - 41))
        self.assertIn("missing trie node", error["message"])
        self.assertEqual(len(call.node.chain.states), 41)

    def test_reorganised_blocks_commit_to_their_own_state(self):
        call = fresh(borrowers=20)
        call("dev_step", {"n": 30, "seed": 1})
        done = call("dev_reorg", {"depth": 6, "n": 40, "seed": 2})
        token = call("dev_info")["reserves"][0]["aToken"]
        keys = sorted(call.node.chain.world.storage[token])
        for number in range(done["head"] - 9, done["head"] + 1):
            self.compare(call, token, keys, hex(number))

    def test_what_is_refused(self):
        call = node()
        pool = call("dev_info")["pool"]
        self.assertEqual(call.error("eth_getProof", pool, ["0x1"] * 1025, "latest"), {"code": -38026, "message": "too many slots (max 1024)"})
        for keys in (["0x"], ["12"], [5], ["0x" + "1" * 65], "0x1"):
            self.assertEqual(call.error("eth_getProof", pool, keys, "latest")["code"], -32602)
        self.assertIn("header for hash not found", call.error("eth_getProof", pool, [], {"blockHash": "0x" + "ab" * 32})["message"])
        full = "0x" + "0" * 63 + "1"
        self.assertEqual([e["key"] for e in call("eth_getProof", pool, [full, "0x01"], "latest")["storageProof"]], [full, "0x1"])

    def test_an_emptied_state_has_the_empty_root(self):
        self.assertEqual(State().root.hex(), verify.EMPTY_ROOT)


if __name__ == "__main__":
    unittest.main()
