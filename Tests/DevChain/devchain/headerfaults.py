"""Headers that are not what their hash says, and headers of a chain that is not there."""

import random

from .errors import INVALID_PARAMS, RpcError
from .view import FIELDS, Forged

# What a header's hash covers; the hash itself stays.
_HASHED = ("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot", "logsBloom", "gasLimit", "gasUsed",
           "timestamp", "extraData", "mixHash", "baseFeePerGas", "withdrawalsRoot", "blobGasUsed", "excessBlobGas",
           "parentBeaconBlockRoot", "requestsHash")


class HeaderFaults:
    """The header faults of one endpoint."""

    def __init__(self, faults):
        self.faults = faults

    def configure(self) -> None:
        """Give the endpoint's view its forged headers, or the true ones."""
        view, given = self.faults.endpoint.view, self.faults.get("lieBlockHash")
        lie = self.faults.get("lieHeader")
        if isinstance(lie, dict) and (set(lie) - {"field", "number"} or lie.get("field", _HASHED[0]) not in _HASHED):
            raise RpcError(INVALID_PARAMS, f"lieHeader: field is one of {', '.join(_HASHED)}")
        if given is None:
            view.forged = None
            return
        spec = given if isinstance(given, dict) else {} if given is True else {"from": given}
        field, first = spec.get("field", "extraData"), spec.get("from", len(view.chain.blocks) - 1)
        first = int(first, 16) if isinstance(first, str) else int(first)
        if field not in FIELDS or set(spec) - {"from", "field"} or first < 1:
            raise RpcError(INVALID_PARAMS, f"lieBlockHash: field is one of {', '.join(FIELDS)}, from a block after genesis")
        if view.forged is None or (view.forged.first, view.forged.field) != (first, field):
            view.forged = Forged(view.chain, first, field)

    def spoilt(self, header: dict, by_number: bool) -> dict:
        """A block's JSON as it is told."""
        if by_number and self.faults.strikes("wrongHead"):
            header["hash"] = "0x" + bytes(b ^ 0x5A for b in bytes.fromhex(header["hash"][2:])).hex()
        if (field := self._field(header)) is not None:
            # The last digit, so that every quantity stays one and every length stays the same.
            header[field] = header[field][:-1] + f"{int(header[field][-1], 16) ^ 1:x}"
        return header

    def _field(self, header: dict) -> str | None:
        lie = self.faults.get("lieHeader")
        if lie is None:
            return None
        if isinstance(lie, dict):
            number = lie.get("number")
            wanted = int(number, 16) if isinstance(number, str) else number
            if wanted is not None and int(header["number"], 16) != wanted:
                return None
            if "field" in lie:
                return lie["field"] if lie["field"] in header else None
        elif not self.faults.strikes("lieHeader", header["hash"]):
            return None
        rng = random.Random(f"{self.faults.get('seed', 1)} lieHeader field {header['hash']}")
        return rng.choice([key for key in _HASHED if key in header])
