"""What faster-eth-abi takes to decode and OpenSSL to permute, and how many times faster the benchmarks beside it are.

Usage: memory.py BENCH, the program that prints our own figures. Both sides are measured in this run, in turns.
"""

import hashlib
import json
import subprocess
import sys
import time

from faster_eth_abi import decode, encode

TYPES = ["(bool,bytes)[]"]
ELEMENTS = [(True, bytes(range(192))) for _ in range(1000)]
DATA = encode(TYPES, [ELEMENTS])
# 500 permutations: SHA3-256 absorbs 136 bytes in each, as Keccak-256 does.
MESSAGE = b"\xa5" * (136 * 500 - 1)


def decode_once() -> float:
    start = time.perf_counter_ns()
    (elements,) = decode(TYPES, DATA)
    assert len(elements) == 1000
    return (time.perf_counter_ns() - start) / len(elements)


def permute_once() -> float:
    start = time.perf_counter_ns()
    hashlib.sha3_256(MESSAGE).digest()
    return (time.perf_counter_ns() - start) / 500


def ours(name: str) -> float:
    output = subprocess.run([sys.argv[1], name], check=True, capture_output=True, text=True).stdout
    return float(output[len(name) :].split()[0])


def compare(peer: str, once, name: str) -> None:
    once()
    rounds = [(sorted(once() for _ in range(9))[4], ours(name)) for _ in range(5)]
    theirs, own = sorted(rounds, key=lambda pair: pair[0] / pair[1])[2]
    ratio = {"peer": peer, "case": name, "peerNs": round(theirs, 1), "ns": own, "ratio": round(theirs / own, 2)}
    print(json.dumps(ratio))


compare("faster-eth-abi", decode_once, "abi/decode (bool,bytes[192]), binding")
compare("faster-eth-abi", decode_once, "abi/decode (bool,bytes[192]), any type")
compare("OpenSSL sha3-256", permute_once, "keccak/permutation")
