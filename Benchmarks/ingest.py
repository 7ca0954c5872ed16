"""Times how logs are taken in: ours over 5 million of them, then ours, cryo and web3.py over the same pages.

Usage: ingest.py FOLDER PEER [LOGS], the folder of our built programs and the Python of the peers. Every client asks a
compiled node on loopback for pages of 100 blocks; it makes them up from their numbers. Prints one JSON line a case, then
the ratios and whether the targets were held.
"""

import contextlib
import json
import os
import subprocess
import sys

FOLDER, PEER = sys.argv[1], sys.argv[2]
LOGS = int(sys.argv[3]) if len(sys.argv) > 3 else 500_000
MANY = 5_000_000
PEERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers")
# Blocks hold 5 to 50 logs, about 27 on average.
LOGS_A_BLOCK = 27.15


@contextlib.contextmanager
def node(logs: int):
    """A node with about so many logs; yields what it says of itself."""
    server = subprocess.Popen(
        [os.path.join(FOLDER, "plimsoll-log-server"), str(round(logs / LOGS_A_BLOCK))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )
    try:
        yield json.loads(server.stdout.readline())
    finally:
        server.stdin.close()
        server.wait()


def run(command: list) -> dict:
    process = subprocess.run(command, capture_output=True, text=True)
    if process.returncode != 0 or not process.stdout.strip():
        sys.exit(f"{' '.join(command)} failed with {process.returncode}:\n{process.stderr[-2000:]}")
    return json.loads(process.stdout.splitlines()[-1])


def told(found: dict, info: dict) -> dict:
    """One line: what a client did with the logs of a node, in the same units for all."""
    if found.setdefault("logs", info["logs"]) != info["logs"]:
        sys.exit(f"{found} took {found['logs']} of {info['logs']} logs")
    line = {
        "case": "ingest", "client": found.get("peer", "plimsoll"), "logs": found["logs"],
        "seconds": found["seconds"], "logsASecond": round(found["logs"] / found["seconds"]),
        "cpuMicrosecondsALog": round(found["cpuSeconds"] * 1e6 / found["logs"], 3), "peakMiB": found["peakMiB"],
    }
    print(json.dumps(line), flush=True)
    return line


def ours(info: dict) -> dict:
    return run([os.path.join(FOLDER, "plimsoll-bench"), "ingest", info["rpc"], str(info["from"])])


def target(name: str, value: float, bar: float, holds: bool) -> None:
    print(json.dumps({"figure": name, "value": value, "target": bar, "held": holds}), flush=True)


for line in subprocess.run(
    [os.path.join(FOLDER, "plimsoll-bench"), "ingest-decode"], check=True, capture_output=True, text=True
).stdout.splitlines():
    print(line, flush=True)

with node(MANY) as info:
    found = ours(info)
    many = told(found, info)
    target("MiB at the peak of 5 million logs", many["peakMiB"], 64, many["peakMiB"] <= 64)
    print(json.dumps({"figure": "MiB at the peak of the first tenth", "value": found["peakMiBAfterATenth"]}), flush=True)

with node(LOGS) as info:
    own = sorted((told(ours(info), info) for _ in range(5)), key=lambda line: line["logsASecond"])[2]
    arguments = [info["rpc"], str(info["from"]), str(info["to"])]
    cryo = sorted(
        (told(run([PEER, os.path.join(PEERS, "ingest_cryo.py"), *arguments]), info) for _ in range(3)),
        key=lambda line: line["logsASecond"],
    )[1]
with node(LOGS // 10) as info:
    # Slower by so much that a tenth of the logs is enough.
    web3 = told(run([PEER, os.path.join(PEERS, "ingest_web3.py"), info["rpc"], str(info["from"]), str(info["to"])]), info)

cpu = max(many["cpuMicrosecondsALog"], own["cpuMicrosecondsALog"])
ratio = round(own["logsASecond"] / cryo["logsASecond"], 2)
target("CPU microseconds a log", cpu, 1, cpu <= 1)
target("logs a second, ours / cryo", ratio, 5, ratio >= 5)
for name, peer in (("cryo", cryo), ("web3.py", web3)):
    line = {
        "ratio": f"{name} / ours", "logsASecond": round(own["logsASecond"] / peer["logsASecond"], 2),
        "cpuALog": round(peer["cpuMicrosecondsALog"] / own["cpuMicrosecondsALog"], 2),
        "peakMemory": round(peer["peakMiB"] / own["peakMiB"], 2),
    }
    print(json.dumps(line), flush=True)
