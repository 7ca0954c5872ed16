"""JSON-RPC errors in the words and codes of real nodes."""

import re

from . import abi

PARSE, INVALID_REQUEST, NO_METHOD, INVALID_PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603
SERVER, REVERTED = -32000, 3

_PANICS = {
    0x01: "assert(false)", 0x11: "arithmetic underflow or overflow", 0x12: "division or modulo by zero",
    0x21: "enum overflow", 0x22: "invalid encoded storage byte array accessed",
    0x31: "out-of-bounds array access; popping on an empty array",
    0x32: "out-of-bounds access of an array or bytesN", 0x41: "out of memory", 0x51: "uninitialized function",
}
_HALTS = (
    ("OutOfGas", "out of gas"), ("InvalidJump", "invalid jump destination"), ("StackUnderflow", "stack underflow (0 <=> 1)"),
    ("StackOverflow", "stack limit reached 1024 (1023)"), ("OpcodeNotFound", "invalid opcode: opcode 0x0c not defined"),
    ("InvalidFEOpcode", "invalid opcode: INVALID"), ("CreateContractSizeLimit", "max code size exceeded"),
    ("CreateInitCodeSizeLimit", "max initcode size exceeded"), ("CallTooDeep", "max call depth exceeded"),
    ("OutOfFund", "insufficient balance for transfer"), ("StateChangeDuringStaticCall", "write protection"),
    ("CreateCollision", "contract address collision"), ("PrecompileError", "precompile failed"),
    ("OutOfOffset", "return data out of bounds"),
)


class RpcError(Exception):
    """An error object of JSON-RPC."""

    def __init__(self, code: int, message: str, data=None):
        super().__init__(message)
        self.code, self.message, self.data = code, message, data

    def body(self) -> dict:
        found = {"code": self.code, "message": self.message}
        if self.data is not None:
            found["data"] = self.data
        return found


def reason(output: bytes) -> str | None:
    """The text of a revert made by `require` or by a compiler's panic."""
    try:
        if output[:4] == bytes.fromhex("08c379a0"):
            return abi.decode(["string"], output[4:])[0]
        if output[:4] == bytes.fromhex("4e487b71"):
            return _PANICS.get(int.from_bytes(output[4:36], "big"), "unknown panic code")
    except (ValueError, OverflowError):
        return None
    return None


def of_outcome(outcome, gas: int) -> RpcError:
    """The error that a node answers for a failed call."""
    if outcome.error == "revert":
        text = reason(outcome.output)
        return RpcError(REVERTED, "execution reverted" + (f": {text}" if text is not None else ""), "0x" + outcome.output.hex())
    if "LackOfFundForMaxFee" in outcome.error:
        return RpcError(SERVER, "insufficient funds for gas * price + value")
    spent = re.search(r"Initial gas spend is (\d+)", outcome.error)
    if spent or "CallGasCostMoreThanGasLimit" in outcome.error:
        want = spent[1] if spent else "?"
        return RpcError(SERVER, f"err: intrinsic gas too low: have {gas}, want {want} (supplied gas {gas})")
    for name, text in _HALTS:
        if name in outcome.error:
            return RpcError(SERVER, text)
    return RpcError(SERVER, outcome.error)
