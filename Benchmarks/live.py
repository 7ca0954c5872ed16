"""Follows a development chain block by block, and times how long a block takes to reach a reader of the stream.

Usage: Benchmarks/live.py PROGRAM BORROWERS BLOCKS [RATE [CHECK_EVERY [SAMPLE_EVERY]]]

Prices move in every block. A block's time runs from the moment its mining returned to the moment its `head` line was
read; the node's own time answering what was asked meanwhile stands beside it. Every CHECK_EVERY blocks the positions that
stand in the stream are compared with the pool's own answer about every account.

With SAMPLE_EVERY it is a soak: the watch keeps its state on disk as it does in use, and every so many blocks a line says how
much memory and disk it holds and what a block cost since the last. RATE 0 waits for nothing between blocks.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

PROGRAM, BORROWERS, BLOCKS = sys.argv[1], sys.argv[2], int(sys.argv[3])
RATE = float(sys.argv[4]) if len(sys.argv) > 4 else 4.0
CHECK = int(sys.argv[5]) if len(sys.argv) > 5 else 20
SAMPLE = int(sys.argv[6]) if len(sys.argv) > 6 else 0
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRATCH = tempfile.mkdtemp(prefix="plimsoll-live-")
NETWORK = os.path.join(SCRATCH, "network.json")
STATE = os.path.join(SCRATCH, "state")
TICK = os.sysconf("SC_CLK_TCK")


def control(method: str, *params):
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)["result"]


def process_figures(pid: int) -> tuple:
    """CPU seconds and resident MiB."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def percentile(values: list, part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def folder_bytes(path: str) -> int:
    return sum(os.path.getsize(os.path.join(folder, name)) for folder, _, names in os.walk(path) for name in names)


