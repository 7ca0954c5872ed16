"""The node of the development chain with a Morpho Blue in place of Aave."""

from devchain import artifacts, blockref
from devchain.artifacts import MULTICALL3
from devchain.control import Control
from devchain.errors import INVALID_PARAMS, RpcError
from devchain.hashing import ZERO_ADDRESS, address_of, keccak
from devchain.market import ADMIN
from devchain.node import Node
from devchain.world import Account

from .market import WAD, Builder, Market
from .population import KEEPER, MOST, Population

BORROW = keccak(b"Borrow(bytes32,address,address,address,uint256,uint256)")


class MorphoControl(Control):
    """The control methods that know what is on the chain."""

    def info(self) -> dict:
        return self.node.info() | {"oldestState": self.node.chain.oldest_state}

    def borrowers(self, block) -> list:
        """(market id, account) of everybody who ever had a Borrow on their behalf, up to this block."""
        end = block.first_log + sum(len(r.logs) for r in block.receipts)
        logs = self.node.chain.logs.find(0, end, {self.node.market.morpho}, [{BORROW}])
        return list(dict.fromkeys((log.topics[1], address_of(log.topics[2])) for log in logs))

    def truth(self, ref="latest") -> dict:
        """What the singleton itself says: accrued totals of each market, and of each borrower what follows from them.

        Of an account: borrow shares, collateral, borrowed, maxBorrow (from the totals that the contract accrued), whether
        `liquidate` finds it healthy, and, where the market has a pre-liquidation contract, whether that accepts the largest
        part it states.
        """
        chain, found = self.node.chain, self.node.market
        block = blockref.state(chain, ref)
        world = self.node.methods.caller.enter(block)
        functions = found.functions

        def ask(to, contract, name, *arguments, sender=ZERO_ADDRESS):
            target = functions[contract][name]
            outcome = world.message(sender, to, target(*arguments), 0, 30_000_000)
            return target.decode(outcome.output) if outcome.ok else outcome

        markets, accounts, facts = {}, {}, {}
        mark = world.begin()
        for market in found.markets:
            accrued = ask(found.morpho, "Morpho", "accrueInterest", market.params)
            price = ask(market.params[2], "Source", "price")
            totals = ask(found.morpho, "Morpho", "market", market.id)
            facts[market.id] = (market, totals, price if isinstance(price, int) else None)
            markets["0x" + market.id.hex()] = {
                "totals": [str(n) for n in totals], "price": str(price) if isinstance(price, int) else None,
                "accrues": not hasattr(accrued, "error")}
            self._mint(world, market)
        for id, user in self.borrowers(block):
            market, totals, price = facts[id]
            _, shares, collateral = ask(found.morpho, "Morpho", "position", id, user)
            borrowed = -(-shares * (totals[2] + 1) // (totals[3] + 10**6))
            most = None if price is None else collateral * price // 10**36 * market.lltv // WAD
            accounts[f"0x{id.hex()}/{user}"] = [str(shares), str(collateral), str(borrowed), None if most is None else str(most)]
        world.discard(mark)
        for key, entry in accounts.items():
            market, totals, price = facts[bytes.fromhex(key[2:66])]
            user, shares = key[67:], int(entry[0])
            entry.append(self._healthy(world, market, user) if shares else True)
            entry.append(self._pre(world, market, user, shares, int(entry[1]), totals, price) if shares and market.pre else None)
        return {"block": block.number, "timestamp": block.header.timestamp, "markets": markets, "accounts": accounts}

    def _mint(self, world, market: Market) -> None:
        mint = self.node.market.functions["Token"]["mint"]
        world.message(ADMIN, market.loan.address, mint(KEEPER, MOST), 0, 1_000_000)

    def _healthy(self, world, market: Market, user: str):
        liquidate = self.node.market.functions["Morpho"]["liquidate"](market.params, user, 0, 1, b"")
        outcome = world.call(ZERO_ADDRESS, self.node.market.morpho, liquidate, 0, 30_000_000)
        if b"position is healthy" in outcome.output:
            return True
        return None if b"stale" in outcome.output else False

    def _pre(self, world, market: Market, user: str, shares: int, collateral: int, totals, price):
        """(whether the window is open, whether the contract accepts the largest part), by asking it."""
        if price is None:
            return None
        functions = self.node.market.functions["PreLiquidation"]
        quoted = collateral * price // 10**36
        borrowed = -(-shares * (totals[2] + 1) // (totals[3] + 10**6))
        terms, part = market.terms, 1
        if quoted:
            quotient = (-(-borrowed * WAD // quoted) - terms[0]) * WAD // (market.lltv - terms[0])
            part = max(1, min(shares, shares * (quotient * (terms[2] - terms[1]) // WAD + terms[1]) // WAD))
        mark = world.begin()
        self._mint(world, market)
        outcome = world.message(KEEPER, market.pre, functions["preLiquidate"](user, 0, part, b""), 0, 30_000_000)
        world.discard(mark)
        closed = b"pre-liquidatable position" in outcome.output or b"liquidatable position" in outcome.output
        return [not closed, outcome.ok]

    def step(self, options=None) -> dict:
        options = options or {}
        if "seed" in options:
            self._draw_from(f"morpho step {options['seed']}")
        return {"actions": self.population.run(int(options.get("n", 1))), "head": self.node.chain.head.number}

    def reorg(self, options=None) -> dict:
        """Take back `depth` blocks and build one more of others, with `n` random actions from `seed` spread over them."""
        options = options or {}
        chain, depth = self.node.chain, int(options.get("depth", 1))
        chain.flush()
        old = chain.head
        if old.number - depth < self.node.market.ready_block:
            raise RpcError(INVALID_PARAMS, f"cannot take back {depth} blocks")
        chain.drop(depth)
        self._draw_from(f"morpho reorg {options.get('seed', 1)} {old.hash.hex()}")
        for _ in range(depth + 1):
            self.population.run(int(options.get("n", 3 * depth)) // (depth + 1))
            chain.mine(1)
        return {"head": chain.head.number}

    def setPrice(self, options: dict) -> dict:
        """Multiply the price of a market (a number from 0) by `factor`; `broken` makes its oracle revert.

        With `id` and `answer` its source answers just that number.
        """
        markets = self.node.market.markets
        if "answer" in options:
            market = next((m for m in markets if "0x" + m.id.hex() == options["id"]), None)
            if market is None:
                raise RpcError(INVALID_PARAMS, f"no market {options['id']}")
            self.node.chain.flush()
            self.population.send(ADMIN, "post", int(options["answer"]), False, to=market.poster, contract="Source")
            self.node.chain.close()
            return {"head": self.node.chain.head.number, "id": options["id"]}
        if not 0 <= int(options["market"]) < len(markets):
            raise RpcError(INVALID_PARAMS, f"no market {options['market']}")
        market = markets[int(options["market"])]
        self.node.chain.flush()
        self.population.post(market, market.price * float(options.get("factor", 1)), bool(options.get("broken")))
        self.node.chain.close()
        return {"head": self.node.chain.head.number, "id": "0x" + market.id.hex()}


class MorphoNode(Node):
    """A populated chain with one Morpho Blue."""

    def __init__(self, options, endpoints: int, markets: int, plain: bool, pause: int | None, wrong_scale: bool = False):
        super().__init__(options, endpoints)
        self.markets, self.plain, self.pause, self.wrong_scale = markets, plain, pause, wrong_scale

    def build(self, cache=None) -> bool:
        self._make()
        self.chain.listeners = [endpoint.hub for endpoint in self.endpoints]
        self.control = MorphoControl(self)
        return False

    def _make(self) -> None:
        options = self.options
        alloc = {ADMIN: Account(balance=10**24)}
        for i in range(10):
            alloc["0x" + keccak(b"dev account %d" % i)[-20:].hex()] = Account(balance=10**22)
        if options.multicall:
            alloc[MULTICALL3] = Account(nonce=1, code=artifacts.multicall3_code())
        self.chain.genesis(alloc, options.genesis_time)
        self.chain.mine(3)
        self.market = Builder(self.chain, options.seed, self.wrong_scale).build(self.markets, self.plain)
        self.population = Population(self.chain, self.market, options.seed)
        self.chain.pace = self.population.pace
        self.population.fill(options.borrowers, self.pause)
        if options.steps:
            self.population.run(options.steps)

    def info(self) -> dict:
        return {
            "rpc": self.url, "endpoints": [e.url for e in self.endpoints], "chainId": self.options.chain_id,
            "network": self.network_path, "seed": self.options.seed, "head": self.chain.head.number,
            "morpho": self.market.morpho, "multicall3": self.multicall3, "deployBlock": self.market.deploy_block,
            "markets": ["0x" + m.id.hex() for m in self.market.markets]}

    def network(self) -> dict:
        contracts = {"morpho": self.market.morpho}
        if not self.plain:
            contracts |= {"oracleFactory": self.market.factory, "preLiquidationFactory": self.market.factory}
        return {
            "name": "morphochain", "chainId": self.options.chain_id, "blockTime": 12, "nativeSymbol": "ETH",
            "rpc": [e.url for e in self.endpoints], "multicall3": self.multicall3,
            "markets": [{"id": "blue", "protocol": "morpho-blue", "deployBlock": self.market.deploy_block, "contracts": contracts}]}
