"""Blocks, transactions, receipts and logs as JSON."""

import json

from .blocks import Block, Log
from .hashing import EMPTY_TRIE_ROOT, hexdata

_HEADER_KEYS = (
    "parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "difficulty", "number",
    "gasLimit", "gasUsed", "timestamp", "extraData", "mixHash", "nonce", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed",
    "excessBlobGas", "parentBeaconBlockRoot", "requestsHash",
)


class Raw(str):
    """JSON text that is already written."""

    __slots__ = ()


def header(block: Block) -> dict:
    """Every header field under its JSON name, and the hash."""
    found = {
        key: hex(value) if isinstance(value, int) else hexdata(value)
        for key, value in zip(_HEADER_KEYS, block.header.values())
    }
    found["hash"] = hexdata(block.hash)
    return found


def block(item: Block, full: bool) -> dict:
    """A block with its transactions' hashes, or with the transactions."""
    found = header(item)
    if full:
        found["transactions"] = [transaction(item, i) for i in range(len(item.transactions))]
    else:
        found["transactions"] = [hexdata(t.hash) for t in item.transactions]
    found["uncles"] = []
    found["size"] = hex(600 + sum(len(t.raw) for t in item.transactions))
    if "withdrawalsRoot" in found:
        found["withdrawals"] = []
        assert found["withdrawalsRoot"] == hexdata(EMPTY_TRIE_ROOT)
    return found


def transaction(item: Block, index: int) -> dict:
    """One transaction of a block."""
    t = item.transactions[index]
    parity, r, s = t.signature
    found = {
        "blockHash": hexdata(item.hash), "blockNumber": hex(item.number), "from": t.sender, "gas": hex(t.gas),
        "gasPrice": hex(t.gas_price), "hash": hexdata(t.hash), "input": hexdata(t.data), "nonce": hex(t.nonce), "to": t.to,
        "transactionIndex": hex(index), "value": hex(t.value), "type": hex(t.kind), "chainId": hex(t.chain_id),
        "v": hex(t.chain_id * 2 + 35 + parity if t.kind == 0 else parity), "r": hex(r), "s": hex(s),
    }
    if t.kind:
        found |= {"accessList": [], "yParity": hex(parity)}
    if t.kind == 2:
        found |= {"maxFeePerGas": hex(t.gas_price), "maxPriorityFeePerGas": "0x0"}
    return found


def receipt(item: Block, index: int) -> Raw:
    """One receipt of a block."""
    t, r = item.transactions[index], item.receipts[index]
    to = f'"{t.to}"' if t.to else "null"
    created = f'"{r.created}"' if r.created and r.status else "null"
    return Raw(
        f'{{"blockHash":"{hexdata(item.hash)}","blockNumber":"{item.number:#x}","transactionHash":"{hexdata(t.hash)}",'
        f'"transactionIndex":"{index:#x}","from":"{t.sender}","to":{to},"contractAddress":{created},'
        f'"cumulativeGasUsed":"{r.cumulative_gas:#x}","gasUsed":"{r.gas_used:#x}","effectiveGasPrice":"{t.gas_price:#x}",'
        f'"logs":{logs(r.logs, {item.number: item})},"logsBloom":"0x{r.bloom:0512x}","status":"{r.status:#x}",'
        f'"type":"{r.kind:#x}"}}')


def log(item: Log, home: Block, removed: bool = False) -> str:
    """One log; `home` is its block, which may have been taken back."""
    topics = ",".join([f'"0x{t.hex()}"' for t in item.topics])
    return (
        f'{{"address":"{item.address}","topics":[{topics}],"data":"0x{item.data.hex()}","blockNumber":"{item.block:#x}",'
        f'"transactionHash":"0x{home.transactions[item.tx_index].hash.hex()}","transactionIndex":"{item.tx_index:#x}",'
        f'"blockHash":"0x{home.hash.hex()}","logIndex":"{item.index:#x}","removed":{"true" if removed else "false"},'
        f'"blockTimestamp":"{home.header.timestamp:#x}"}}')


def log_object(item: Log, home: Block) -> dict:
    """One log as an object."""
    return json.loads(log(item, home))


def logs(items, blocks) -> Raw:
    """A list of logs; `blocks` finds a block by number."""
    return Raw("[" + ",".join([log(item, blocks[item.block]) for item in items]) + "]")
