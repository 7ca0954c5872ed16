"""Ways in which real nodes fail, each switched on by name, each with its own seeded randomness.

`faultnames` says what there is; here is what happens at each stage of a request. What concerns logs is in `logfaults`,
storage in `lies`, bodies without end in `bodies`, frames in `websocket`.
"""

import random
import time

from . import bodies, limits
from .errors import INVALID_PARAMS, INVALID_REQUEST, NO_METHOD, RpcError
from .faultnames import ALIASES, NAMES
from .headerfaults import HeaderFaults
from .lies import Lies
from .logfaults import KINDS as LOG_KINDS
from .logfaults import LogFaults
from .reply import Reply
from .websocket import BAD_FRAMES

_ERIGON = "call returned result on length {0} exceeding --rpc.returndata.limit {1}"
_BOR = "call returned result of length {0} exceeding limit {1}"
_TOO_FAST = (b'{"jsonrpc":"2.0","id":null,"error":{"code":-32005,"message":"project ID request rate exceeded",'
             b'"data":{"rate":{"backoff_seconds":1}}}}')
_TOO_MANY = b'{"jsonrpc":"2.0","id":null,"error":{"code":429,"message":"Too Many Requests"}}'
_PAGE = b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body></body></html>"
_ABSENT = {"noBlockReceipts": "eth_getBlockReceipts", "noProof": "eth_getProof"}
_RECEIPTS = ("eth_getBlockReceipts", "eth_getTransactionReceipt")


