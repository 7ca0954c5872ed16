"""The same scan as people write it: web3.py, Borrow logs in pages, then Multicall3, 100 accounts a call.

It discovers the borrowers of the first market of a network file, reads getUserAccountData for each, and sorts by health.
Prints one JSON line with seconds, requests and how many borrowers it found.
"""

import json
import resource
import sys
import time

from eth_abi import decode
from web3 import Web3

BORROW = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"
PAGE = 2_000
GROUP = 100

AGGREGATE3 = json.loads(
    '[{"name":"aggregate3","type":"function","stateMutability":"payable","inputs":[{"name":"calls","type":"tuple[]",'
    '"components":[{"name":"target","type":"address"},{"name":"allowFailure","type":"bool"},{"name":"callData","type":"bytes"}]}],'
    '"outputs":[{"name":"returnData","type":"tuple[]","components":[{"name":"success","type":"bool"},{"name":"returnData","type":"bytes"}]}]}]'
)
PROVIDER = json.loads(
    '[{"name":"getPool","type":"function","stateMutability":"view","inputs":[],"outputs":[{"name":"","type":"address"}]}]'
)


def scan(network: dict) -> dict:
    web3 = Web3(Web3.HTTPProvider(network["rpc"][0]))
    requests = 0
    market = network["markets"][0]
    block = web3.eth.block_number
    provider = web3.eth.contract(
        address=Web3.to_checksum_address(market["contracts"]["poolAddressesProvider"]), abi=PROVIDER
    )
    pool = provider.functions.getPool().call(block_identifier=block)
    requests += 2
    users = set()
    for start in range(market["deployBlock"], block + 1, PAGE):
        logs = web3.eth.get_logs(
            {"fromBlock": start, "toBlock": min(start + PAGE - 1, block), "address": pool, "topics": [BORROW]}
        )
        requests += 1
        users.update("0x" + log["topics"][2].hex()[-40:] for log in logs)
    multicall = web3.eth.contract(address=Web3.to_checksum_address(network["multicall3"]), abi=AGGREGATE3)
    ordered = sorted(users)
    found = []
    for start in range(0, len(ordered), GROUP):
        part = ordered[start : start + GROUP]
        calls = [(pool, True, bytes.fromhex("bf92857c" + "00" * 12 + user[2:])) for user in part]
        answers = multicall.functions.aggregate3(calls).call(block_identifier=block)
        requests += 1
        for user, (ok, data) in zip(part, answers):
            if ok:
                found.append((decode(["uint256"] * 6, data)[5], user))
    found.sort()
    return {"requests": requests, "borrowers": len(found)}


with open(sys.argv[1], encoding="utf-8") as file:
    configuration = json.load(file)
began = time.perf_counter()
outcome = scan(configuration)
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "peer": "web3.py + Multicall3",
            "case": "scan",
            "seconds": round(time.perf_counter() - began, 3),
            "cpuSeconds": round(usage.ru_utime + usage.ru_stime, 3),
            "peakMiB": usage.ru_maxrss // 1024,
            **outcome,
        }
    )
)
