"""Times whole scans of one development chain: each read path of ours, then the same scan by web3.py and Multicall3.

Prints one JSON line a case and the ratio at the end. CPU seconds are the scanner's own, not the node's.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

BORROWERS, PROGRAM, PEER = sys.argv[1:]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NETWORK = os.path.join(ROOT, ".build", "bench-network.json")


def measure(command: list) -> tuple:
    """Wall seconds, CPU seconds, peak MiB, stdout and the status of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, output, os.waitstatus_to_exitcode(status)


def control(url: str, method: str, *params: dict) -> dict:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["result"]


def ours(url: str, path: str, runs: int) -> float:
    walls, cpus, peaks = [], [], []
    for _ in range(runs):
        control(url, "dev_resetStats")
        seconds, cpu, peak, output, status = measure(
            [PROGRAM, "scan", "--network", NETWORK, "--format", "ndjson", "--no-state", "--quiet", "--read-path", path]
        )
        head = json.loads(output.splitlines()[-1])
        walls.append(seconds)
        cpus.append(cpu)
        peaks.append(peak)
    stats = control(url, "dev_stats")
    accounts = head["counts"]["accounts"]
    print(
        json.dumps(
            {
                "case": f"scan {path}", "status": status, "accounts": accounts, "mismatched": head["counts"]["mismatched"],
                "seconds": round(statistics.median(walls), 3), "cpuSeconds": round(statistics.median(cpus), 3),
                "peakMiB": max(peaks), "httpRequests": head["httpRequests"], "rpcCalls": head["rpcCalls"],
                "bytesAPosition": round(head["bytes"] / accounts), "node": stats,
            }
        ),
        flush=True,
    )
    return statistics.median(walls)


def remembered(url: str) -> None:
    """The same market with an index: from nothing, unchanged, and after a hundred actions of accounts."""
    with tempfile.TemporaryDirectory() as state:
        for name in ("from nothing", "unchanged", "after 100 actions", "after 100 more"):
            if name.startswith("after"):
                control(url, "dev_step", {"n": 100, "seed": len(name)})
            seconds, cpu, peak, output, status = measure(
                [PROGRAM, "scan", "--network", NETWORK, "--format", "ndjson", "--quiet", "--state", state]
            )
            head = json.loads(output.splitlines()[-1])
            print(
                json.dumps(
                    {
                        "case": f"index, {name}", "status": status, "accounts": head["counts"]["accounts"],
                        "mismatched": head["counts"]["mismatched"], "seconds": round(seconds, 3),
                        "cpuSeconds": round(cpu, 3), "peakMiB": peak, "httpRequests": head["httpRequests"],
                        "bytes": head["bytes"],
                    }
                ),
                flush=True,
            )


def what_if() -> None:
    """The whole book under moved prices: verdicts, who falls, and plans for them, from what the scan had read."""
    took = []
    for shock in ("ETH=-20%", "ALL=-20%", "ETH=+1%"):
        for _ in range(5):
            run = subprocess.run(
                [PROGRAM, "scan", "--network", NETWORK, "--format", "ndjson", "--no-state", "--shock", shock,
                 "--log-level", "info"], capture_output=True)
            line = next(line for line in run.stderr.decode().splitlines() if "what-if" in line and "microseconds" in line)
            figures = dict(part.split("=") for part in line.split() if part.count("=") == 1 and "%" not in part)
            took.append(int(figures["microseconds"].split(".")[0]) / 1000)
            records = [json.loads(record) for record in run.stdout.splitlines()]
        fallen = sum(market["fallen"] for record in records if record["type"] == "whatIf" for market in record["markets"])
        print(
            json.dumps(
                {
                    "case": f"what-if {shock}", "positions": int(figures["positions"]), "fallen": fallen,
                    "milliseconds": round(statistics.median(took), 1), "bar": 50, "held": statistics.median(took) <= 50,
                }
            ),
            flush=True,
        )
        took.clear()


python = os.path.join(ROOT, ".build", "devchain-venv", "bin", "python")
chain = subprocess.Popen(
    [python, "-m", "devchain", "--rules", "3.2", "--seed", "1", "--borrowers", BORROWERS, "--network-out", NETWORK,
     "--exit-with-stdin", "--quiet"],
    cwd=ROOT, env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "Tests", "DevChain")},
    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
)
try:
    info = json.loads(chain.stdout.readline())
    best = ours(info["rpc"], "state-override", 5)
    ours(info["rpc"], "multicall3", 3)
    ours(info["rpc"], "batch", 1)
    ours(info["rpc"], "single", 1)
    seconds, cpu, peak, output, status = measure([PEER, os.path.join(ROOT, "Benchmarks", "peers", "scan.py"), NETWORK])
    peer = json.loads(output.splitlines()[-1])
    print(json.dumps({**peer, "wallSeconds": round(seconds, 3)}))
    remembered(info["rpc"])
    what_if()
    print(json.dumps({"ratio": "web3.py + Multicall3 / ours, whole process", "value": round(seconds / best, 1)}))
finally:
    chain.stdin.close()
    chain.wait()
