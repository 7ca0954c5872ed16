"""The command line: build a chain, print one line of JSON, serve until told to stop."""

import argparse
import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from .cache import Cache
from .chain import GENESIS_TIME
from .errors import RpcError
from .faultnames import NAMES
from .node import Node, Options
from .server import listen
from .steps import Steps

DESCRIPTION = """\
A chain on this machine, with the real contracts of Aave V3 or V2 and as many random borrowers as you like.

It answers Ethereum's JSON-RPC on a loopback port. Nothing leaves this machine, nothing is worth anything, and the
same options give the same chain, block hash by block hash.
"""
EPILOG = """\
examples:
  python -m devchain                              200 borrowers on Aave v3.2, a free port
  python -m devchain --rules 3.0 --borrowers 5000 stable-rate debt and eMode price sources
  python -m devchain --rules 2.0                  Aave v2: an even seed prices in ether, an odd one in dollars
  python -m devchain --wild --reserves 12         odd decimals and prices
  python -m devchain --faults '{"errorRate":0.2,"rangeLimit":100}'
  python -m devchain --endpoints 3 --faults '{"seed":7,"1":{"omitLog":true},"2":{"staleHead":4}}'

then, in another terminal:
  plimsoll scan --network FILE                    FILE as printed at start
"""


def parser() -> argparse.ArgumentParser:
    """All options."""
    made = argparse.ArgumentParser(
        prog="devchain", description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    chain = made.add_argument_group("the chain")
    chain.add_argument("--rules", choices=("2.0", "3.0", "3.2"), default="3.2", help="version of the protocol (default 3.2)")
    chain.add_argument("--seed", type=int, default=1, help="decides everything random (default 1)")
    chain.add_argument("--borrowers", type=int, default=200, metavar="N", help="accounts that borrow (default 200)")
    chain.add_argument("--reserves", type=int, default=6, metavar="N", help="listed assets (default 6)")
    chain.add_argument("--emodes", type=int, default=2, metavar="N", help="eMode categories, at most 4 (default 2)")
    chain.add_argument("--wild", action="store_true", help="invented assets: decimals up to 27, prices from 1e-8 to 1e12 dollars")
    chain.add_argument("--steps", type=int, default=0, metavar="N", help="random actions after the population (default 0)")
    chain.add_argument("--chain-id", type=int, default=31337, metavar="ID", help="(default 31337)")
    chain.add_argument("--fork", choices=("london", "shanghai", "cancun", "prague"), default="cancun",
                       help="how many fields headers have: 16, 17, 20 or 21 (default cancun, 20)")
    chain.add_argument("--genesis-time", type=int, default=GENESIS_TIME, metavar="T", help="unix seconds (default %(default)s)")
    chain.add_argument("--history", type=int, default=128, metavar="N", help="blocks whose state is kept (default 128)")
    node = made.add_argument_group("the node")
    node.add_argument("--host", default="127.0.0.1", help="loopback only (default 127.0.0.1)")
    node.add_argument("--port", type=int, default=0, help="0 picks a free one (default 0)")
    node.add_argument("--endpoints", type=int, default=1, metavar="N", choices=range(1, 65),
                      help="ports that serve this chain, 1 to 64, each with faults and statistics of its own (default 1)")
    node.add_argument("--call-gas-cap", type=int, default=50_000_000, metavar="GAS", help="of eth_call (default 50000000)")
    node.add_argument("--no-multicall", action="store_true", help="no Multicall3 on this chain")
    node.add_argument("--faults", default="{}", metavar="JSON", 
                      help="misbehave from the start, all endpoints or, under its number, one; `--faults list` names the ways")
    node.add_argument("--network-out", metavar="FILE", help="where to write the network file (default: a temporary file)")
    node.add_argument("--cache", default=".build/devchain-cache", metavar="DIR", help="where built chains are kept")
    node.add_argument("--no-cache", action="store_true", help="build anew and keep nothing")
    node.add_argument("--live", type=float, metavar="S", help="let something happen, and a block be mined, every S seconds")
    node.add_argument("--exit-with-stdin", action="store_true", help="stop when standard input is closed")
    node.add_argument("--quiet", action="store_true", help="say nothing on standard error")
    return made


def main(arguments=None) -> None:
    """Run the program."""
    given = parser().parse_args(arguments)
    if given.faults == "list":
        print("\n".join(f"{name:22}{text}" for name, text in NAMES.items()))
        return
    try:
        faults = json.loads(given.faults)
        if not isinstance(faults, dict) or not all(isinstance(v, dict) for k, v in faults.items() if k.isdigit()):
            raise ValueError("an object is needed, and one under each endpoint's number")
    except ValueError as failure:
        sys.exit(f"devchain: --faults is not JSON: {failure}")
    options = Options(
        rules=given.rules, seed=given.seed, borrowers=given.borrowers, reserves=given.reserves, emodes=given.emodes,
        chain_id=given.chain_id, fork=given.fork, history=given.history, steps=given.steps, wild=given.wild,
        multicall=not (given.no_multicall or faults.get("noMulticall")), call_gas_cap=given.call_gas_cap,
        genesis_time=given.genesis_time)
    node = Node(options, given.endpoints)
    began = time.monotonic()
    say(given, f"building Aave v{options.rules} with {options.borrowers} borrowers from seed {options.seed} …")
    cached = node.build(Cache(None if given.no_cache else given.cache))
    gc.freeze()  # the chain stays: the collector need not look through it while calls are answered
    say(given, f"{node.chain.head.number} blocks, {len(node.chain.transactions)} transactions, {len(node.chain.logs)} logs "
               f"in {time.monotonic() - began:.1f} s{', from the cache' if cached else ''}")
    try:
        set_faults(node, faults)
    except RpcError as failure:
        sys.exit(f"devchain: {failure}")
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(node, given))


