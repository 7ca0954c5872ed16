"""From the body of an HTTP request to the body of the answer: envelopes, batches, statistics, faults."""

import json
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

from .errors import INTERNAL, INVALID_REQUEST, PARSE, RpcError
from .formats import Raw
from .reply import Reply

BATCH_LIMIT = 1000


@dataclass
class Stats:
    """What clients asked for."""

    requests: int = 0
    connections: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    batches: int = 0
    largest_batch: int = 0
    errors: int = 0
    sockets: int = 0
    notifications: int = 0
    # What answering took, HTTP and sockets aside.
    answer_seconds: float = 0.0
    methods: Counter = field(default_factory=Counter)

    def as_json(self, gas_used: int) -> dict:
        return {"requests": self.requests, "connections": self.connections, "calls": sum(self.methods.values()),
                "methods": dict(self.methods), "bytesIn": self.bytes_in, "bytesOut": self.bytes_out, "batches": self.batches,
                "largestBatch": self.largest_batch, "errors": self.errors, "callGasUsed": gas_used, "sockets": self.sockets,
                "notifications": self.notifications, "answerSeconds": round(self.answer_seconds, 6)}

    def add(self, other: "Stats") -> None:
        """Count another endpoint's in."""
        for name in ("requests", "connections", "bytes_in", "bytes_out", "batches", "errors", "sockets", "notifications",
                     "answer_seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.largest_batch = max(self.largest_batch, other.largest_batch)
        self.methods += other.methods


class Dispatcher:
    """Answers HTTP bodies with JSON-RPC."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.methods = endpoint.methods
        self.faults = endpoint.faults
        self.stats = Stats()

    def http(self, body: bytes, session=None) -> Reply:
        """The answer to one POST, or to one message of a `session` that can take notifications."""
        began = time.perf_counter()
        control, reply = self._answer(body, session)
        self.stats.answer_seconds += 0 if control else time.perf_counter() - began
        return reply

    def _answer(self, body: bytes, session) -> tuple:
        """Whether it was a control call, and the answer."""
        self.methods.session = session
        try:
            request = json.loads(body)
        except (ValueError, RecursionError):
            return False, Reply(200, _error(None, RpcError(PARSE, "parse error")).encode())
        control = _is_control(request)
        self.stats.requests += not control
        self.stats.bytes_in += 0 if control else len(body)
        if not control:
            early = self.faults.before()
            if early is not None:
                return control, self.faults.after(early) if early.status == 200 else early
        if isinstance(request, list):
            reply = Reply(200, self._batch(request, control).encode())
        else:
            reply = Reply(200, self._single(request, control).encode(), counted=not control)
        return control, reply if control else self.faults.after(reply)

    def _batch(self, members: list, control: bool) -> str:
        self.stats.batches += 1
        self.stats.largest_batch = max(self.stats.largest_batch, len(members))
        if not members:
            return _error(None, RpcError(INVALID_REQUEST, "empty batch"))
        refusal = self.faults.refuses_batch(len(members))
        if len(members) > BATCH_LIMIT:
            refusal = RpcError(INVALID_REQUEST, "batch too large")
        if refusal:
            self.stats.errors += 1
            return _error(None, refusal)
        answers = [self._single(m, control) for m in (members if control else self.faults.members(members))]
        if not control:
            answers = self.faults.batch(answers)
        return "[" + ",".join(answers) + "]"

    def _single(self, request, control: bool) -> str:
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return _error(None, RpcError(INVALID_REQUEST, "invalid request"))
        identity, method, params = request.get("id"), request["method"], request.get("params") or []
        try:
            if control:
                result = self.methods.answer(method, params)
            else:
                self.stats.methods[method] += 1
                identity = self.faults.identity(identity)
                result = self.faults.around(method, params)
        except RpcError as failure:
            self.stats.errors += not control
            return _error(identity, failure)
        except Exception as failure:  # a bug of ours must not end the node
            traceback.print_exc(file=sys.stderr)
            return _error(identity, RpcError(INTERNAL, f"internal error: {failure!r}"))
        text = result if isinstance(result, Raw) else json.dumps(result, separators=(",", ":"))
        return f'{{"jsonrpc":"2.0","id":{json.dumps(identity)},"result":{text}}}'


def _error(identity, failure: RpcError) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": identity, "error": failure.body()}, separators=(",", ":"))


def _is_control(request) -> bool:
    """Control methods are exempt from faults, so that a test can always take them back."""
    return isinstance(request, dict) and str(request.get("method", "")).startswith(("dev_", "evm_"))
