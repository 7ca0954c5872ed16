"""`python -m morphochain`: the options of `python -m devchain`, and a Morpho Blue."""

import asyncio
import contextlib
import gc
import json

from devchain import cli
from devchain.node import Options

from .node import MorphoNode


def main() -> None:
    """Run the program."""
    made = cli.parser()
    made.add_argument("--markets", type=int, default=12, metavar="N", help="isolated markets (default 12)")
    made.add_argument("--plain", action="store_true", help="no factories, and so no pre-liquidation contracts")
    made.add_argument("--pause", type=int, default=None, metavar="S", help="seconds before the last block (default random)")
    made.add_argument("--wrong-scale", action="store_true", help="one oracle was made with a factor 1000 too large")
    given = made.parse_args()
    faults = json.loads(given.faults)
    options = Options(
        seed=given.seed, borrowers=given.borrowers, chain_id=given.chain_id, fork=given.fork, history=given.history,
        steps=given.steps, multicall=not (given.no_multicall or faults.get("noMulticall")),
        call_gas_cap=given.call_gas_cap, genesis_time=given.genesis_time)
    node = MorphoNode(options, given.endpoints, given.markets, given.plain, given.pause, given.wrong_scale)
    node.build()
    gc.freeze()
    cli.set_faults(node, faults)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(cli.serve(node, given))


main()
