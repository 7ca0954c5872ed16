"""`python -m mixedchain`: the options of `python -m devchain`, and eight markets of six families on one chain."""

import asyncio
import contextlib
import gc
import json

from cometchain.node import CometNode
from devchain import cli
from devchain.aave4.cli import V4Node
from devchain.chain import Chain
from devchain.compound.node import CompoundNode, CompoundOptions
from devchain.node import Node, Options
from morphochain.node import MorphoNode


class Shared(Chain):
    """A chain that begins once, whoever wants to begin it."""

    def genesis(self, accounts, time=None) -> None:
        if not self.blocks:
            super().genesis(accounts, time)


class MixedNode(Node):
    """The first market answers the control methods; a scan compares every position with its own contract."""

    def __init__(self, options: Options, endpoints: int):
        super().__init__(options, endpoints)
        self.parts: list[tuple[str, Node]] = []

    def _make(self) -> None:
        given = self.options
        each = max(1, given.borrowers // 8)
        self.chain.__class__ = Shared

        def options(of=Options, **more):
            return of(seed=given.seed, borrowers=each, reserves=given.reserves, chain_id=given.chain_id, fork=given.fork,
                        history=given.history, genesis_time=given.genesis_time, **more)

        self.parts = [
            ("aave-v3", Node(options(rules="3.2"))), ("aave-v3-old", Node(options(rules="3.0"))),
            ("aave-v2", Node(options(rules="2.0"))), ("aave-v4", V4Node(options(rules="v4"), 1)),
            ("compound", CompoundNode(options(CompoundOptions, rules="compound-truncating"))),
            ("venus", CompoundNode(options(CompoundOptions, rules="compound-venus", kind="venus"))),
            ("comet", CometNode(options(), 1, 1, None, None)), ("morpho", MorphoNode(options(), 1, 12, False, 86_400))]
        for _, part in self.parts:
            part.chain = self.chain
            part.build()
            # Its endpoints look at a chain of their own, which stays empty.
            self.chain.listeners = []
            gc.disable()
        first = self.parts[0][1]
        self.market, self.population = first.market, first.population

    def network(self) -> dict:
        made = super().network()
        made["markets"] = [market | {"id": name} for name, part in self.parts for market in part.network()["markets"]]
        return made


def main() -> None:
    """Run the program."""
    given = cli.parser().parse_args()
    faults = json.loads(given.faults)
    options = Options(
        rules="3.2", seed=given.seed, borrowers=given.borrowers, reserves=given.reserves, chain_id=given.chain_id,
        fork=given.fork, history=given.history, call_gas_cap=given.call_gas_cap, genesis_time=given.genesis_time)
    node = MixedNode(options, given.endpoints)
    node.build()
    gc.freeze()
    cli.set_faults(node, faults)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(cli.serve(node, given))


main()
