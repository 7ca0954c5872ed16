"""`python -m cometchain`: the options of `python -m devchain`, and a Comet."""

import asyncio
import contextlib
import gc
import json

from devchain import cli
from devchain.node import Options

from .node import CometNode


def main() -> None:
    """Run the program."""
    made = cli.parser()
    made.add_argument("--generation", type=int, choices=(0, 1, 2), default=1,
                      help="0: Comet, 1: extended asset list, 2: service patch (default 1)")
    made.add_argument("--assets", type=int, default=None, metavar="N", help="collateral assets (default random)")
    made.add_argument("--borrow-min", type=int, default=None, metavar="N", help="baseBorrowMin (default random)")
    given = made.parse_args()
    faults = json.loads(given.faults)
    options = Options(
        seed=given.seed, borrowers=given.borrowers, chain_id=given.chain_id, fork=given.fork, history=given.history,
        steps=given.steps, multicall=not (given.no_multicall or faults.get("noMulticall")),
        call_gas_cap=given.call_gas_cap, genesis_time=given.genesis_time)
    node = CometNode(options, given.endpoints, given.generation, given.assets, given.borrow_min)
    node.build()
    gc.freeze()
    cli.set_faults(node, faults)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(cli.serve(node, given))


main()
