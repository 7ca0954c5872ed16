"""Price oracles of the kinds that were attacked, to be attacked again by tests."""

from pathlib import Path

from ..artifacts import Artifacts
from ..compound.compiler import compiled
from ..errors import INVALID_PARAMS, RpcError
from ..hashing import parse_address
from ..market import ADMIN, Deployer

FOLDER = Path(__file__).parent
CONTRACTS = ("Feed", "PairFeed", "PoolFeed", "Scribe", "Vault", "VaultFeed")


def _value(text):
    if isinstance(text, str):
        return parse_address(text) if text.startswith("0x") else int(text)
    return text


def oracle(node, options: dict) -> dict:
    """Deploys `contract` with `arguments`; where `source` names an asset, the pool's oracle asks it from now on."""
    if options["contract"] not in CONTRACTS:
        raise RpcError(INVALID_PARAMS, f"no contract {options['contract']}: {', '.join(CONTRACTS)}")
    made = compiled(options["contract"], FOLDER)
    deployer = Deployer(node.chain, Artifacts(node.market.rules))
    node.chain.flush()
    address = deployer.create_code(made.creation_code(*map(_value, options.get("arguments", ()))), options["contract"])
    for reserve in node.market.reserves:
        if options.get("source") == reserve.spec.symbol:
            deployer.send("AaveOracle", node.market.addresses["oracle"], "setAssetSources", [reserve.asset], [address])
    node.chain.flush()
    return {"address": address, "head": node.chain.head.number}


def donate(node, options: dict) -> dict:
    """A gift to a vault, in a block of its own."""
    node.chain.flush()
    data = compiled("Vault", FOLDER).functions["donate"](int(options["amount"]))
    outcome = node.chain.transact(ADMIN, parse_address(options["vault"]), data)
    node.chain.flush()
    return {"succeeded": outcome.ok, "head": node.chain.head.number}
