"""`eth_getLogs`: parse a filter, refuse what Geth refuses, find the logs."""

from . import blockref
from .chain import Chain
from .errors import INVALID_PARAMS, SERVER, RpcError
from .hashing import parse_address, unhex

MAX_ADDRESSES = MAX_SUBTOPICS = 1000


class Query:
    """A parsed filter: block span, address set, topic choices."""

    def __init__(self, chain: Chain, query: dict):
        if not isinstance(query, dict):
            raise RpcError(INVALID_PARAMS, "invalid argument 0: json: cannot unmarshal into Go value of type filters.input")
        self.addresses, self.topics = choices(query)
        if query.get("blockHash") is not None:
            if query.get("fromBlock") is not None or query.get("toBlock") is not None:
                raise RpcError(INVALID_PARAMS, "invalid argument 0: cannot specify both BlockHash and FromBlock/ToBlock, "
                                               "choose one or the other")
            block = blockref.by_hash(chain, unhex(query["blockHash"]))
            if block is None:
                raise RpcError(SERVER, "unknown block")
            self.first = self.last = block.number
            return
        self.first = _number(chain, query.get("fromBlock"))
        self.last = _number(chain, query.get("toBlock"))
        head = chain.tip.number
        if self.first > self.last:
            raise RpcError(INVALID_PARAMS, "invalid block range params")
        if self.first > head or self.last > head:
            raise RpcError(INVALID_PARAMS, "block range extends beyond current head block")

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def run(chain: Chain, query: dict) -> list:
    """The logs that match."""
    return collect(chain, Query(chain, query))


def collect(chain: Chain, query: Query) -> list:
    """The logs of a parsed filter."""
    start = chain.blocks[query.first].first_log
    last = chain.blocks[query.last]
    end = last.first_log + sum(len(r.logs) for r in last.receipts)
    return list(chain.logs.find(start, end, query.addresses, query.topics))


def choices(query: dict) -> tuple:
    """The addresses of a filter, and the topics wanted at each position; an empty set or None is any."""
    return _addresses(query.get("address")), [_choices(t) for t in _topic_list(query.get("topics"))]


def _number(chain: Chain, ref) -> int:
    if ref is None:
        return chain.tip.number
    block = blockref.by_tag(chain, ref) if isinstance(ref, str) else None
    if block:
        return block.number
    if not isinstance(ref, str) or not ref.startswith("0x") or len(ref) > 18:
        raise RpcError(INVALID_PARAMS, "invalid argument 0: hex string without 0x prefix")
    return int(ref, 16)


def _addresses(given) -> set:
    if given is None:
        return set()
    if isinstance(given, str):
        given = [given]
    if len(given) > MAX_ADDRESSES:
        raise RpcError(INVALID_PARAMS, f"exceed max addresses or topics per search position ({MAX_ADDRESSES})")
    return {parse_address(a) for a in given}


def _topic_list(given) -> list:
    if given is None:
        return []
    if not isinstance(given, list):
        raise RpcError(INVALID_PARAMS, "invalid argument 0: invalid topic(s)")
    if len(given) > 4:
        raise RpcError(INVALID_PARAMS, "exceed max topics")
    return given


def _choices(given) -> set | None:
    if given is None or given == []:
        return None
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list):
        raise RpcError(INVALID_PARAMS, "invalid argument 0: invalid topic(s)")
    if len(given) > MAX_SUBTOPICS:
        raise RpcError(INVALID_PARAMS, f"exceed max addresses or topics per search position ({MAX_SUBTOPICS})")
    if any(t is None for t in given):
        return None
    topics = {unhex(t) for t in given}
    if any(len(t) != 32 for t in topics):
        raise RpcError(INVALID_PARAMS, "invalid argument 0: hex has invalid length after decoding; expected 32 for topic")
    return topics
