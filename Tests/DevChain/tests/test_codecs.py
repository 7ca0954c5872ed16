"""Encodings against outside vectors and second implementations."""

import random
import unittest

from devchain import abi, assembly, rlp, trie
from devchain.blocks import Header, Log, next_base_fee
from devchain.hashing import keccak, quantity, unhex
from devchain.world import Account, World

from .support import header_hash

# Ethereum's block 21925176, as a16z/helios keeps it in tests/testdata/rpc/block.json @1fbb909.
MAINNET = {
    "parentHash": "0x2af1ab84a4e79f58be9b35b77968f792a842866f0f94fed37521ecca17c7f442",
    "sha3Uncles": "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347",
    "miner": "0x4838b106fce9647bdf1e7877bf73ce8b0bad5f97",
    "stateRoot": "0x7b3d5a01f69b7d2ea7479fd7ae35f4bac2700ab6d6d7b4807a7fedf53ced710e",
    "transactionsRoot": "0xb6ef2bf0992ccdca89ed200364e20a4446282da6160fd21258cc9b3f4fa9f789",
    "receiptsRoot": "0xf883e1a2fb8df9d1d988dec80f13c8aca724590ac357e45e30e0d48b1fbd64ee",
    "logsBloom": (
        "0x37a509abc1579d93a2ec495befaabd27d7adb9ede7f22df466dbd18c9ff0a4e6c4d71d74b98999f4cb125fc374ee91b7ba"
        "a3ac6bcebb7ea0b6d7efedd56e3186b3f06e7b5725cb99ea2e737ff2516eb717672877d27c38f097c7b82589e69f799f1ebf"
        "009e6e1e76e18fd3319847afd1ba3f74b8b97d6c147bf6bffe13db5f558f6a4b8beb90777dbd5b3f0acfb7adbe7cd4b7a1ed"
        "a37a3bc5759f5254d1d6b9eff9b556aeffe95cfb3f37cadcd28d8a352fd3d635e443dbe7af677ece8a6d6feb287cca54901f"
        "db73cd63b2f3b79dd649f795ee142e437624df6e2aab6378a24dfd7c7ba11676007fff108a76a8dfbddf7c23485fb870f047"
        "8c786c71f25d8b"),
    "difficulty": "0x0",
    "number": "0x14e8d38",
    "gasLimit": "0x2243e5b",
    "gasUsed": "0xf8e2f0",
    "timestamp": "0x67be0db3",
    "extraData": "0x546974616e2028746974616e6275696c6465722e78797a29",
    "mixHash": "0xe6aaa45d8946d067dc3ff923bdd006f8cf378cbe2d8b20d3575228943fabfa05",
    "nonce": "0x0000000000000000",
    "baseFeePerGas": "0x65d7fcc6",
    "withdrawalsRoot": "0x06c67fc3ed2258189eabb31a16a22df10534b319b525bd2a3762d31fb48dda26",
    "blobGasUsed": "0x0",
    "excessBlobGas": "0x4780000",
    "parentBeaconBlockRoot": "0x92ab5cd0d1078545b4d6061ff1a20af12d2c9897ef395889d42b47fa4478a3f6",
}


def naive_root(values) -> bytes:
    """The ordered trie's root by inserting one key after another into nested dictionaries."""
    tree = {}
    for i, value in enumerate(values):
        at = tree
        for byte in rlp.encode(i):
            for nibble in (byte >> 4, byte & 15):
                at = at.setdefault(nibble, {})
        at["value"] = value

    def flat(at):
        """(path, terminal dict) following single children."""
        path = []
        while len(at) == 1 and "value" not in at:
            nibble = next(iter(at))
            path.append(nibble)
            at = at[nibble]
        return path, at

    def compact(path, leaf):
        odd = len(path) % 2
        first = [(2 * leaf + odd) * 16 + (path[0] if odd else 0)]
        rest = path[odd:]
        return bytes(first + [rest[i] * 16 + rest[i + 1] for i in range(0, len(rest), 2)])

    def build(at):
        path, end = flat(at)
        if list(end) == ["value"]:
            return [compact(path, True), end["value"]]
        branch = [ref(end[n]) if n in end else b"" for n in range(16)] + [end.get("value", b"")]
        return [compact(path, False), hashed(branch)] if path else branch

    def hashed(node):
        data = rlp.encode(node)
        return node if len(data) < 32 else keccak(data)

    def ref(at):
        return hashed(build(at))

    return keccak(rlp.encode(build(tree)))


