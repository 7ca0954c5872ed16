"""Ways in which real nodes fail, each switched on by name, each with its own seeded randomness.

A fault's value is `true` or a number: a probability where the fault is random, else what its line below says.
"""

import random
import time

from . import limits, logquery, formats
from .errors import INVALID_PARAMS, INVALID_REQUEST, RpcError
from .formats import Raw

NAMES = {
    "seed": "of all randomness below (default 1)",
    "latencyMs": "milliseconds before each answer, or [least, most]",
    "errorRate": "probability of HTTP 500",
    "rateLimit": "requests a second beyond which HTTP 429 is answered; rateLimitStyle \"json\" answers -32005 instead",
    "rateLimitStyle": "http or json",
    "retryAfter": "seconds named by Retry-After (default 1)",
    "rangeLimit": "most blocks of one eth_getLogs",
    "rangeLimitText": "whose words: " + ", ".join(limits.RANGE_TEXTS),
    "resultLimit": "most logs of one eth_getLogs",
    "resultLimitText": "whose words: " + ", ".join(limits.RESULT_TEXTS),
    "truncateLogs": "silently ends every eth_getLogs after so many logs",
    "dropLogs": "probability with which each log is silently left out of eth_getLogs",
    "noBlockReceipts": "eth_getBlockReceipts does not exist",
    "dropBatchMembers": "probability that a member of a batch is not answered",
    "duplicateBatchMembers": "probability that a member of a batch is answered twice",
    "shuffleBatch": "answers of a batch in random order",
    "wrongIds": "probability that an answer carries another id",
    "stringIds": "ids come back as strings",
    "batchLimit": "most members of a batch",
    "noBatch": "batches are refused",
    "noStateOverride": "a third parameter of eth_call is an error",
    "dropOverride": "a third parameter of eth_call is ignored",
    "noEip1898": "block objects are refused",
    "noMulticall": "no code at Multicall3's address",
    "returnCap": "most bytes that eth_call may return; returnCapText \"erigon\" or \"bor\"",
    "returnCapText": "erigon or bor",
    "callGasCap": "most gas of one eth_call",
    "staleHead": "the newest so many blocks are not known yet",
    "wrongHead": "probability that a block by number carries another hash",
    "wrongChainId": "after so many HTTP requests eth_chainId is another",
    "htmlBody": "probability of an HTML page instead of JSON",
    "truncatedBody": "probability that a body ends early",
    "slowBody": "seconds over which a body is dripped out",
    "deepJson": "answers are arrays nested so deep",
    "hugeBody": "answers are followed by so many spaces",
    "lieStorage": "probability that a byte of an eth_call result is another",
}
_ERIGON = "call returned result on length {0} exceeding --rpc.returndata.limit {1}"
_TOO_FAST = (b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"project ID request rate exceeded",'
             b'"data":{"rate":{"backoff_seconds":1}}}}')
_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>"
_BOR = "call returned result of length {0} exceeding limit {1}"


