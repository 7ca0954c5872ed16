"""`python -m devchain.compound`: a chain with Compound V2, or a fork of it, and as many random borrowers as you like."""

import asyncio
import contextlib
import gc
import json

from ..cache import Cache
from ..cli import parser, serve, set_faults
from .deployment import KINDS
from .node import CompoundNode, CompoundOptions


def main(arguments=None) -> None:
    made = parser()
    chain = made.add_argument_group("compound")
    chain.add_argument("--kind", choices=tuple(KINDS), default="truncating", help="which comptroller (default truncating)")
    chain.add_argument("--early", action="store_true", help="no list of markets, and rate models that answer two words")
    chain.add_argument("--time-based", action="store_true", help="interest by the second, not by the block")
    chain.add_argument("--alone", action="store_true", help="with venus: one contract alone may liquidate")
    given = made.parse_args(arguments)
    faults = json.loads(given.faults)
    options = CompoundOptions(
        rules=f"compound-{given.kind}", seed=given.seed, borrowers=given.borrowers, reserves=given.reserves,
        chain_id=given.chain_id, fork=given.fork, history=given.history, steps=given.steps,
        multicall=not (given.no_multicall or faults.get("noMulticall")), call_gas_cap=given.call_gas_cap,
        genesis_time=given.genesis_time, kind=given.kind, early=given.early, time_based=given.time_based, alone=given.alone)
    node = CompoundNode(options, given.endpoints)
    node.build(Cache(None if given.no_cache else given.cache))
    gc.freeze()
    set_faults(node, faults)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(node, given))


if __name__ == "__main__":
    main()