class Faults:
    """The active faults of one endpoint and what they do at each stage of a request."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.active = {}
        self.logs = LogFaults(self)
        self.headers = HeaderFaults(self)
        self._random = {}
        self._requests = 0
        self._tokens = None
        self._filled = 0.0
        self._gas_cap = endpoint.methods.caller.gas_cap

    def set(self, faults: dict) -> None:
        """Switch faults on; `null` or `false` switches one off."""
        faults = {ALIASES.get(name, name): value for name, value in faults.items()}
        wanted = {k: v for k, v in (self.active | faults).items() if v is not None and v is not False}
        before, self.active = self.active, wanted
        try:
            self._check(faults)
            self._configure()
        except (RpcError, TypeError, ValueError) as failure:
            self.active = before
            self._configure()
            if isinstance(failure, RpcError):
                raise
            raise RpcError(INVALID_PARAMS, f"not a value of this fault: {failure}") from None

    def _check(self, faults: dict) -> None:
        if unknown := set(faults) - set(NAMES):
            raise RpcError(INVALID_PARAMS, f"no such fault: {', '.join(sorted(unknown))}")
        for name, table in (("rangeLimitText", limits.RANGE_TEXTS), ("resultLimitText", limits.RESULT_TEXTS),
                            ("hugeBodyKind", bodies.KINDS), ("wsBadFrame", (True, *BAD_FRAMES))):
            value = faults[name].get("kind", True) if isinstance(faults.get(name), dict) else faults.get(name)
            if value not in (None, False) and value not in table:
                raise RpcError(INVALID_PARAMS, f"no such {name}: {value}")
        for name in LOG_KINDS:
            LogFaults.check(name, faults.get(name))

    def clear(self) -> None:
        """Behave."""
        self.active = {}
        self._configure()

    def _configure(self) -> None:
        self._random.clear()
        self._requests, self._tokens = 0, None
        caller, lie = self.endpoint.methods.caller, self.get("lieStorage")
        caller.return_cap = self.get("returnCap")
        caller.return_text = _ERIGON if self.get("returnCapText") == "erigon" else _BOR
        caller.gas_cap = int(self.get("callGasCap", self._gas_cap))
        caller.eip1898 = "noEip1898" not in self.active
        caller.lies = Lies(lie, self._seed("lieStorage")) if isinstance(lie, (dict, list)) else None
        self.endpoint.view.lag = int(self.get("staleHead", 0))
        self.logs.reset()
        self.headers.configure()

    def get(self, name: str, default=None):
        return self.active.get(name, default)

    def _seed(self, name: str) -> str:
        index = self.endpoint.index
        return f"{self.get('seed', 1)} {name}" + (f" of endpoint {index}" if index else "")

    def rng(self, name: str) -> random.Random:
        """This fault's own randomness."""
        if name not in self._random:
            self._random[name] = random.Random(self._seed(name))
        return self._random[name]

    def strikes(self, name: str, thing: str | None = None) -> bool:
        """Whether a random fault happens now; about one `thing` the answer is always the same."""
        if name not in self.active:
            return False
        rng = self.rng(name) if thing is None else random.Random(f"{self._seed(name)} {thing}")
        return rng.random() < float(self.active[name])

    # Stages of a request

    def before(self) -> Reply | None:
        """An answer given instead of looking at the request."""
        if not self.active:
            return None
        self._requests += 1
        if self.strikes("dropConnection"):
            return Reply(200, b"", drop=True)
        if self.strikes("errorRate"):
            return Reply(500, b"Internal Server Error", "text/plain")
        if "rateLimit" in self.active and self._limited():
            if self.get("rateLimitStyle", "http") == "json":
                return Reply(200, _TOO_FAST)
            return Reply(429, _TOO_MANY, headers={"Retry-After": str(self.get("retryAfter", 1))})
        if self.strikes("htmlBody"):
            return Reply(200, _PAGE, "text/html")
        if self.strikes("garbage"):
            rng = self.rng("garbage bytes")
            return Reply(200, rng.randbytes(rng.randrange(1, 4096)))
        return self._endless()

    def _endless(self) -> Reply | None:
        """An answer that is made while it is sent."""
        if "gzipBomb" in self.active:
            stream = bodies.gzip_bomb(bodies.amount(self.active["gzipBomb"], bodies.MEGABYTE))
            return Reply(200, b"", headers={"Content-Encoding": "gzip"}, stream=stream)
        if "hugeBody" in self.active:
            size = bodies.amount(self.active["hugeBody"], bodies.GIGABYTE)
            return Reply(200, b"", stream=bodies.huge(self.get("hugeBodyKind", "string"), size))
        if "deepJson" in self.active:
            depth = 100_000 if self.active["deepJson"] is True else int(self.active["deepJson"])
            return Reply(200, b"", stream=bodies.deep(depth))
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
        methods, view = self.endpoint.methods, self.endpoint.view
        if not self.active:
            return methods.answer(method, params)
        if any(_ABSENT.get(name) == method for name in self.active):
            raise RpcError(NO_METHOD, f"the method {method} does not exist/is not available")
        if method in ("eth_chainId", "net_version") and (identity := self._chain_id(method)) is not None:
            return hex(identity) if method == "eth_chainId" else str(identity)
        if method == "eth_getLogs" and params:
            return self.logs.answer(view, params)
        if method == "eth_call":
            params = self._call_parameters(params)
        if "noMulticall" in self.active and self._asks_multicall(method, params):
            return "0x"
        result = methods.answer(method, params)
        if method in _RECEIPTS:
            return self.logs.receipts(view, method, result)
        if result and method in ("eth_getBlockByNumber", "eth_getBlockByHash"):
            return self.headers.spoilt(result, method == "eth_getBlockByNumber")
        if method in ("eth_call", "eth_getStorageAt") and len(result) > 2 and self._lies_at_random():
            return self._altered(result)
        return result

    def _chain_id(self, method: str) -> int | None:
        own = self.endpoint.view.chain_id
        if "wrongChain" in self.active:
            return own + 1 if self.active["wrongChain"] is True else int(self.active["wrongChain"])
        counted = method == "eth_chainId" and "wrongChainId" in self.active
        return own + 1 if counted and self._requests > int(self.active["wrongChainId"]) else None

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
        return isinstance(target, str) and target.lower() == self.endpoint.MULTICALL3

    def _lies_at_random(self) -> bool:
        return not isinstance(self.get("lieStorage"), (dict, list)) and self.strikes("lieStorage")

    def _altered(self, result: str) -> str:
        rng = self.rng("lieStorage altered")
        data = bytearray.fromhex(result[2:])
        # The low bytes of a word: the lie stays plausible.
        at = rng.randrange(len(data)) | 0x1F
        data[min(at, len(data) - 1)] ^= rng.randrange(1, 256)
        return "0x" + data.hex()

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

    def members(self, members: list) -> list:
        """The members of a batch as they are understood: two may have swapped ids."""
        if len(members) < 2 or not self.strikes("swapIds"):
            return members
        members, (one, other) = list(members), self.rng("swapIds members").sample(range(len(members)), 2)
        if isinstance(members[one], dict) and isinstance(members[other], dict):
            ids = members[one].get("id"), members[other].get("id")
            members[one], members[other] = members[one] | {"id": ids[1]}, members[other] | {"id": ids[0]}
        return members

    def batch(self, answers: list) -> list:
        """The members of a batch as they come back."""
        if not self.active:
            return answers
        answers = [a for a in answers if not self.strikes("dropBatchMembers")]
        answers = [copy for a in answers for copy in ([a, a] if self.strikes("duplicateBatchMembers") else [a])]
        if "shuffleBatch" in self.active:
            self.rng("shuffleBatch").shuffle(answers)
        return answers

    def after(self, reply: Reply) -> Reply:
        """The whole answer as it goes out."""
        if not self.active:
            return reply
        if "latencyMs" in self.active:
            span = self.active["latencyMs"]
            reply.delay = (self.rng("latencyMs").uniform(*span) if isinstance(span, list) else float(span)) / 1000
        if "slowBody" in self.active:
            reply.rate = max(1.0, float(self.active["slowBody"]))
        if reply.stream is None and self.strikes("truncatedBody"):
            reply.declared_length = len(reply.body)
            reply.body, reply.close = reply.body[:len(reply.body) // 2], True
        return reply
