"""Compiles the contracts beside this file, once for each state of them."""

import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .. import abi

SOURCES = Path(__file__).parent / "contracts"
CACHE = Path(".build/devchain-cache/vyper")


class Contract:
    """A compiled contract: its functions and its creation code."""

    def __init__(self, entries: list, code: str):
        self.functions = abi.functions(entries)
        constructor = [e for e in entries if e["type"] == "constructor"]
        self.constructor = [abi.canonical(i) for i in constructor[0]["inputs"]] if constructor else []
        self.code = bytes.fromhex(code.removeprefix("0x"))

    def creation_code(self, *arguments) -> bytes:
        return self.code + abi.encode(self.constructor, arguments)


def compiled(name: str, folder: Path = SOURCES) -> Contract:
    """A contract by its file's name, compiled or from the cache."""
    source = (folder / f"{name}.vy").read_bytes()
    version = importlib.metadata.version("vyper")
    key = hashlib.sha256(f"{version} cancun ".encode() + source).hexdigest()[:32]
    path = CACHE / f"{name}-{key}.json"
    if path.exists():
        return Contract(**json.loads(path.read_text()))
    # A process of its own: the compiler's hundred modules are not needed again.
    done = subprocess.run(
        [sys.executable, "-m", "vyper.cli.vyper_compile", "--evm-version", "cancun", "-f", "abi,bytecode",
         str(folder / f"{name}.vy")], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{name}.vy: {done.stderr[-2000:]}")
    entries, code = done.stdout.strip().splitlines()
    made = {"entries": json.loads(entries), "code": code}
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        json.dump(made, file)
    os.replace(file.name, path)
    return Contract(**made)


def digest() -> str:
    """What a built chain depends on besides the devchain's own modules."""
    made = hashlib.sha256()
    for source in sorted([*SOURCES.glob("*.vy"), *Path(__file__).parent.glob("*.py")]):
        made.update(source.read_bytes())
    return made.hexdigest()