class Faults:
    """The active faults and what they do at each stage of a request."""

    def __init__(self, node):
        self.node = node
        self.active = {}
        self._random = {}
        self._requests = 0
        self._tokens = None
        self._filled = 0.0
        self._gas_cap = node.methods.caller.gas_cap

    def set(self, faults: dict) -> None:
        """Switch faults on; `null` or `false` switches one off."""
        unknown = set(faults) - set(NAMES)
        if unknown:
            raise RpcError(INVALID_PARAMS, f"no such fault: {', '.join(sorted(unknown))}")
        for name, table in (("rangeLimitText", limits.RANGE_TEXTS), ("resultLimitText", limits.RESULT_TEXTS)):
            if faults.get(name) not in (None, False) and faults[name] not in table:
                raise RpcError(INVALID_PARAMS, f"no such {name}: {faults[name]}")
        self.active = {k: v for k, v in (self.active | faults).items() if v is not None and v is not False}
        self._random.clear()
        self._requests, self._tokens = 0, None
        self._configure()

    def clear(self) -> None:
        """Behave."""
        self.active = {}
        self._configure()

    def _configure(self) -> None:
        caller = self.node.methods.caller
        caller.return_cap = self.get("returnCap")
        caller.return_text = _ERIGON if self.get("returnCapText") == "erigon" else _BOR
        caller.gas_cap = int(self.get("callGasCap", self._gas_cap))
        caller.eip1898 = "noEip1898" not in self.active
        self.node.chain.lag = int(self.get("staleHead", 0))

    def get(self, name: str, default=None):
        return self.active.get(name, default)

    def rng(self, name: str) -> random.Random:
        """This fault's own randomness."""
        return self._random.setdefault(name, random.Random(f"{self.get('seed', 1)} {name}"))

    def strikes(self, name: str) -> bool:
        """Whether a random fault happens now."""
        return name in self.active and self.rng(name).random() < float(self.active[name])

    # Stages of a request

    def before(self, reply_type):
        """An answer given instead of looking at the request, or None."""
        if not self.active:
            return None
        self._requests += 1
        if self.strikes("errorRate"):
            return reply_type(500, b"Internal Server Error", "text/plain")
        if "rateLimit" in self.active and self._limited():
            if self.get("rateLimitStyle", "http") == "json":
                return reply_type(200, _TOO_FAST)
            headers = {"Retry-After": str(self.get("retryAfter", 1))}
            return reply_type(429, b'{"jsonrpc":"2.0","id":null,"error":{"code":429,"message":"Too Many Requests"}}', headers=headers)
        if self.strikes("htmlBody"):
            return reply_type(200, _PAGE, "text/html")
        if "deepJson" in self.active:
            depth = 100_000 if self.active["deepJson"] is True else int(self.active["deepJson"])
            return reply_type(200, b'{"jsonrpc":"2.0","id":1,"result":' + b"[" * depth + b"]" * depth + b"}")
        return None

    def _limited(self) -> bool:
        """A token bucket, one second deep."""
        rate, now = float(self.active["rateLimit"]), time.monotonic()
        if self._tokens is None:
            self._tokens, self._filled = max(1.0, rate), now
        self._tokens = min(max(1.0, rate), self._tokens + (now - self._filled) * rate)
        self._filled = now
        if self._tokens < 1:
            return True
        self._tokens -= 1
        return False

    def around(self, method: str, params):
        """The answer to one call, spoilt where a fault says so."""
        methods = self.node.methods
        if not self.active:
            return methods.answer(method, params)
        if method == "eth_chainId" and "wrongChainId" in self.active and self._requests > int(self.active["wrongChainId"]):
            return hex(self.node.chain.chain_id + 1)
        if method == "eth_getLogs" and params:
            return self._logs(params)
        if method == "eth_getBlockReceipts" and "noBlockReceipts" in self.active:
            raise RpcError(-32601, f"the method {method} does not exist/is not available")
        if method == "eth_call":
            params = self._call_parameters(params)
        if "noMulticall" in self.active and self._asks_multicall(method, params):
            return "0x"
        result = methods.answer(method, params)
        if method == "eth_getBlockByNumber" and result and self.strikes("wrongHead"):
            result["hash"] = "0x" + bytes(b ^ 0x5A for b in bytes.fromhex(result["hash"][2:])).hex()
        if method == "eth_call" and len(result) > 2 and self.strikes("lieStorage"):
            result = self._altered(result)
        return result

    def _call_parameters(self, params):
        if len(params) > 2 and "noStateOverride" in self.active:
            raise RpcError(INVALID_PARAMS, "too many arguments, want at most 2")
        return params[:2] if "dropOverride" in self.active else params

    def _asks_multicall(self, method: str, params) -> bool:
        target = None
        if method == "eth_getCode" and params:
            target = params[0]
        elif method == "eth_call" and params and isinstance(params[0], dict):
            target = params[0].get("to")
        return isinstance(target, str) and target.lower() == self.node.MULTICALL3

    def _altered(self, result: str) -> str:
        rng = self.rng("lieStorage altered")
        data = bytearray.fromhex(result[2:])
        # The low bytes of a word: the lie stays plausible.
        at = rng.randrange(len(data)) | 0x1F
        data[min(at, len(data) - 1)] ^= rng.randrange(1, 256)
        return "0x" + data.hex()

    def _logs(self, params) -> Raw:
        chain = self.node.chain
        try:
            query = logquery.Query(chain, params[0])
        except ValueError as failure:
            raise RpcError(INVALID_PARAMS, f"invalid argument: {failure}") from None
        if "rangeLimit" in self.active and query.count > int(self.active["rangeLimit"]):
            raise limits.range_error(self.get("rangeLimitText", "geth"), int(self.active["rangeLimit"]), query.first, query.last)
        found = logquery.collect(chain, query)
        limit = self.get("resultLimit")
        if limit is not None and len(found) > int(limit) and query.count > 1:
            complete = max(query.first, found[int(limit)].block - 1)
            raise limits.result_error(self.get("resultLimitText", "infura"), int(limit), query.first, query.last, complete)
        if "truncateLogs" in self.active:
            found = found[:int(self.active["truncateLogs"])]
        if "dropLogs" in self.active:
            found = [log for log in found if not self.strikes("dropLogs")]
        return formats.logs(found, chain.blocks)

    def identity(self, identity):
        """The id an answer carries."""
        if self.strikes("wrongIds"):
            return identity + 1_000_000 if isinstance(identity, int) else "another"
        return str(identity) if "stringIds" in self.active and isinstance(identity, int) else identity

    def refuses_batch(self, count: int) -> RpcError | None:
        """The error for a whole batch, if it is refused."""
        if "noBatch" in self.active:
            return RpcError(INVALID_REQUEST, "batch requests are not supported")
        if "batchLimit" in self.active and count > int(self.active["batchLimit"]):
            return RpcError(INVALID_REQUEST, "batch too large")
        return None

    def batch(self, answers: list) -> list:
        """The members of a batch as they come back."""
        if not self.active:
            return answers
        answers = [a for a in answers if not self.strikes("dropBatchMembers")]
        answers = [copy for a in answers for copy in ([a, a] if self.strikes("duplicateBatchMembers") else [a])]
        if "shuffleBatch" in self.active:
            self.rng("shuffleBatch").shuffle(answers)
        return answers

    def after(self, reply):
        """The whole answer as it goes out."""
        if not self.active:
            return reply
        if "latencyMs" in self.active:
            span = self.active["latencyMs"]
            reply.delay = (self.rng("latencyMs").uniform(*span) if isinstance(span, list) else float(span)) / 1000
        if "hugeBody" in self.active:
            reply.body += b" " * int(self.active["hugeBody"])
        if "slowBody" in self.active:
            reply.slow = float(self.active["slowBody"])
        if self.strikes("truncatedBody"):
            reply.declared_length = len(reply.body)
            reply.body, reply.close = reply.body[:len(reply.body) // 2], True
        return reply