def set_faults(node: Node, faults: dict) -> None:
    """Switch on what `--faults` says: for all endpoints, and under an endpoint's number for that one."""
    alone = {name: value for name, value in faults.items() if name.isdigit()}
    node.set_faults({name: value for name, value in faults.items() if name not in alone})
    for index, own in alone.items():
        node.set_faults({**own, "endpoint": int(index)})


async def serve(node: Node, given) -> None:
    """Listen, announce, and wait for a signal or the end of standard input."""
    servers = []
    try:
        for endpoint in node.endpoints:
            # The ports after a chosen one follow it.
            servers.append(await listen(endpoint, given.host, given.port and given.port + endpoint.index))
    except (OSError, ValueError) as failure:
        sys.exit(f"devchain: {failure}")
    path = given.network_out or str(Path(tempfile.mkdtemp(prefix="devchain-")) / "network.json")
    host = "127.0.0.1" if given.host == "localhost" else f"[{given.host}]" if ":" in given.host else given.host
    node.publish([f"http://{host}:{server.sockets[0].getsockname()[1]}" for server in servers], path)
    print(json.dumps(node.info()), flush=True)
    if sys.stdout.isatty():
        say(given, f"\nThe chain is at {node.url}. Scan it from another terminal:\n\n  plimsoll scan --network {node.network_path}\n\n"
                   "Ctrl-C stops it; nothing is kept but that file.")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if given.exit_with_stdin:
        threading.Thread(target=_await_stdin, args=(loop, stop), daemon=True).start()
    if given.live:
        loop.create_task(live(node, given.live))
    await stop.wait()
    for server in servers:
        server.close()


async def live(node: Node, seconds: float) -> None:
    """A few random actions and at least one block, again and again."""
    while True:
        await asyncio.sleep(seconds)
        before = node.chain.head.number
        Steps(node.population).run(3)
        if node.chain.head.number == before:
            node.chain.mine()


def _await_stdin(loop, stop) -> None:
    # os.read, not sys.stdin: a thread that waits in a buffered reader would abort the interpreter when it ends.
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stop.set)


def say(given, text: str) -> None:
    """A line for people, on standard error."""
    if not given.quiet:
        print(text, file=sys.stderr, flush=True)
