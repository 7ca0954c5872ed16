"""`eth_simulateV1`: blocks of calls on top of a block, state carried from call to call, then forgotten."""

from dataclasses import replace

from . import blockref, formats
from .blocks import Block, Log, Receipt, Transaction
from .calls import Caller, block_changes, message
from .chain import BLOCK_TIME
from .errors import INVALID_PARAMS, RpcError, of_outcome
from .hashing import hexdata

MAX_BLOCKS, MAX_CALLS = 256, 5000
_VM_ERROR = -32015
_LIMIT, _NUMBER_ORDER, _TIME_ORDER = -38026, -38020, -38021


def run(caller: Caller, options: dict, ref) -> list:
    """The simulated blocks, each with its calls' results."""
    if not isinstance(options, dict) or not options.get("blockStateCalls"):
        raise RpcError(INVALID_PARAMS, "empty input")
    blocks = options["blockStateCalls"]
    if len(blocks) > MAX_BLOCKS or sum(len(b.get("calls") or []) for b in blocks) > 2 * MAX_CALLS:
        raise RpcError(_LIMIT, "too many blocks")
    base = blockref.state(caller.chain, ref, caller.eip1898)
    world = caller.enter(base)
    undo, parent, answers = [caller.lies.apply(world)] if caller.lies else [], base.header, []
    try:
        for item in blocks:
            parent, answer = _block(caller, world, item, parent, undo)
            answers.append(answer)
    finally:
        for step in reversed(undo):
            step()
    return answers


def _block(caller: Caller, world, item: dict, parent, undo: list):
    changes = {"number": parent.number + 1, "timestamp": parent.timestamp + BLOCK_TIME} | block_changes(item.get("blockOverrides"))
    if changes["number"] <= parent.number:
        raise RpcError(_NUMBER_ORDER, f"block numbers must be in order: {changes['number']} <= {parent.number}")
    if changes["timestamp"] <= parent.timestamp:
        raise RpcError(_TIME_ORDER, f"block timestamps must be in order: {changes['timestamp']} <= {parent.timestamp}")
    header = replace(parent, parent_hash=parent.hash, base_fee=0, bloom=0, gas_used=0, **changes) if "base_fee" not in changes \
        else replace(parent, parent_hash=parent.hash, bloom=0, gas_used=0, **changes)
    if item.get("stateOverrides"):
        undo.append(caller.override(world, item["stateOverrides"]))
    world.set_block(header.number, header.timestamp, max(header.gas_limit, caller.gas_cap), header.prevrandao, header.base_fee)
    mark, entries, results, logs = world.begin(), [], [], 0
    left = min(caller.gas_cap, header.gas_limit)
    try:
        for index, call in enumerate(item.get("calls") or []):
            sender, to, data, value, gas = message(call)
            gas = min(gas or left, left)
            outcome = world.message(sender, to, data, value, gas)
            left -= outcome.gas_used
            caller.gas_used += outcome.gas_used
            found = [Log(header.number, index, logs + i, a, t, d) for i, (a, t, d) in enumerate(outcome.logs)]
            logs += len(found)
            transaction = Transaction(2, index, sender, to, value, data, gas, 0, caller.chain.chain_id)
            header.gas_used += outcome.gas_used
            entries.append((transaction, Receipt(2, int(outcome.ok), outcome.gas_used, header.gas_used, found, outcome.created)))
            results.append((outcome, gas, found))
    except BaseException:
        world.discard(mark)
        raise
    diff = world.seal(mark)
    undo.append(lambda: world.apply(diff, forward=False))
    for _, receipt in entries:
        header.bloom |= receipt.bloom
    block = Block(header, [t for t, _ in entries], [r for _, r in entries])
    answer = formats.block(block, False)
    answer["calls"] = [_result(o, gas, found, block) for o, gas, found in results]
    return header, answer


def _result(outcome, gas: int, logs: list, block: Block) -> dict:
    answer = {"returnData": hexdata(outcome.output), "logs": [formats.log_object(g, block) for g in logs],
              "gasUsed": hex(outcome.gas_used), "maxUsedGas": hex(outcome.gas_used), "status": hex(int(outcome.ok))}
    if not outcome.ok:
        failure = of_outcome(outcome, gas)
        answer["error"] = {"code": failure.code if failure.code == 3 else _VM_ERROR, "message": failure.message}
        if failure.data:
            answer["error"]["data"] = failure.data
    return answer
