"""The logs of a loopback node by web3.py, in pages of 100 blocks, one after the other as its documentation does it.

Usage: ingest_web3.py URL FROM TO. Prints one JSON line with seconds, CPU and peak memory.
"""

import importlib.metadata
import json
import resource
import sys
import time

from web3 import Web3

URL, FROM, TO = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
POOL = Web3.to_checksum_address("0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2")
BORROW = "0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0"

web3 = Web3(Web3.HTTPProvider(URL))
before = resource.getrusage(resource.RUSAGE_SELF)
began = time.perf_counter()
logs = 0
amounts = 0
for start in range(FROM, TO + 1, 100):
    page = web3.eth.get_logs(
        {"fromBlock": start, "toBlock": min(start + 99, TO), "address": POOL, "topics": [BORROW]}
    )
    logs += len(page)
    for log in page:
        amounts += int.from_bytes(log["data"][32:64], "big")
seconds = time.perf_counter() - began
usage = resource.getrusage(resource.RUSAGE_SELF)
print(
    json.dumps(
        {
            "peer": f"web3.py {importlib.metadata.version('web3')}", "logs": logs, "seconds": round(seconds, 3),
            "cpuSeconds": round(usage.ru_utime + usage.ru_stime - before.ru_utime - before.ru_stime, 3),
            "peakMiB": usage.ru_maxrss // 1024,
        }
    )
)