class Reader(threading.Thread):
    """Reads the stream: when each block's head came, what stands, and what its lines say."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.lock = stream, threading.Condition()
        self.heads, self.open, self.seq, self.complaints = {}, {}, 0, []
        # When each position was first said to be liquidatable, by block.
        self.crossings = {}

    def run(self):
        for line in self.stream:
            now = time.perf_counter()
            message = json.loads(line)
            with self.lock:
                if message["seq"] != self.seq + 1:
                    self.complaints.append(f"{message['seq']} after {self.seq}")
                self.seq = message["seq"]
                kind = message["type"]
                if kind == "opportunity" and self.open.get(message["id"], ("",))[0] != kind:
                    self.crossings.setdefault(message["block"]["hash"], []).append(now)
                if kind in ("opportunity", "watch"):
                    self.open[message["id"]] = (kind, message["account"].lower())
                elif kind == "close":
                    self.open.pop(message["id"], None)
                elif kind == "head":
                    self.heads.setdefault(message["block"]["hash"], (now, message))
                    # Nobody asks for older ones, and a soak has a hundred thousand.
                    while len(self.heads) > 64:
                        del self.heads[next(iter(self.heads))]
                    while len(self.crossings) > 64:
                        del self.crossings[next(iter(self.crossings))]
                    self.lock.notify_all()

    def head(self, digest: str) -> tuple:
        with self.lock:
            if not self.lock.wait_for(lambda: digest in self.heads, timeout=120):
                sys.exit(f"no head of {digest} within two minutes")
            return self.heads[digest]

    def accounts(self, kind: str) -> set:
        with self.lock:
            return {account for type_, account in self.open.values() if type_ == kind}


def truth() -> tuple:
    answer = control("dev_truth")
    opened, near = set(), set()
    for account, words in answer["accounts"].items():
        words = [int(word) for word in words]
        if len(words) == 6 and words[1]:
            if words[5] < 10**18:
                opened.add(account.lower())
            elif words[5] < 105 * 10**16:
                near.add(account.lower())
    return answer["hash"], opened, near


python = os.path.join(ROOT, ".build/devchain-venv/bin/python")
chain = subprocess.Popen(
    [python, "-m", "devchain", "--exit-with-stdin", "--rules", "3.2", "--seed", "7", "--borrowers", BORROWERS,
     "--network-out", NETWORK],
    cwd=ROOT, env={**os.environ, "PYTHONPATH": os.path.join(ROOT, "Tests/DevChain")},
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
chain.stdout.readline()
with open(NETWORK) as file:
    URL = json.load(file)["rpc"][0]
reserves = control("dev_info")["reserves"]
prices = {reserve["symbol"]: int(reserve["price"]) for reserve in reserves}
bases = dict(prices)
watch = subprocess.Popen(
    [PROGRAM, "watch", "--network", NETWORK, "--ws", URL.replace("http://", "ws://"), "--format", "ndjson", "--quiet",
     *(["--state", STATE] if SAMPLE else ["--no-state"])],
    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
reader = Reader(watch.stdout)
reader.start()
reader.head(truth()[0])
dice = random.Random(5)
waits, nodes, evaluated, messages, rounds, crossings = [], [], [], [], [], []
checks = wrong = 0
cpu, _ = process_figures(watch.pid)
checking, begun = 0.0, time.perf_counter()
sampled, sampled_cpu = begun, cpu
for step in range(BLOCKS):
    due = begun + checking + (step / RATE if RATE else 0)
    if (rest := due - time.perf_counter()) > 0:
        time.sleep(rest)
    control("dev_resetStats")
    before = reader.seq
    symbol = dice.choice(list(prices))
    # A walk that comes back: what falls rises again.
    drift = (bases[symbol] - prices[symbol]) / bases[symbol] * 0.05
    prices[symbol] = int(prices[symbol] * (1 + drift + dice.gauss(0, 0.004)))
    control("dev_setPrice", {"asset": symbol, "price": str(prices[symbol])})
    posted = time.perf_counter()
    digest = control("eth_getBlockByNumber", "latest", False)["hash"]
    came, head = reader.head(digest)
    stats = control("dev_stats")
    crossings += [max(0.0, now - posted) * 1e3 for now in reader.crossings.pop(digest, [])]
    waits.append(max(0.0, came - posted) * 1e3)
    nodes.append(stats.get("answerSeconds", 0.0) * 1e3)
    evaluated.append(head["evaluated"])
    messages.append(reader.seq - before)
    rounds.append(head["httpRequests"])
    if (step + 1) % CHECK == 0:
        paused = time.perf_counter()
        digest, opened, near = truth()
        reader.head(digest)
        checks += 1
        wrong += reader.accounts("opportunity") != opened or reader.accounts("watch") != near
        checking += time.perf_counter() - paused
    if SAMPLE and (step + 1) % SAMPLE == 0:
        now, (spent, held) = time.perf_counter(), process_figures(watch.pid)
        print(json.dumps({
            "case": "soak", "block": step + 1, "residentMiB": round(held, 1),
            "stateMiB": round(folder_bytes(STATE) / (1 << 20), 1), "seq": reader.seq,
            "blocksASecond": round(SAMPLE / (now - sampled), 1),
            "cpuMsABlock": round((spent - sampled_cpu) / SAMPLE * 1e3, 1),
            "blockToHeadMsP99": round(percentile(waits[-SAMPLE:], 0.99), 1), "checks": checks, "wrong": wrong,
        }), flush=True)
        sampled, sampled_cpu = now, spent
seconds = time.perf_counter() - begun - checking
used, resident = process_figures(watch.pid)
watch.terminate()
watch.wait(10)
chain.stdin.close()
chain.wait(10)
own = [max(0.0, wait - node) for wait, node in zip(waits, nodes)]
print(json.dumps({
    "case": "live", "borrowers": int(BORROWERS), "blocks": BLOCKS, "blocksASecond": round(BLOCKS / seconds, 2),
    "blockToHeadMs": {"p50": round(percentile(waits, 0.5), 1), "p99": round(percentile(waits, 0.99), 1)},
    "crossings": len(crossings),
    "blockToCrossingMs": {"p50": round(percentile(crossings, 0.5), 1), "p99": round(percentile(crossings, 0.99), 1)}
    if crossings else None,
    "nodeMs": {"p50": round(percentile(nodes, 0.5), 1), "p99": round(percentile(nodes, 0.99), 1)},
    "beyondTheNodeMs": {"p50": round(percentile(own, 0.5), 1), "p99": round(percentile(own, 0.99), 1)},
    "evaluatedABlock": round(statistics.mean(evaluated), 1), "messagesABlock": round(statistics.mean(messages), 1),
    "httpRequestsABlock": round(statistics.mean(rounds), 1), "cpuMsABlock": round((used - cpu) / BLOCKS * 1e3, 1),
    "residentMiB": round(resident), "checks": checks, "wrong": wrong, "complaints": reader.complaints[:5],
}))
sys.exit(1 if wrong or reader.complaints else 0)
