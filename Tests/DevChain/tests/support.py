"""Nodes built once per process, and a client that speaks to them without sockets."""

import json
from functools import lru_cache

from devchain import rlp
from devchain.hashing import keccak
from devchain.node import Node, Options


class Client:
    """JSON-RPC straight into the dispatcher of one of a node's endpoints."""

    def __init__(self, node: Node, index: int = 0):
        self.node = node
        self.endpoint = node.endpoints[index]

    def at(self, index: int) -> "Client":
        """The same node's other endpoint."""
        return Client(self.node, index)

    def raw(self, body):
        """The parsed answer to any JSON body."""
        reply = self.endpoint.dispatcher.http(json.dumps(body).encode())
        return json.loads(reply.body)

    def answer(self, method, *params):
        return self.raw({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})

    def __call__(self, method, *params):
        answer = self.answer(method, *params)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        return answer["result"]

    def error(self, method, *params):
        return self.answer(method, *params)["error"]


@lru_cache
def node(rules: str = "3.2", borrowers: int = 120, **options) -> Client:
    """A populated node, shared by the tests that do not change it."""
    return fresh(rules, borrowers, **options)


def fresh(rules: str = "3.2", borrowers: int = 30, endpoints: int = 1, **options) -> Client:
    """A populated node of the test's own."""
    built = Node(Options(rules=rules, borrowers=borrowers, **options), endpoints)
    built.build()
    return Client(built)


HEADER_KEYS = (
    "parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty number gasLimit gasUsed timestamp "
    "extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot requestsHash").split()
_QUANTITIES = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"}


def header_hash(block: dict) -> str:
    """The hash of a header, recomputed from its JSON alone."""
    fields = []
    for key in HEADER_KEYS:
        if key not in block:
            break
        fields.append(int(block[key], 16) if key in _QUANTITIES else bytes.fromhex(block[key][2:]))
    return "0x" + keccak(rlp.encode(fields)).hex()


def word(value: int) -> str:
    """A 256-bit word without 0x."""
    return f"{value:064x}"
