"""`dev_execute`: groups of real transactions, each in a block in place of the empty head, at the head's own time.

What a reader planned at the head is executed with the very state and timestamp that it read; each group is taken back
before the next one, and in the end there is an empty block again (with another hash).
"""

from .actions import FAUCET
from .assembly import selector
from .calls import message
from .errors import INVALID_PARAMS, RpcError
from .hashing import hexdata, parse_address, word
from .market import ADMIN

FAUCET_GAS = 300_000
ETHER = "0x" + "ee" * 20


def execute(node, options: dict) -> list:
    """`groups`: each `{fund: [[token, holder, amount]], transactions: [call], watch: [[token, holder]]}`.

    A token `0xeee…` stands for ether. With `keep`, the last group stays in the chain's new head.

    Answers, of each group: `receipts` (`ok`, `gasUsed`, `output`) and the watched balances `before` and `after`.
    """
    chain = node.chain
    chain.flush()
    head = chain.head
    if head.transactions:
        raise RpcError(INVALID_PARAMS, "the head is not an empty block")
    seconds = head.header.timestamp - chain.blocks[-2].header.timestamp
    chain.drop(1)
    answers = []
    try:
        for number, group in enumerate(options["groups"], 1):
            chain.open(seconds)
            try:
                answers.append(_group(chain, group))
                chain.close()
            finally:
                chain.flush()
                if options.get("keep") and number == len(options["groups"]):
                    return answers
                chain.drop(1)
    finally:
        if not options.get("keep"):
            chain.mine(1, seconds)
    return answers


def _group(chain, group: dict) -> dict:
    for token, holder, amount in group.get("fund", []):
        if parse_address(token) == ETHER:
            if not chain.transact(ADMIN, parse_address(holder), b"", int(amount)).ok:
                raise RpcError(INVALID_PARAMS, "the administrator has not so much ether")
            continue
        data = selector("mint(address,uint256)") + word(int(holder, 16)) + word(int(amount))
        outcome = chain.transact(FAUCET, parse_address(token), data, gas=FAUCET_GAS)
        if not outcome.ok:
            raise RpcError(INVALID_PARAMS, f"cannot mint {token}")
    watched = [(parse_address(t), parse_address(h)) for t, h in group.get("watch", [])]
    before = [_balance(chain, t, h) for t, h in watched]
    receipts = []
    for call in group["transactions"]:
        sender, to, data, value, gas = message(call)
        arguments = {"gas": gas} if gas else {}
        outcome = chain.transact(sender, to, data, value, **arguments)
        receipts.append({"ok": outcome.ok, "gasUsed": hex(outcome.gas_used), "output": hexdata(outcome.output)})
    return {"receipts": receipts, "before": before, "after": [_balance(chain, t, h) for t, h in watched]}


def _balance(chain, token: str, holder: str) -> str:
    if token == ETHER:
        return str(chain.world.evm.get_balance(holder))
    outcome = chain.view(token, selector("balanceOf(address)") + word(int(holder, 16)))
    if not outcome.ok:
        raise RpcError(INVALID_PARAMS, f"{token} has no balanceOf")
    return str(int.from_bytes(outcome.output, "big"))
