"""Pools: what the control methods do to them is what the contracts say."""

import unittest

from devchain import abi
from devchain.hashing import keccak, word
from devchain.payer import forwarded, tokens
from devchain.uniswap import near_ratio

from .support import fresh


def _call(client, to, signature, *words):
    data = keccak(signature.encode())[:4] + b"".join(w if isinstance(w, bytes) else word(w % 2**256) for w in words)
    return bytes.fromhex(client("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")[2:])


class Uniswap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = fresh(borrowers=0)

    def test_a_pool_stands_where_it_was_put(self):
        pool = self.client("dev_deployPool", {"tick": 1000, "fee": 500, "cardinality": 4, "positions": [[-600, 6000, 10**18]]})
        slot0 = abi.decode(["uint160", "int24", "uint16", "uint16", "uint16", "uint8", "bool"],
                           _call(self.client, pool["pool"], "slot0()"))
        self.assertEqual(str(slot0[0]), pool["state"]["sqrtPriceX96"])
        self.assertIn(slot0[1], (999, 1000))
        self.assertEqual(slot0[4], 4)
        self.assertEqual(int.from_bytes(_call(self.client, pool["pool"], "liquidity()"), "big"), 10**18)

    def test_a_swap_does_what_the_quoter_says(self):
        pool = self.client("dev_deployPool", {"token0": "WETH", "token1": "USDC", "positions": [[-6000, 6000, 10**20], [-60, 60, 10**21]]})
        arguments = [int(pool["token1"], 16), int(pool["token0"], 16), 10**18, 3000, 0]
        quoted = _call(self.client, pool["v3Quoter"], "quoteExactInputSingle((address,address,uint256,uint24,uint160))", *arguments)
        swapped = self.client("dev_swap", {"pool": pool["pool"], "amount": str(10**18), "direction": "1to0"})
        self.assertEqual(swapped["amounts"], [str(-int.from_bytes(quoted[:32], "big")), str(10**18)])
        self.assertEqual(swapped["state"]["sqrtPriceX96"], str(int.from_bytes(quoted[32:64], "big")))

    def test_a_pair_trades_by_the_routers_formula(self):
        pair = self.client("dev_deployPool", {"kind": "v2", "amount0": 10**20, "amount1": 10**21})
        swapped = self.client("dev_swap", {"pool": pair["pool"], "amount": 10**18, "direction": "0to1"})
        self.assertEqual(swapped["amounts"], [str(10**18), str(-(997 * 10**18 * 10**21 // (10**20 * 1000 + 997 * 10**18)))])

    def test_a_price_limit_ends_a_swap(self):
        pool = self.client("dev_deployPool", {"positions": [[-60000, 60000, 10**18]]})
        found = self.client("dev_swap", {"pool": pool["pool"], "amount": 2**200, "direction": "0to1", "limit": str(near_ratio(-5000))})
        self.assertEqual(found["state"]["sqrtPriceX96"], str(near_ratio(-5000)))

    def test_a_pool_that_was_taken_back_is_made_again(self):
        client = fresh(borrowers=0)
        client("dev_deployPool", {})
        client("dev_reorg", {"depth": 2, "n": 0, "borrowers": 0})
        pool = client("dev_deployPool", {"positions": [[-60, 60, 10**9]]})
        self.assertEqual(pool["state"]["liquidity"], str(10**9))

    def test_a_stranger_and_nonsense_are_refused(self):
        self.assertIn("no pool", self.client.error("dev_swap", {"pool": "0x" + "11" * 20, "amount": 1, "direction": "0to1"})["message"])
        self.assertIn("no pools of kind", self.client.error("dev_deployPool", {"kind": "v9"})["message"])

    def test_the_payer_forwards_what_a_target_says(self):
        pool = self.client("dev_deployPool", {"positions": [[-60, 60, 10**9]]})
        body = forwarded(pool["pool"], keccak(b"fee()")[:4])
        answer = self.client("eth_call", {"to": pool["payer"], "data": "0x" + body.hex()}, "latest")
        self.assertEqual(int(answer, 16), 3000)
        self.assertEqual(len(tokens(pool["token0"], pool["token1"])), 64)

    def test_a_walk_can_be_repeated(self):
        walks = [fresh(borrowers=0)("dev_poolWalk", {"seed": 5, "n": 40}) for _ in range(2)]
        self.assertEqual(walks[0], walks[1])
        self.assertGreater(sum("ticks" in s["observe"] for s in walks[0]["steps"]), 0)


if __name__ == "__main__":
    unittest.main()
