"""Records the chain that `plimsoll demo` replays: a market, and one price of it that somebody pushes.

    PYTHONPATH=Tests/DevChain .build/devchain-venv/bin/python Tests/DevChain/record_demo.py .build/release/plimsoll
"""

import json
import math
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

FOLDER = Path("Sources/plimsoll/Demo")
ARGUMENTS = ["--rules", "3.2", "--seed", "1876", "--borrowers", "400", "--reserves", "8"]
PUSHED, QUOTE = "WSTETH", "USDC"


class Chain:
    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-m", "devchain", *ARGUMENTS, "--exit-with-stdin"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.info = json.loads(self.process.stdout.readline())

    def __call__(self, method: str, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.info["rpc"], body, {"content-type": "application/json"})
        answer = json.loads(urllib.request.urlopen(request).read())
        if "error" in answer:
            raise SystemExit(f"{method}: {answer['error']}")
        return answer["result"]


def word(number: int) -> str:
    return f"{number:064x}"


def witness(chain: Chain, reserve: dict) -> dict:
    """A feed of somebody else's with the market's price."""
    price, now = int(reserve["price"]), int(chain("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    answers = {"latestRoundData()": word(1) + word(price) + word(now) * 2 + word(1), "decimals()": word(8)}
    feed = chain("dev_canned", {"answers": answers})["address"]
    return {"asset": reserve["asset"], "quote": "USD", "kind": "chainlink", "contracts": {"feed": feed}, "heartbeat": 86400,
            "deviationBps": 50}


def main() -> None:
    chain = Chain()
    reserves = {r["symbol"]: r for r in chain("dev_info")["reserves"]}
    asset, quote = reserves[PUSHED], reserves[QUOTE]
    first = int(asset["asset"], 16) < int(quote["asset"], 16)
    # Smallest units of the quote for one of the asset.
    ratio = int(asset["price"]) / int(quote["price"]) * 10.0 ** (quote["decimals"] - asset["decimals"])
    root = int(math.sqrt(ratio if first else 1 / ratio) * 2**96)
    pool = chain("dev_deployPool", {"kind": "v3", "token0": PUSHED, "token1": QUOTE, "sqrtPriceX96": str(root),
                                    "cardinality": 100, "positions": [[-887220, 887220, str(10**17)]]})["pool"]
    chain("dev_mine", {"blocks": 3, "seconds": 1800})
    sources = [witness(chain, reserve) for reserve in reserves.values() for _ in range(2)]
    sources.append({"asset": asset["asset"], "quote": quote["asset"], "kind": "uniswap-v3", "contracts": {"pool": pool},
                    "window": 1800})
    scale = 10 ** (asset["decimals"] - quote["decimals"] + 8)
    chain("dev_oracle", {"contract": "PoolFeed", "source": PUSHED, "arguments": [pool, 0, first, str(scale)]})
    # What is in range at this price, times the part that lowers it by a tenth.
    held = 10**17 / math.sqrt(ratio)
    chain("dev_swap", {"pool": pool, "amount": str(int(held * 0.055)), "direction": "0to1" if first else "1to0"})
    chain("dev_mine", {"blocks": 1, "seconds": 12})
    network = json.loads(Path(chain.info["network"]).read_text())
    network |= {"name": "demo", "priceSources": sources,
                "source": "a development chain (Tests/DevChain): real Aave V3 contracts, 400 borrowers from seed 1876, 8 reserves; "
                          f"{PUSHED} is priced by a pool in which somebody has just sold"}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(network, file)
        file.flush()
        subprocess.run([sys.argv[1], "scan", "--network", file.name, "--no-state", "--format", "ndjson", "--record",
                        FOLDER / "demo.transcript"], check=True, stdout=subprocess.DEVNULL)
    (FOLDER / "network.json").write_text(json.dumps(network | {"rpc": []}, indent=2) + "\n")
    chain.process.stdin.close()
    chain.process.wait()


main()
