"""How nodes and providers say that a log query is too large, word for word."""

from .errors import RpcError

# name → (code, text). `{n}` is the limit, `{a}`–`{b}` a range that would do, hexadecimal as {ha}, {hb}.
RANGE_TEXTS = {
    "geth": (-32602, "exceed maximum block range {n}"),
    "bsc": (-32701, "exceed maximum block range: {n}"),
    "reth": (-32602, "query exceeds max block range {n}"),
    "besu": (-32005, "Requested range exceeds maximum RPC range limit"),
    "quicknode": (-32614, "eth_getLogs is limited to a {n:,} range"),
    "1rpc": (-32000, "eth_getLogs is limited to a {n} blocks range"),
    "blockpi": (-32602, "eth_getLogs is limited to {n} block range"),
    "alchemy": (-32600, "Under the Free tier plan, you can make eth_getLogs requests with up to a {n} block range. "
                        "Based on your parameters, this block range should work: [{ha}, {hb}]"),
    "alchemyHint": (-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no "
                            "limit on the response size, or you can request any block range with a cap of 10K logs in the "
                            "response. Based on your parameters and the response size limit, this block range should work: "
                            "[{ha}, {hb}]"),
    "ankr": (-32600, "block range is too wide"),
    "ankrTac": (-32000, "maximum [from, to] blocks distance: {n}"),
    "moonbeam": (-32603, "block range is too wide (maximum {n})"),
    "chainstack": (-32000, "Block range limit exceeded. See more details at the documentation."),
    "cloudflare": (-32047, "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: {n}"),
    "thirdweb": (-32000, "Maximum allowed number of requested blocks is {n}"),
    "avalanche": (-32000, "requested too many blocks from {a} to {to}, maximum is set to {n}"),
    "coinbase": (-32602, "please limit the query to at most {n} blocks"),
    "blast": (-32600, "request exceeds the range allowed for your plan ({count} > {n})"),
    "swell": (-32000, "block range greater than {n} max"),
    "somnia": (-32000, "block range exceeds {n}"),
    "harmony": (-32000, "query must be smaller than size {n}"),
    "aurora": (-32000, "up to a {n} block range"),
    "tron": (-32602, "exceed max block range: {n}"),
    "merkle": (-32602, "eth_getLogs range is too large, max is {k}k blocks"),
    "base": (-32000, "block range too large, maximum allowed is {n} blocks"),
    "drpc": (35, "ranges over {n} blocks are not supported on freetier"),
    "eRPC": (-32012, "getLogs range threshold exceeded: {count}, exceeded max allowed {n}"),
}
RESULT_TEXTS = {
    "infura": (-32005, "query returned more than {n} results. Try with this block range [{ha}, {hb}]."),
    "infuraPlain": (-32005, "query returned more than {n} results"),
    "infuraTimeout": (-32005, "query timeout exceeded"),
    "reth": (-32602, "query exceeds max results {n}, retry with the range {a}-{b}"),
    "geth": (-32003, "response too large"),
    "arbitrum": (-32000, "logs matched by query exceeds limit of {n}"),
    "llama": (-32602, "query exceeds max results {n}"),
    "1rpc": (-32000, "response size should not greater than {n} bytes"),
    "jsonrpsee": (-32008, "Response is too big"),
    "alchemy": RANGE_TEXTS["alchemyHint"],
    "optimism": (-32000, "backend response too large"),
}


def range_error(name: str, limit: int, first: int, last: int) -> RpcError:
    """The error for a span wider than `limit` blocks."""
    return _error(RANGE_TEXTS, name, limit, first, last, first + limit - 1)


def result_error(name: str, limit: int, first: int, last: int, complete: int) -> RpcError:
    """The error for more than `limit` logs; up to block `complete` they would fit."""
    failure = _error(RESULT_TEXTS, name, limit, first, last, complete)
    if name == "infura":
        failure.data = {"from": hex(first), "to": hex(complete), "limit": limit}
    elif name == "jsonrpsee":
        failure.data = f"Exceeded max limit of {limit}"
    return failure


def _error(texts: dict, name: str, limit: int, first: int, last: int, end: int) -> RpcError:
    code, text = texts[name]
    return RpcError(code, text.format(n=limit, k=limit // 1000, a=first, b=end, to=last, ha=hex(first), hb=hex(end),
                                      count=last - first + 1))
