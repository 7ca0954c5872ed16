"""The contracts beside this file, compiled when first asked for and kept by what they are made from."""

import hashlib
import importlib.metadata
import json
import os
import tempfile
from pathlib import Path

from ..artifacts import Artifact

FOLDER = Path(__file__).parent
CACHE = Path(".build/devchain-cache")


def artifact(name: str) -> Artifact:
    """One contract, ready to be deployed."""
    digest = hashlib.sha256(importlib.metadata.version("vyper").encode())
    for source in sorted(FOLDER.glob("*.vy")):
        digest.update(source.read_bytes())
    kept = CACHE / f"vyper-{name}-{digest.hexdigest()[:24]}.json"
    try:
        return Artifact(name, json.loads(kept.read_text()))
    except (OSError, ValueError):
        data = _compile(name)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=CACHE, delete=False) as file:
        json.dump(data, file)
    os.replace(file.name, kept)
    return Artifact(name, data)


def _compile(name: str) -> dict:
    # Imported here: the compiler takes a second to load, and is not needed for what is kept.
    from vyper.compiler import compile_from_file_input
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.settings import OptimizationLevel, Settings

    bundle = FilesystemInputBundle([FOLDER])
    made = compile_from_file_input(
        bundle.load_file(f"{name}.vy"), input_bundle=bundle, output_formats=["bytecode", "abi"],
        settings=Settings(optimize=OptimizationLevel.CODESIZE, evm_version="cancun"))
    return {"abi": made["abi"], "bytecode": made["bytecode"]}
