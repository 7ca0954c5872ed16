"""The `dev_` methods: what tests use to look behind the chain and to move it."""

import random

from . import blockref, oracles
from .actions import Actions
from .calls import message
from .canned import canned
from .chain import StatePruned
from .dispatch import Stats
from .errors import INVALID_PARAMS, RpcError
from .execute import execute
from .hashing import ZERO_ADDRESS, address_of, parse_address, quantity
from .market import ADMIN
from .population import Population
from .poolwalk import PoolWalk
from .steps import Steps
from .uniswap import Uniswap

TOGETHER = 500
FIELDS = ("totalCollateralBase", "totalDebtBase", "availableBorrowsBase", "currentLiquidationThreshold", "ltv", "healthFactor")


class Control:
    """Registers itself in the node's methods."""

    def __init__(self, node):
        self.node = node
        self.uniswap = Uniswap(node)
        names = ("info", "truth", "reads", "step", "send", "setPrice", "mine", "reorg", "setFaults", "clearFaults", "stats",
                 "resetStats", "sockets", "deployPool", "mintLiquidity", "swap", "pool", "poolWalk")
        extra = {f"dev_{n}": getattr(self, n) for n in names}
        extra["dev_execute"] = lambda options: execute(node, options)
        extra["dev_canned"] = lambda options: canned(node, options)
        extra["dev_oracle"] = lambda options: oracles.oracle(node, options)
        extra["dev_donate"] = lambda options: oracles.donate(node, options)
        extra |= {"evm_mine": self.evm_mine, "evm_increaseTime": self.evm_increase_time}
        for endpoint in node.endpoints:
            endpoint.methods.extra |= extra

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
        accounts = self.borrowers(block)
        for at in range(0, len(accounts), TOGETHER):
            # Views in one journal: the later ones find the pool's accounts loaded.
            mark = world.begin()
            for account in accounts[at:at + TOGETHER]:
                outcome = world.message(ZERO_ADDRESS, market.pool, function(account), 0, self.node.options.call_gas_cap)
                found[account] = [str(n) for n in function.decode(outcome.output)] if outcome.ok else None
            world.discard(mark)
        return {"block": block.number, "hash": "0x" + block.hash.hex(), "timestamp": block.header.timestamp, "fields": FIELDS,
                "accounts": found}

    def reads(self, call: dict, ref="latest") -> list:
        """The slots that a call looks at, with their values: what a `lieStorage` could be about."""
        block = blockref.state(self.node.chain, ref)
        sender, to, data, value, gas = message(call)
        found: set = set()
        world = self.node.methods.caller.enter(block, None, gas)
        world.call(sender, to, data, value, gas or self.node.options.call_gas_cap, found)
        return [{"address": a, "slot": hex(k), "value": hex(world.slot(a, k))} for a, k in sorted(found)]

    def borrowers(self, block) -> list:
        """Accounts that had a Borrow on their behalf up to this block, in order of appearance."""
        end = block.first_log + sum(len(r.logs) for r in block.receipts)
        borrows = self.node.chain.logs.find(0, end, {self.node.market.pool}, [{self.node.market.borrow_topic}])
        return list(dict.fromkeys(address_of(log.topics[2]) for log in borrows))

    def step(self, options=None) -> dict:
        """`n` random actions, and positions until `borrowers` new accounts have debt; with a `seed` they can be repeated."""
        options = options or {}
        if "seed" in options:
            self._draw_from(f"step {options['seed']}")
        steps = Steps(self.population)
        done = steps.run(int(options.get("n", 1)))
        steps.open_borrowers(int(options.get("borrowers", 0)))
        return {"head": self.node.chain.head.number, "actions": done}

    def _draw_from(self, seed: str) -> None:
        self.actions.rng = self.population.rng = random.Random(seed)

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

    def send(self, options: dict) -> dict:
        """A call of the market's administrator, in a block of its own: `{contract, function, arguments}`.

        `contract` is pool, configurator or oracle; `succeeded` says what became of it.
        """
        addresses = self.node.market.addresses
        targets = {"pool": addresses["pool"], "configurator": addresses["poolConfigurator"], "oracle": addresses["oracle"]}
        contract = options["contract"]
        if contract not in targets:
            raise RpcError(INVALID_PARAMS, f"no contract {contract}")
        self.node.chain.flush()
        done = self.actions.send(ADMIN, targets[contract], contract, options["function"], *options.get("arguments", []))
        self.node.chain.close()
        return {"head": self.node.chain.head.number, "succeeded": done}

    def mine(self, options=None) -> dict:
        """Empty blocks, `seconds` apart."""
        options = options or {}
        self.node.chain.mine(int(options.get("blocks", 1)), int(options.get("seconds", 12)))
        return {"head": self.node.chain.head.number}

    def reorg(self, options=None) -> dict:
        """Take back `depth` blocks and build at least one more of others, with `n` random actions from `seed` spread over them.

        At least `borrowers` accounts have their first debt on the new side alone; who is on one side only is told.
        """
        options = options or {}
        chain, depth = self.node.chain, int(options.get("depth", 1))
        chain.flush()
        old, before = chain.head, self.borrowers(chain.head)
        try:
            if old.number - depth < self.node.market.ready_block:
                raise StatePruned(depth)  # the market itself would be gone
            chain.drop(depth)
        except StatePruned:
            raise RpcError(INVALID_PARAMS, f"cannot take back {depth} blocks") from None
        fork = chain.head
        self.actions.resync(fork.number)
        # Drawn from the old head too: the same seed again must not make the same accounts on both sides.
        self._draw_from(f"reorg {options.get('seed', 1)} {old.hash.hex()}")
        done = Steps(self.population).spread(depth + 1, int(options.get("n", 3 * depth)), int(options.get("borrowers", 2)))
        after = self.borrowers(chain.head)
        return {"head": chain.head.number, "actions": done, "fork": _name(fork), "oldHead": _name(old),
                "newHead": _name(chain.head),
                "onlyOld": sorted(set(before) - set(after)), "onlyNew": sorted(set(after) - set(before))}

    # Pools of Uniswap

    def deployPool(self, options=None) -> dict:
        """A pool (`kind` v3 or v2) from its real bytecode, with a price; answers its addresses. See the README."""
        pool = self.uniswap.deploy(options or {})
        return pool.described() | self.uniswap.addresses | {"state": self.uniswap.state(pool)}

    def mintLiquidity(self, options: dict) -> dict:
        """Liquidity in a block of its own: `tickLower`, `tickUpper`, `liquidity`; of a pair `amount0`, `amount1`."""
        return self._traded(options, self.uniswap.mint)

    def swap(self, options: dict) -> dict:
        """A swap in a block of its own: `amount`, `direction` 0to1 or 1to0, and for V3 the price `limit` where it ends.

        `back`: a V3 pool is traded back to where it stood within the same block.
        """
        return self._traded(options, self.uniswap.round_trip if options.get("back") else self.uniswap.swap)

    def _traded(self, options: dict, act) -> dict:
        pool, chain = self.uniswap.find(options), self.node.chain
        chain.flush()
        amounts = act(pool, options)
        chain.flush()
        return {"head": chain.head.number, "amounts": [str(a) for a in amounts if a is not None],
                "state": self.uniswap.state(pool)}

    def pool(self, options: dict) -> dict:
        """A pool's price, tick and liquidity, or a pair's reserves and accumulators."""
        found = self.uniswap.find(options)
        return found.described() | self.uniswap.addresses | {"state": self.uniswap.state(found)}

    def poolWalk(self, options: dict) -> dict:
        """A new random pool of `seed` (`kind` v3 or v2) and `n` random steps on it, each with the contract's answers."""
        walk = PoolWalk(self.uniswap, options.get("seed", 1))
        told = walk.pool(options.get("kind", "v3"))
        pool = self.uniswap.find(told)
        told["steps"] += [walk.step(pool) for _ in range(int(options.get("n", 10)))]
        self.node.chain.flush()
        return told | self.uniswap.addresses

    # Faults and statistics

    def setFaults(self, faults: dict) -> dict:
        """Switch faults on, at one `endpoint` or at all; others stay as they are. See the README for their names."""
        return self.node.set_faults(faults)

    def clearFaults(self, which=None) -> dict:
        for endpoint in self._endpoints(which):
            endpoint.faults.clear()
        return {}

    def stats(self, which=None) -> dict:
        """One endpoint's statistics, or the sum of all and each of them under `endpoints`."""
        chosen = self._endpoints(which)
        each = [e.dispatcher.stats.as_json(e.methods.caller.gas_used) for e in chosen]
        if which is not None or len(each) == 1:
            return each[0]
        total = Stats()
        for endpoint in chosen:
            total.add(endpoint.dispatcher.stats)
        return total.as_json(sum(e.methods.caller.gas_used for e in chosen)) | {"endpoints": each}

    def resetStats(self, which=None) -> dict:
        for endpoint in self._endpoints(which):
            endpoint.dispatcher.stats.__init__()
            endpoint.methods.caller.gas_used = 0
        return {}

    def sockets(self, options=None) -> list:
        """The open WebSockets; `action` is list, ping (they answer later), close (with `code`), or drop (no goodbye)."""
        options = options or {}
        sockets = [s for e in self._endpoints(options.get("endpoint")) for s in list(e.hub.sessions)]
        for socket in sockets:
            match options.get("action", "list"):
                case "list":
                    pass
                case "ping":
                    socket.ping(str(options.get("text", "")).encode())
                case "close":
                    socket.close(int(options.get("code", 1000)))
                case "drop":
                    socket.abort()
                case other:
                    raise RpcError(INVALID_PARAMS, f"no such action: {other}")
        return [socket.describe() for socket in sockets]

    def _endpoints(self, which) -> list:
        """The endpoint that a number or an `endpoint` field names, or all."""
        index = which.get("endpoint") if isinstance(which, dict) else which
        return self.node.endpoints if index is None else [self.node.endpoint(index)]

    # What other nodes have

    def evm_mine(self, seconds=None) -> str:
        self.node.chain.mine(1, quantity(seconds) if isinstance(seconds, str) else seconds or 12)
        return "0x0"

    def evm_increase_time(self, seconds) -> int:
        self.node.chain.time_offset += quantity(seconds) if isinstance(seconds, str) else seconds
        return self.node.chain.time_offset


def _name(block) -> dict:
    return {"number": block.number, "hash": "0x" + block.hash.hex()}
