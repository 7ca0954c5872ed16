"""What an endpoint does wrong with logs: limits in many words, silent cuts, and single logs that are lied about."""

import json
from dataclasses import replace

from . import formats, limits, logquery
from .blocks import Log
from .errors import INVALID_PARAMS, RpcError
from .formats import Raw
from .hashing import parse_address, unhex

_KEYS = {"address", "topic0", "blockNumber", "fromBlock", "logIndex", "count", "what", "receipts"}
KINDS = ("lieLog", "omitLog", "dupLog")


class LogFaults:
    """The log faults of one endpoint."""

    def __init__(self, faults):
        self.faults = faults
        self._picked: dict[str, set] = {}

    def reset(self) -> None:
        self._picked.clear()

    @staticmethod
    def check(name: str, value) -> None:
        """Refuse what does not describe a log."""
        if isinstance(value, dict) and set(value) - _KEYS:
            raise RpcError(INVALID_PARAMS, f"{name}: unknown keys {sorted(set(value) - _KEYS)}")

    def answer(self, view, params) -> Raw:
        """`eth_getLogs`."""
        active = self.faults.active
        try:
            query = logquery.Query(view, params[0])
        except ValueError as failure:
            raise RpcError(INVALID_PARAMS, f"invalid argument: {failure}") from None
        if "rangeLimit" in active and query.count > int(active["rangeLimit"]):
            text = self.faults.get("rangeLimitText", "geth")
            raise limits.range_error(text, int(active["rangeLimit"]), query.first, query.last)
        found = logquery.collect(view, query)
        limit = active.get("resultLimit")
        if limit is not None and len(found) > int(limit) and query.count > 1:
            complete = max(query.first, found[int(limit)].block - 1)
            text = self.faults.get("resultLimitText", "infura")
            raise limits.result_error(text, int(limit), query.first, query.last, complete)
        found = self.spoilt(view, found)
        if "truncateLogs" in active:
            found = found[:int(active["truncateLogs"])]
        if "dropLogs" in active:
            found = [log for log in found if not self.faults.strikes("dropLogs")]
        return formats.logs(found, view.blocks)

    def spoilt(self, view, found: list) -> list:
        """Logs as they are told: one altered, one missing, one twice."""
        if not any(name in self.faults.active for name in KINDS):
            return found
        altered, omitted, doubled = (self._chosen(name, view) for name in KINDS)
        told = []
        for log in found:
            place = (log.block, log.index)
            if place not in omitted:
                log = self._altered(log) if place in altered else log
                told += [log, log] if place in doubled else [log]
        return told

    def receipts(self, view, method: str, result):
        """Receipts, altered where `lieLog` says so."""
        spec = self.faults.get("lieLog")
        if not isinstance(spec, dict) or not spec.get("receipts") or not result:
            return result
        chosen, receipts = self._chosen("lieLog", view), json.loads(result)
        for receipt in receipts if isinstance(receipts, list) else [receipts]:
            for at, log in enumerate(receipt["logs"]):
                if (place := (int(log["blockNumber"], 16), int(log["logIndex"], 16))) in chosen:
                    block = view.blocks[place[0]]
                    true = next(g for r in block.receipts for g in r.logs if g.index == place[1])
                    receipt["logs"][at] = formats.log_object(self._altered(true), block)
        return receipts

    def _chosen(self, name: str, view) -> set:
        """(block, index) of the logs that a fault is about: chosen once, among those that match."""
        if name not in self.faults.active:
            return set()
        if not self._picked.get(name):
            spec = self.faults.active[name]
            spec = spec if isinstance(spec, dict) else {}
            tip = view.tip.number
            among = [g for g in view.logs.logs if g.block <= tip and _matches(g, spec)]
            count = min(int(spec.get("count", 1)), len(among))
            self._picked[name] = {(g.block, g.index) for g in self.faults.rng(name).sample(among, count)}
        return self._picked[name]

    def _altered(self, log: Log) -> Log:
        spec = self.faults.active["lieLog"]
        what = spec.get("what", "data") if isinstance(spec, dict) else "data"
        if what == "address":
            return replace(log, address=log.address[:-1] + f"{int(log.address[-1], 16) ^ 1:x}")
        if log.topics and (what == "topic" and len(log.topics) > 1 or not log.data):
            return replace(log, topics=(*log.topics[:-1], _turned(log.topics[-1])))
        return replace(log, data=_turned(log.data) if log.data else b"\x01")


def _turned(data: bytes) -> bytes:
    return data[:-1] + bytes((data[-1] ^ 1,))


def _matches(log: Log, spec: dict) -> bool:
    return (
        ("address" not in spec or log.address == parse_address(spec["address"]))
        and ("topic0" not in spec or log.topics[:1] == (unhex(spec["topic0"]),))
        and ("blockNumber" not in spec or log.block == _number(spec["blockNumber"]))
        and log.block >= _number(spec.get("fromBlock", 0))
        and ("logIndex" not in spec or log.index == _number(spec["logIndex"])))


def _number(given) -> int:
    return int(given, 16) if isinstance(given, str) else int(given)
