"""The `eth_`, `net_` and `web3_` methods."""

from . import blockref, formats, logquery, proofs, simulate
from .calls import Caller
from .chain import Chain
from .errors import INVALID_PARAMS, NO_METHOD, SERVER, RpcError
from .hashing import hexdata, parse_address, unhex, word

CLIENT = "plimsoll-devchain/v1.0.0/revm"


class Methods:
    """Answers one call at a time; `caller` holds limits that faults may tighten."""

    def __init__(self, chain: Chain, call_gas_cap: int = 50_000_000):
        self.chain = chain
        self.caller = Caller(chain, call_gas_cap)
        self.extra = {}
        self.session = None
        self.chain_id = chain.chain_id

    def answer(self, method: str, params: list):
        """The result of a method, or an `RpcError`."""
        handler = self.extra.get(method) or getattr(self, "m_" + method, None)
        if handler is None:
            raise RpcError(NO_METHOD, f"the method {method} does not exist/is not available")
        if isinstance(params, dict):
            raise RpcError(INVALID_PARAMS, "non-array args")
        try:
            return handler(*params)
        except TypeError as failure:
            if "positional argument" not in str(failure):
                raise
            if "missing" in str(failure):
                raise RpcError(INVALID_PARAMS, f"missing value for required argument {len(params)}") from None
            raise RpcError(INVALID_PARAMS, f"too many arguments, want at most {len(params) - 1}") from None
        except ValueError as failure:
            raise RpcError(INVALID_PARAMS, f"invalid argument: {failure}") from None

    # Identity

    def m_web3_clientVersion(self):
        return CLIENT

    def m_eth_chainId(self):
        return hex(self.chain_id)

    def m_net_version(self):
        return str(self.chain_id)

    def m_eth_syncing(self):
        return False

    def m_eth_accounts(self):
        return []

    def m_eth_gasPrice(self):
        return hex(self.chain.head.header.base_fee + 10**9)

    def m_eth_maxPriorityFeePerGas(self):
        return hex(10**9)

    # Blocks

    def m_eth_blockNumber(self):
        return hex(self.chain.tip.number)

    def m_eth_getBlockByNumber(self, ref, full=False):
        block = blockref.find(self.chain, ref)
        return block and formats.block(block, full)

    def m_eth_getBlockByHash(self, digest, full=False):
        digest = unhex(digest)
        block = blockref.by_hash(self.chain, digest) or self.chain.orphans.get(digest)
        return block and formats.block(block, full)

    def m_eth_getBlockReceipts(self, ref):
        try:
            block = blockref.state(self.chain, ref)
        except RpcError as failure:
            if failure.code == SERVER:
                return None
            raise
        return formats.Raw("[" + ",".join(formats.receipt(block, i) for i in range(len(block.transactions))) + "]")

    def m_eth_getBlockTransactionCountByNumber(self, ref):
        block = blockref.find(self.chain, ref)
        return block and hex(len(block.transactions))

    def m_eth_getTransactionReceipt(self, digest):
        place = self._place(digest)
        return place and formats.receipt(self.chain.blocks[place[0]], place[1])

    def m_eth_getTransactionByHash(self, digest):
        place = self._place(digest)
        return place and formats.transaction(self.chain.blocks[place[0]], place[1])

    def _place(self, digest) -> tuple | None:
        """(block, index) of a transaction that this endpoint knows."""
        place = self.chain.transactions.get(unhex(digest))
        return place if place and place[0] <= self.chain.tip.number else None

    def m_eth_getLogs(self, query):
        return formats.logs(logquery.run(self.chain, query), self.chain.blocks)

    # State

    def _world(self, ref):
        return self.caller.enter(blockref.state(self.chain, ref))

    def m_eth_getBalance(self, address, ref="latest"):
        return hex(self._world(ref).account(parse_address(address)).balance)

    def m_eth_getCode(self, address, ref="latest"):
        return hexdata(self._world(ref).account(parse_address(address)).code)

    def m_eth_getStorageAt(self, address, key, ref="latest"):
        slot = int(key, 16)
        return hexdata(word(self.caller.slot(self._world(ref), parse_address(address), slot)))

    def m_eth_getTransactionCount(self, address, ref="latest"):
        return hex(self._world(ref).account(parse_address(address)).nonce)

    def m_eth_getProof(self, address, keys, ref="latest"):
        return proofs.answer(self.caller, address, keys, ref)

    def m_eth_call(self, call, ref="latest", overrides=None, block_overrides=None):
        return hexdata(self.caller.call(call, ref, overrides, block_overrides))

    def m_eth_estimateGas(self, call, ref="latest", overrides=None):
        return hex(self.caller.estimate(call, ref, overrides))

    def m_eth_simulateV1(self, options, ref="latest"):
        return simulate.run(self.caller, options, ref)

    # Writing

    def m_eth_sendTransaction(self, transaction):
        return hexdata(self.caller.send(transaction))

    def m_eth_sendRawTransaction(self, raw):
        return hexdata(self.caller.send_raw(unhex(raw)))
