#!/usr/bin/env python3
"""A keeper that acts on the feed alone: reads messages on standard input, sends the plans that they hold.

It is made to be a `child` sink of `plimsoll watch` (or to stand behind a pipe from it):

    {"name": "keeper", "kind": "child", "command": ["/usr/bin/python3", "keeper.py", "--rpc", URL, "--from", ADDRESS]}

The node at --rpc signs for --from (`eth_sendTransaction`), as a development chain or a signing proxy does: no key is
ever here. What is repaid has to be there: this example takes no flash loans. Every decision is a line of JSON on standard
output, and so is `{"ack": "stream:seq"}` once a block is dealt with, so that a restart goes on behind it.

What it takes care of, as any keeper has to:

* it acts only once a block is complete (its `head` came) and while the stream is `live`, or once it is;
* what a `retract` takes back it forgets, and a `gap` makes it wait until the stream is live again;
* before it sends, it asks the contract once more (`valid.requires`), and tries the call itself;
* it never tries the same revision of a position twice, and none whose prices were rejected.

Nothing but Python's standard library is needed.
"""

import argparse
import json
import sys
import time
import urllib.request

ALLOWANCE, APPROVE, BALANCE = "0xdd62ed3e", "0x095ea7b3", "0x70a08231"
SMALLER = {"<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, "!=": lambda a, b: a != b}


class Refused(Exception):
    """Why something was not done."""


class Over(Refused):
    """It cannot be liquidated any more, by whatever plan."""


class Node:
    """The few methods that a keeper needs."""

    def __init__(self, url: str, sender: str, patience: float):
        self.url, self.sender, self.patience = url, sender, patience

    def ask(self, method: str, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=self.patience) as answer:
                reply = json.loads(answer.read(1 << 20))
        except (OSError, ValueError) as error:
            raise Refused(f"{method}: {type(error).__name__}") from error
        if "error" in reply:
            raise Refused(f"{method}: {str(reply['error'].get('message'))[:200]}")
        return reply["result"]

    def words(self, to: str, data: str) -> list:
        answer = self.ask("eth_call", {"from": self.sender, "to": to, "data": data}, "latest")[2:]
        return [int(answer[i:i + 64], 16) for i in range(0, len(answer) - 63, 64)]

    def send(self, to: str, data: str, value: int = 0) -> dict:
        """Tries a call, sends it, and waits for its receipt."""
        call = {"from": self.sender, "to": to, "data": data, "value": hex(value)}
        self.ask("eth_call", call, "latest")
        call["gas"] = hex(int(self.ask("eth_estimateGas", call), 16) * 13 // 10)
        digest = self.ask("eth_sendTransaction", call)
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            receipt = self.ask("eth_getTransactionReceipt", digest)
            if receipt:
                if int(receipt["status"], 16) != 1:
                    raise Refused(f"{digest} reverted")
                return receipt
            time.sleep(0.05)
        raise Refused(f"{digest} has no receipt yet")


def word(number: int) -> str:
    return f"{number:064x}"


def address(text: str) -> str:
    return word(int(text, 16))


class Keeper:
    """What stands in the streams, and what was made of it."""

    def __init__(self, node: Node, least: int):
        self.node, self.least = node, least
        self.open = {}  # id: the newest record that can be acted on
        self.live = {}  # stream: whether it may be acted on
        self.tried = set()  # (id, rev)

    def say(self, decision: str, record: dict, **more):
        who = {"id": record["id"], "rev": record["rev"], "account": record["account"]}
        print(json.dumps({"decision": decision, **who, **more}), flush=True)

    def take(self, message: dict):
        kind, stream = message["type"], message.get("stream", "")
        if kind == "snapshot":
            self.open = {i: r for i, r in self.open.items() if r["stream"] != stream}
        elif kind == "opportunity":
            self.open[message["id"]] = message
        elif kind in ("watch", "close"):
            self.open.pop(message["id"], None)
        elif kind == "retract":
            for revision in message["revisions"]:
                known = self.open.get(revision["id"])
                if known and known["rev"] <= revision["rev"]:
                    del self.open[revision["id"]]
        elif kind == "gap":
            self.live[stream] = False
        elif kind == "status":
            self.live[stream] = message["status"] == "live"
            # What the block before it brought waits for nothing else: the next block may take its time.
            self.look(stream)
        elif kind == "head":
            self.look(stream)
            print(json.dumps({"ack": f"{stream}:{message['seq']}"}), flush=True)

    def look(self, stream: str):
        if self.live.get(stream, True):
            for record in [r for r in self.open.values() if r["stream"] == stream]:
                self.act(record)

    def act(self, record: dict):
        revision = (record["id"], record["rev"])
        if revision in self.tried:
            return
        self.tried.add(revision)
        if record.get("match") == "differs":
            return self.say("skipped", record, why="the contract says something else")
        if record.get("liquidatable") is not True:
            # It falls once a price that is on its way has arrived: this example waits until it has.
            return self.say("skipped", record, why="it cannot be liquidated yet")
        if (record.get("oracle") or {}).get("verdict") == "reject":
            return self.say("skipped", record, why="a price that it stands on is not to be trusted")
        reasons = []
        for plan in record.get("plans") or []:
            try:
                return self.say("sent", record, **self.execute(plan))
            except Over as why:
                return self.say("skipped", record, why=[str(why)])
            except Refused as why:
                reasons.append(str(why))
        # A record without plans says why it has none.
        reasons += [u["reason"] for u in record.get("unknown", []) if u["field"] == "plans"]
        self.say("skipped", record, why=reasons or ["no plan"])

    def execute(self, plan: dict) -> dict:
        if int(plan["gross"]["base"]) < self.least:
            raise Refused(f"it brings {plan['gross']['base']}")
        if any(step["data"] is None for step in plan["steps"]):
            raise Refused("a call names its sender: plan with --sender")
        self.recheck(plan["valid"]["requires"])
        token, repay = plan["pair"]["debtAsset"], int(plan["repay"])
        # Interest until inclusion is a little more than the plan has.
        needed = repay + repay // 1_000 + 2
        if self.node.words(token, BALANCE + address(self.node.sender))[0] < needed:
            raise Refused("the debt asset is not there")
        allowed = self.node.words(token, ALLOWANCE + address(self.node.sender) + address(plan["spender"]))[0]
        if allowed < needed:
            self.node.send(token, APPROVE + address(plan["spender"]) + word(needed))
        gas, hashes = 0, []
        for step in plan["steps"]:
            receipt = self.node.send(step["to"], step["data"], int(step["value"]))
            gas += int(receipt["gasUsed"], 16)
            hashes.append(receipt["transactionHash"])
        return {"size": plan["size"], "repay": plan["repay"], "seize": plan["seize"], "gasUsed": gas, "tx": hashes}

    def recheck(self, requires):
        """The call that says whether it can still be liquidated: `word 5 < 1000000000000000000`."""
        if not requires:
            return
        _, place, sign, bound = requires["condition"].split()
        words = self.node.words(requires["to"], requires["data"])
        if int(place) >= len(words) or not SMALLER[sign](words[int(place)], int(bound)):
            raise Over(f"it does not hold any more: {requires['condition']}")


def main():
    parser = argparse.ArgumentParser(description="Sends the plans of a feed.")
    parser.add_argument("--rpc", required=True, help="a node that signs for --from")
    parser.add_argument("--from", dest="sender", required=True, help="who sends, and holds what is repaid")
    parser.add_argument("--min-gross", type=int, default=1, help="least gross of a plan, in the market's base units")
    parser.add_argument("--patience", type=float, default=30, help="seconds to wait for an answer or a receipt")
    options = parser.parse_args()
    keeper = Keeper(Node(options.rpc, options.sender, options.patience), options.min_gross)
    for line in sys.stdin.buffer:
        if line.strip():
            keeper.take(json.loads(line))


if __name__ == "__main__":
    main()