class Codecs(unittest.TestCase):
    def test_keccak_is_not_sha3(self):
        self.assertEqual(keccak(b"").hex(), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")

    def test_rlp_of_the_yellow_paper(self):
        self.assertEqual(rlp.encode([b"cat", b"dog"]).hex(), "c88363617483646f67")
        self.assertEqual(rlp.encode(b"").hex(), "80")
        self.assertEqual(rlp.encode(0).hex(), "80")
        self.assertEqual(rlp.encode(1024).hex(), "820400")
        self.assertEqual(rlp.encode([[], [[]], [[], [[]]]]).hex(), "c7c0c1c0c3c0c1c0")
        long = b"Lorem ipsum dolor sit amet, consectetur adipisicing elit"
        self.assertEqual(rlp.encode(long), b"\xb8\x38" + long)

    def test_rlp_decodes_what_it_encodes(self):
        item = [b"", b"\x7f", b"\x80", [b"a" * 60, [b"b" * 300]], b"c" * 70000]
        self.assertEqual(rlp.decode(rlp.encode(item)), item)

    def test_trie_agrees_with_plain_insertion(self):
        rng = random.Random(5)
        for count in (1, 2, 3, 16, 17, 127, 128, 129, 130, 257, 300):
            values = [rng.randbytes(rng.choice((1, 3, 31, 32, 33, 60, 700))) for _ in range(count)]
            self.assertEqual(trie.ordered_root(values), naive_root(values), count)

    def test_header_hash_of_a_public_chain(self):
        self.assertEqual(header_hash(MAINNET),
                         "0x92dabfa3f61ff1c349d12f5fd0dd4c99760a0a41b77dee8f0a80f83efdcb307a")

    def test_abi_encoding_of_the_specification(self):
        # The example `f(uint256,uint32[],bytes10,bytes)` of Solidity's ABI specification.
        data = abi.encode(["uint256", "uint32[]", "bytes10", "bytes"], [0x123, [0x456, 0x789], b"1234567890", b"Hello, world!"])
        words = [data[i:i + 32].hex().lstrip("0") for i in range(0, len(data), 32)]
        self.assertEqual(words[:7], ["123", "8", "31323334353637383930" + "0" * 44, "e", "2", "456", "789"][:1]
                         + ["80", "31323334353637383930" + "0" * 44, "e0", "2", "456", "789"])
        self.assertEqual(abi.decode(["uint256", "uint32[]", "bytes10", "bytes"], data),
                         (0x123, [0x456, 0x789], b"1234567890", b"Hello, world!"))

    def test_abi_nested_tuples_survive(self):
        kinds = ["(address,string,(uint8,bytes)[])[]", "int256"]
        value = ([("0x" + "11" * 20, "naïve", [(7, b"\x01"), (8, b"")])], -5)
        self.assertEqual(abi.decode(kinds, abi.encode(kinds, value)),
                         ([("0x" + "11" * 20, "naïve", [(7, b"\x01"), (8, b"")])], -5))

    def test_bloom_sets_three_bits(self):
        # The address and topic of go-ethereum's bloom test, core/types/bloom9_test.go.
        log = Log(0, 0, 0, "0x0000000000000000000000000000000000000001", (), b"")
        self.assertEqual(log.bloom().bit_count(), 3)

    def test_quantities_are_strict(self):
        self.assertEqual(quantity("0x0"), 0)
        for text in ("", "0x", "0x00", "1", "0xg", 5):
            with self.assertRaises(ValueError):
                quantity(text)
        with self.assertRaises(ValueError):
            unhex("0x1")

    def test_base_fee_moves_by_an_eighth_at_most(self):
        parent = Header(b"", b"", b"", b"", 0, 1, 60_000_000, 60_000_000, 0, b"", 10**9)
        self.assertEqual(next_base_fee(parent), 1_125_000_000)
        parent.gas_used = 0
        self.assertEqual(next_base_fee(parent), 875_000_000)


class Feed(unittest.TestCase):
    def test_posts_are_numbered_and_announced(self):
        world, sender = World(1), "0x" + "11" * 20
        world.set_block(1, 1000, 10**8, bytes(32), 0)
        mark = world.begin()
        feed = world.message(sender, None, assembly.feed_creation_code(), 0, 10**6).created
        for answer in (5, 2**255):
            done = world.message(sender, feed, assembly.POST + answer.to_bytes(32, "big"), 0, 10**6)
            self.assertTrue(done.ok)
        world.seal(mark)
        topics = done.logs[0][1]
        self.assertEqual(topics[0].hex(), "0559884fd3a460db3073b7fc896cc77986f16e378210ded43186175bf646fc5f")
        self.assertEqual(int.from_bytes(topics[2], "big"), 2)
        answer = world.call(sender, feed, assembly.selector("latestAnswer()"))
        self.assertEqual(int.from_bytes(answer.output, "big"), 2**255)
        self.assertEqual(world.account(feed), Account(1, 0, assembly.feed_code()))


if __name__ == "__main__":
    unittest.main()
