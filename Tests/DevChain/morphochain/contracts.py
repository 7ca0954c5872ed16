"""Our own contracts, compiled when they are first needed and kept beside the built chains; and one in assembly."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

from devchain.artifacts import Artifact

SOURCES = Path(__file__).parent / "contracts"
VERSION = "0.4.3"
# Reads the slots that words of calldata name; writes one where a byte follows two words. Called by DELEGATECALL, since
# Vyper lays storage out in another way than Solidity.
LIBRARY = bytes.fromhex("60013616601d575f5b803614601a5780355481526020016008565b5ff35b6020355f355500")


def library_creation_code() -> bytes:
    """Creation code that puts the library in place."""
    return b"\x60" + bytes((len(LIBRARY),)) + b"\x80\x60\x09\x5f\x39\x5f\xf3" + LIBRARY


def load(name: str, cache: str | None = ".build/devchain-cache") -> Artifact:
    """The compiled contract of this name."""
    source = (SOURCES / f"{name}.vy").read_text()
    key = hashlib.sha256(f"{VERSION}\n{source}".encode()).hexdigest()[:24]
    path = Path(cache) / f"vyper-{name}-{key}.json" if cache else None
    if path:
        try:
            return Artifact(name, json.loads(path.read_text()))
        except (OSError, ValueError):
            pass
    import vyper  # half a second, and only where nothing is kept

    out = vyper.compile_code(source, output_formats=["bytecode", "abi"])
    data = {"abi": out["abi"], "bytecode": out["bytecode"]}
    if path:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
                json.dump(data, file)
            os.replace(file.name, path)
        except OSError:
            pass
    return Artifact(name, data)
