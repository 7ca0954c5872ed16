"""Contract ABI: encode arguments and decode results from a JSON ABI.

Small on purpose: it covers what the lending artifacts use (static words, bytes, strings, tuples and arrays of
them), so that the node has no dependency for it.
"""

from .hashing import address_of, keccak, word


def canonical(item: dict) -> str:
    """The canonical type of one ABI parameter, tuples spelled out."""
    kind = item["type"]
    if kind.startswith("tuple"):
        return "(" + ",".join(canonical(c) for c in item["components"]) + ")" + kind[5:]
    return kind


class Function:
    """One function of an ABI: its selector, and its argument and result types."""

    __slots__ = ("name", "inputs", "outputs", "signature", "selector", "_simple")

    def __init__(self, name: str, inputs: list, outputs: list):
        self.name = name
        self.inputs = [canonical(i) for i in inputs]
        self.outputs = [canonical(i) for i in outputs]
        self.signature = f"{name}({','.join(self.inputs)})"
        self.selector = keccak(self.signature.encode())[:4]
        self._simple = all(t in ("address", "bool") or (t[:4] == "uint" and t[-1] != "]") for t in self.inputs)

    def __call__(self, *values) -> bytes:
        """Calldata for these arguments."""
        if len(values) != len(self.inputs):
            raise TypeError(f"{self.signature} got {len(values)} arguments")
        if self._simple:
            return self.selector + b"".join(
                word(int(v, 16) if isinstance(v, str) else int(v)) for v in values)
        return self.selector + encode(self.inputs, values)

    def decode(self, data: bytes):
        """The result: one value, or a tuple when the function returns several."""
        values = decode(self.outputs, data)
        return values[0] if len(values) == 1 else values


def functions(entries: list) -> dict:
    """Functions of an ABI by name; an overloaded name also answers to its full signature, the shortest wins."""
    found = {}
    for entry in entries:
        if entry["type"] != "function":
            continue
        function = Function(entry["name"], entry.get("inputs", []), entry.get("outputs", []))
        found[function.signature] = function
        known = found.get(function.name)
        if known is None or len(function.inputs) < len(known.inputs):
            found[function.name] = function
    return found


def parts(kind: str) -> list:
    """Member types of a tuple type `(a,b,(c,d))`."""
    body, depth, start, found = kind[1:-1], 0, 0, []
    for i, char in enumerate(body):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            found.append(body[start:i])
            start = i + 1
    if body:
        found.append(body[start:])
    return found


def _array(kind: str):
    """(element type, length or None) when `kind` is an array type, else None."""
    if not kind.endswith("]"):
        return None
    at = kind.rindex("[")
    return kind[:at], (int(kind[at + 1:-1]) if kind[at + 1:-1] else None)


def _dynamic(kind: str) -> bool:
    array = _array(kind)
    if array:
        return array[1] is None or _dynamic(array[0])
    if kind[0] == "(":
        return any(_dynamic(p) for p in parts(kind))
    return kind in ("bytes", "string")


def _size(kind: str) -> int:
    """Bytes a static type occupies in place."""
    array = _array(kind)
    if array:
        return array[1] * _size(array[0])
    if kind[0] == "(":
        return sum(_size(p) for p in parts(kind))
    return 32


def encode(kinds: list, values) -> bytes:
    """Encode a sequence of values of these types."""
    head, tail = [], []
    head_size = sum(32 if _dynamic(k) else _size(k) for k in kinds)
    offset = head_size
    for kind, value in zip(kinds, values, strict=True):
        data = _encode_one(kind, value)
        if _dynamic(kind):
            head.append(word(offset))
            tail.append(data)
            offset += len(data)
        else:
            head.append(data)
    return b"".join(head + tail)


def _encode_one(kind: str, value) -> bytes:
    array = _array(kind)
    if array:
        body = encode([array[0]] * len(value), value)
        return body if array[1] is not None else word(len(value)) + body
    if kind[0] == "(":
        return encode(parts(kind), value)
    if kind in ("bytes", "string"):
        data = value.encode() if isinstance(value, str) else value
        return word(len(data)) + data + b"\x00" * (-len(data) % 32)
    if kind == "address":
        return word(int(value, 16))
    if kind.startswith("bytes"):
        return value.ljust(32, b"\x00")
    return word(int(value) % 2**256)


def decode(kinds: list, data: bytes, base: int = 0) -> tuple:
    """Decode a sequence of types that starts at `base`."""
    values, at = [], base
    for kind in kinds:
        if _dynamic(kind):
            values.append(_decode_one(kind, data, base + int.from_bytes(data[at:at + 32], "big")))
            at += 32
        else:
            values.append(_decode_one(kind, data, at))
            at += _size(kind)
    return tuple(values)


def _decode_one(kind: str, data: bytes, at: int):
    array = _array(kind)
    if array:
        count = array[1]
        if count is None:
            count = int.from_bytes(data[at:at + 32], "big")
            at += 32
        return list(decode([array[0]] * count, data, at))
    if kind[0] == "(":
        return decode(parts(kind), data, at)
    if kind in ("bytes", "string"):
        length = int.from_bytes(data[at:at + 32], "big")
        raw = data[at + 32:at + 32 + length]
        return raw.decode("utf-8", "replace") if kind == "string" else raw
    raw = data[at:at + 32]
    if len(raw) < 32:
        raise ValueError(f"abi: {len(data)} bytes are too few for {kind}")
    if kind == "address":
        return address_of(raw)
    if kind == "bool":
        return raw[31] != 0
    if kind.startswith("bytes"):
        return raw[:int(kind[5:])]
    if kind.startswith("int"):
        return int.from_bytes(raw, "big", signed=True)
    return int.from_bytes(raw, "big")
