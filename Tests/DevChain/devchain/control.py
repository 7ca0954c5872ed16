"""The `dev_` methods: what tests use to look behind the chain and to move it."""

import random

from . import blockref
from .actions import Actions
from .chain import StatePruned
from .errors import INVALID_PARAMS, RpcError
from .hashing import address_of, parse_address
from .population import Population
from .steps import Steps

BORROW_TOPIC = bytes.fromhex("b3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0")
FIELDS = ("totalCollateralBase", "totalDebtBase", "availableBorrowsBase", "currentLiquidationThreshold", "ltv", "healthFactor")


class Control:
    """Registers itself in the node's methods."""

    def __init__(self, node):
        self.node = node
        names = ("info", "truth", "step", "setPrice", "mine", "reorg", "setFaults", "clearFaults", "stats", "resetStats")
        node.methods.extra |= {f"dev_{n}": getattr(self, n) for n in names}

    @property
    def population(self) -> Population:
        return self.node.population

    @property
    def actions(self) -> Actions:
        return self.node.population.actions

    def info(self) -> dict:
        """What the first line on standard output says, up to date, and the reserves."""
        return self.node.info() | {
            "addresses": self.node.market.addresses,
            "reserves": [{"symbol": r.spec.symbol, "asset": r.asset, "decimals": r.spec.decimals, "feed": r.feed,
                          "price": str(r.price), "aToken": r.a_token, "variableDebtToken": r.variable_debt,
                          "stableDebtToken": r.stable_debt} for r in self.node.market.reserves],
            "oldestState": self.node.chain.oldest_state}

    def truth(self, ref="latest") -> dict:
        """The pool's own answer about every account that ever had a Borrow on its behalf, at a block."""
        chain, market = self.node.chain, self.node.market
        block = blockref.state(chain, ref)
        world = self.node.methods.caller.enter(block)
        function = market.functions["pool"]["getUserAccountData"]
        found = {}
        for account in self.borrowers(block):
            outcome = world.call(self.actions.users[0].address, market.pool, function(account))
            found[account] = [str(n) for n in function.decode(outcome.output)] if outcome.ok else None
        return {"block": block.number, "hash": "0x" + block.hash.hex(), "timestamp": block.header.timestamp, "fields": FIELDS,
                "accounts": found}

    def borrowers(self, block) -> list:
        """Accounts that had a Borrow on their behalf up to this block, in order of appearance."""
        end = block.first_log + sum(len(r.logs) for r in block.receipts)
        borrows = self.node.chain.logs.find(0, end, {self.node.market.pool}, [{BORROW_TOPIC}])
        return list(dict.fromkeys(address_of(log.topics[2]) for log in borrows))

    def step(self, options=None) -> dict:
        """`n` random actions; with a `seed` they are the same each time from the same state."""
        options = options or {}
        if "seed" in options:
            self.actions.rng = self.population.rng = random.Random(f"step {options['seed']}")
        done = Steps(self.population).run(int(options.get("n", 1)))
        return {"head": self.node.chain.head.number, "actions": done}

    def setPrice(self, options: dict) -> dict:
        """Post a price (1e8 USD) on a reserve's feed, by asset address or symbol, in a block of its own."""
        wanted = options["asset"]
        for reserve in self.node.market.reserves:
            if wanted == reserve.spec.symbol or (wanted.startswith("0x") and parse_address(wanted) == reserve.asset):
                self.node.chain.flush()
                self.actions.post_price(reserve, int(options["price"]))
                self.node.chain.close()
                return {"head": self.node.chain.head.number}
        raise RpcError(INVALID_PARAMS, f"no reserve {wanted}")

    def mine(self, options=None) -> dict:
        """Empty blocks, `seconds` apart."""
        options = options or {}
        self.node.chain.mine(int(options.get("blocks", 1)), int(options.get("seconds", 12)))
        return {"head": self.node.chain.head.number}

    def reorg(self, options=None) -> dict:
        """Take back `depth` blocks and build `depth` + 1 others with `n` random actions from `seed` in them."""
        options = options or {}
        chain, depth = self.node.chain, int(options.get("depth", 1))
        try:
            chain.drop(depth)
        except StatePruned:
            raise RpcError(INVALID_PARAMS, f"cannot take back {depth} blocks") from None
        self.actions.resync()
        wanted = chain.head.number + depth + 1
        done = self.step({"n": options.get("n", 3 * depth), "seed": options.get("seed", 1)})
        if chain.head.number < wanted:
            chain.mine(wanted - chain.head.number)
        return done | {"head": chain.head.number}

    def setFaults(self, faults: dict) -> dict:
        """Switch faults on; others stay as they are. See the README for their names."""
        self.node.faults.set(faults)
        return self.node.faults.active

    def clearFaults(self) -> dict:
        self.node.faults.clear()
        return {}

    def stats(self) -> dict:
        return self.node.dispatcher.stats.as_json(self.node.methods.caller.gas_used)

    def resetStats(self) -> dict:
        self.node.dispatcher.stats.__init__()
        self.node.methods.caller.gas_used = 0
        return {}
