"""The market's own bytecode, read at run time from an installed package and linked here.

Nothing of it is kept in this repository: `web3-ethereum-defi` ships the compiled contracts of Aave v3.2
(`abi/aave_v3`) and v3.0 (`abi/aave_v3_old`), `multicall` the runtime code of Multicall3. The packages are only
opened as files, never imported, so that their own dependencies are not needed.
"""

import importlib.util
import json
import re
from pathlib import Path

from . import abi
from .hashing import keccak

MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"
VERSIONED = ("pyrevm", "web3-ethereum-defi", "multicall")
FOLDERS = {"3.0": "aave_v3_old", "3.2": "aave_v3", "uniswap-v2": "sushi", "uniswap-v3": "uniswap_v3"}
MULTICALL3_CODE_HASH = "d5c15df687b16f2ff992fc8d767b4216323184a2bbc6ee2f9c398c318e770891"


class Artifact:
    """One compiled contract: its functions, its creation code and where libraries are to be linked."""

    def __init__(self, name: str, data: dict):
        self.name = name
        self.functions = abi.functions(data["abi"])
        constructor = [e for e in data["abi"] if e["type"] == "constructor"]
        self.constructor = [abi.canonical(i) for i in constructor[0]["inputs"]] if constructor else []
        code = data["bytecode"]
        references = data.get("linkReferences", {})
        if isinstance(code, dict):
            references = code.get("linkReferences", {})
            code = code["object"]
        self._code = code.removeprefix("0x")
        self.links = {
            library: [place["start"] for place in places]
            for file in references.values() for library, places in file.items()
        }

    def creation_code(self, arguments=(), libraries=None) -> bytes:
        """Creation code with libraries linked and constructor arguments appended."""
        code = self._code
        for library, starts in self.links.items():
            target = libraries[library].removeprefix("0x")
            for start in starts:
                code = code[:2 * start] + target + code[2 * start + 40:]
        return bytes.fromhex(code) + abi.encode(self.constructor, arguments)


class Artifacts:
    """The artifacts of one rule set or exchange, loaded when first asked for."""

    def __init__(self, rules: str):
        self.folder = _package("eth_defi") / "abi" / FOLDERS[rules]
        self._loaded = {}

    def __getitem__(self, name: str) -> Artifact:
        if name not in self._loaded:
            data = json.loads((self.folder / f"{name}.json").read_text())
            self._loaded[name] = Artifact(name, data)
        return self._loaded[name]


def multicall3_code() -> bytes:
    """The runtime code of Multicall3, refused unless it is the code deployed on public chains."""
    source = (_package("multicall") / "constants.py").read_text()
    for match in re.finditer(r"0x([0-9a-f]{1000,})", source):
        code = bytes.fromhex(match[1])
        if keccak(code).hex() == MULTICALL3_CODE_HASH:
            return code
    raise LookupError("the installed `multicall` package does not hold the Multicall3 that public chains run")


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None:
        raise LookupError(f"`{name}` is not installed: pip install --no-deps -r Tests/DevChain/requirements.txt")
    return Path(spec.submodule_search_locations[0])
