"""`eth_sendRawTransaction`: decode a signed transaction and recover its sender with the EVM's own precompile."""

from . import rlp
from .blocks import Transaction
from .errors import INVALID_PARAMS, SERVER, RpcError
from .hashing import ZERO_ADDRESS, address_of, hexdata, keccak, word

_ECRECOVER = "0x" + "00" * 19 + "01"
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def decode(raw: bytes, chain) -> Transaction:
    """The transaction in `raw`: legacy (with or without EIP-155), access-list or dynamic-fee."""
    try:
        kind = raw[0] if raw and raw[0] < 0x80 else 0
        fields = rlp.decode(raw[1:] if kind else raw)
        if kind == 0:
            unsigned, numbers = _legacy(fields)
        elif kind in (1, 2):
            unsigned, numbers = _typed(kind, fields)
        else:
            raise RpcError(SERVER, "transaction type not supported")
    except (ValueError, IndexError, TypeError) as failure:
        raise RpcError(SERVER, f"rlp: {failure}") from None
    chain_id, nonce, price, gas, to, value, data, parity, r, s = numbers
    if chain_id not in (None, chain.chain_id):
        raise RpcError(SERVER, f"invalid chain id for signer: have {chain_id} want {chain.chain_id}")
    if parity not in (0, 1) or not 0 < s <= _HALF_ORDER:
        raise RpcError(SERVER, "invalid transaction v, r, s values")
    sender = _recover(chain, keccak(unsigned), parity, r, s)
    expected = chain.nonces.get(sender, 0)
    if nonce != expected:
        which = "low" if nonce < expected else "high"
        raise RpcError(SERVER, f"nonce too {which}: address {sender}, tx: {nonce} state: {expected}")
    to = hexdata(to) if to else None
    return Transaction(kind, nonce, sender, to, value, data, gas, price, chain.chain_id, raw, b"", (parity, r, s))


def _legacy(fields: list):
    nonce, price, gas, to, value, data, v, r, s = fields
    v = _int(v)
    if v in (27, 28):
        chain_id, parity, rest = None, v - 27, []
    else:
        chain_id, parity = (v - 35) // 2, (v - 35) % 2
        rest = [chain_id, b"", b""]
    unsigned = rlp.encode([nonce, price, gas, to, value, data, *rest])
    return unsigned, (chain_id, _int(nonce), _int(price), _int(gas), to, _int(value), data, parity, _int(r), _int(s))


def _typed(kind: int, fields: list):
    *body, parity, r, s = fields
    unsigned = bytes((kind,)) + rlp.encode(body)
    if kind == 1:
        chain_id, nonce, price, gas, to, value, data, _ = body
    else:
        chain_id, nonce, _, price, gas, to, value, data, _ = body
    return unsigned, (_int(chain_id), _int(nonce), _int(price), _int(gas), to, _int(value), data, _int(parity), _int(r), _int(s))


def _int(data: bytes) -> int:
    if data[:1] == b"\x00":
        raise ValueError("non-canonical integer (leading zero bytes)")
    return int.from_bytes(data, "big")


def _recover(chain, digest: bytes, parity: int, r: int, s: int) -> str:
    chain.at(chain.head)
    outcome = chain.world.call(ZERO_ADDRESS, _ECRECOVER, digest + word(27 + parity) + word(r) + word(s))
    if len(outcome.output) != 32:
        raise RpcError(INVALID_PARAMS, "invalid signature")
    return address_of(outcome.output)
