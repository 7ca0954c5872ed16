"""Which block a parameter means: tag, number, hash, or an EIP-1898 object."""

from .blocks import Block
from .chain import Chain
from .errors import INVALID_PARAMS, SERVER, RpcError
from .hashing import quantity, unhex

SAFE_DEPTH, FINALIZED_DEPTH = 32, 64


def by_tag(chain: Chain, tag: str) -> Block | None:
    head = chain.tip.number
    numbers = {"latest": head, "pending": head, "safe": max(0, head - SAFE_DEPTH), "finalized": max(0, head - FINALIZED_DEPTH),
               "earliest": 0}
    number = numbers.get(tag)
    return None if number is None else chain.blocks[number]


def by_hash(chain: Chain, digest: bytes) -> Block | None:
    block = chain.by_hash.get(digest)
    return block if block and block.number <= chain.tip.number else None


def find(chain: Chain, ref) -> Block | None:
    """The block of a tag, quantity or hash, None when there is none; raises on what is no reference."""
    if not isinstance(ref, str):
        raise RpcError(INVALID_PARAMS, "invalid argument: json: cannot unmarshal non-string into Go value of type rpc.BlockNumber")
    block = by_tag(chain, ref)
    if block:
        return block
    try:
        if len(ref) == 66:
            return by_hash(chain, unhex(ref))
        number = quantity(ref)
    except ValueError as failure:
        raise RpcError(INVALID_PARAMS, f"invalid argument: {failure}") from None
    return chain.blocks[number] if number <= chain.tip.number else None


def state(chain: Chain, ref, eip1898: bool = True) -> Block:
    """The block whose state is meant; unknown ones are errors in Geth's words."""
    if ref is None:
        ref = "latest"
    if isinstance(ref, dict):
        if not eip1898:
            raise RpcError(INVALID_PARAMS, "invalid argument 1: json: cannot unmarshal object into Go value of type string")
        if "blockHash" in ref and "blockNumber" in ref:
            raise RpcError(INVALID_PARAMS, "cannot specify both BlockHash and BlockNumber, choose one or the other")
        if "blockHash" in ref:
            block = find(chain, ref["blockHash"])
            if block is None:
                if ref.get("requireCanonical") and unhex(ref["blockHash"]) in chain.orphans:
                    raise RpcError(SERVER, "hash is not currently canonical")
                raise RpcError(SERVER, "header for hash not found")
            return block
        ref = ref.get("blockNumber", "latest")
    block = find(chain, ref)
    if block is None:
        raise RpcError(SERVER, "header for hash not found" if len(ref) == 66 else "header not found")
    return block
