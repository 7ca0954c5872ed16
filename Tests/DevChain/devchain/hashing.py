"""Keccak-256 and the hexadecimal forms of JSON-RPC: the vocabulary of every other module."""

import re

import sha3

_QUANTITY = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]*)\Z")


def keccak(data: bytes) -> bytes:
    """Keccak-256 with Ethereum's padding (not NIST SHA3-256)."""
    return sha3.keccak_256(data).digest()


EMPTY_CODE_HASH = keccak(b"")
EMPTY_TRIE_ROOT = keccak(b"\x80")
EMPTY_UNCLES = keccak(b"\xc0")
ZERO_ADDRESS = "0x" + "00" * 20


def hexdata(data: bytes) -> str:
    """Bytes as DATA."""
    return "0x" + data.hex()


def unhex(text: str) -> bytes:
    """DATA as bytes; raises `ValueError` in the words a Go node would use."""
    if not isinstance(text, str):
        raise ValueError("json: cannot unmarshal non-string into Go value of type hexutil.Bytes")
    if text[:2] not in ("0x", "0X"):
        raise ValueError("hex string without 0x prefix" if text else "empty hex string")
    if len(text) % 2:
        raise ValueError("hex string of odd length")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise ValueError("invalid hex string") from None


def quantity(text: str) -> int:
    """QUANTITY as an integer, refused when it is not minimal."""
    if not isinstance(text, str):
        raise ValueError("json: cannot unmarshal non-string into Go value of type hexutil.Big")
    if text[:2] not in ("0x", "0X"):
        raise ValueError("hex string without 0x prefix" if text else "empty hex string")
    if not _QUANTITY.match("0x" + text[2:]):
        if len(text) == 2:
            raise ValueError('hex string "0x"')
        if text[2] == "0":
            raise ValueError("hex number with leading zero digits")
        raise ValueError("invalid hex string")
    return int(text, 16)


def address_of(data: bytes) -> str:
    """Twenty bytes (or the low twenty of a word) as a lower-case address."""
    return "0x" + data[-20:].hex()


def parse_address(text: str) -> str:
    """An address from the wire, checked and lower-cased."""
    data = unhex(text)
    if len(data) != 20:
        raise ValueError(f"hex string has length {2 * len(data)}, want 40 for common.Address")
    return "0x" + data.hex()


def word(value: int) -> bytes:
    """A 256-bit big-endian word."""
    return value.to_bytes(32, "big")
