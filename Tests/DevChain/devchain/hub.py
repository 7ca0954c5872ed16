"""Subscriptions of one endpoint: which notifications follow from a block that came or was taken back."""

import json

from . import formats, logquery
from .blocks import Block
from .errors import INVALID_PARAMS, NO_METHOD, RpcError
from .hashing import keccak
from .logindex import matches


class Subscription:
    """`newHeads`, or `logs` with a filter."""

    def __init__(self, identity: str, kind: str, addresses: set, topics: list):
        self.identity, self.kind = identity, kind
        self.addresses, self.topics = addresses, topics

    def wants(self, log) -> bool:
        return (not self.addresses or log.address in self.addresses) and matches(log.topics, self.topics)


class Hub:
    """Tells the sessions of one endpoint what happens on the chain, as far as this endpoint knows of it."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.sessions: list = []
        self._known = 0
        self._made = 0
        endpoint.methods.extra |= {"eth_subscribe": self._subscribe, "eth_unsubscribe": self._unsubscribe}

    # What happens

    def added(self, block: Block) -> None:
        """A block came; one that lags behind announces an older one now."""
        view = self.endpoint.view
        tip = view.tip.number
        if self.sessions:
            for number in range(min(self._known, block.number - 1) + 1, tip + 1):
                self._announce(view.blocks[number])
        self._known = tip

    def dropped(self, blocks: list) -> None:
        """Blocks were taken back: their logs are sent again as removed, newest block first."""
        for block in reversed(blocks):
            if block.number <= self._known:
                shown = self.endpoint.view.shown(block)
                self._logs(shown, reversed(_logs(shown)), True)
        self._known = min(self._known, blocks[0].number - 1)

    def joined(self, session) -> None:
        """A session begins: it is told of what comes from now on."""
        if not self.sessions:
            self._known = self.endpoint.view.tip.number
        self.sessions.append(session)

    def _announce(self, block: Block) -> None:
        if not self.endpoint.faults.strikes("wsSkipHeads", block.hash.hex()):
            for session, subscription in self._of("newHeads"):
                session.notify(subscription.identity, self._header(block))
        self._logs(block, _logs(block), False)

    def _logs(self, block: Block, logs, removed: bool) -> None:
        subscribed = self._of("logs")
        if not subscribed:
            return
        for log in self.endpoint.faults.logs.spoilt(self.endpoint.view, logs):
            text = None
            for session, subscription in subscribed:
                if subscription.wants(log):
                    text = text or formats.log(log, block, removed)
                    session.notify(subscription.identity, text)

    def _of(self, kind: str) -> list:
        return [(session, s) for session in self.sessions for s in session.subscriptions.values() if s.kind == kind]

    def _header(self, block: Block) -> str:
        return json.dumps(self.endpoint.faults.headers.spoilt(formats.header(block), True), separators=(",", ":"))

    # Methods

    def _session(self):
        session = self.endpoint.methods.session
        if session is None:
            raise RpcError(NO_METHOD, "notifications not supported")
        return session

    def _subscribe(self, kind, query=None):
        session = self._session()
        if kind not in ("newHeads", "logs"):
            raise RpcError(NO_METHOD, f'no "{kind}" subscription in eth namespace')
        addresses, topics = logquery.choices(query or {}) if kind == "logs" else (set(), [])
        self._made += 1
        identity = "0x" + keccak(b"subscription %d %d" % (self.endpoint.index, self._made))[:16].hex()
        subscription = session.subscriptions[identity] = Subscription(identity, kind, addresses, topics)
        if "wsNotifyBeforeReply" in self.endpoint.faults.active:
            self._early(session, subscription)
        return identity

    def _early(self, session, subscription: Subscription) -> None:
        """What happened last, sent before the subscriber knows under which id."""
        view = self.endpoint.view
        if subscription.kind == "newHeads":
            session.notify(subscription.identity, self._header(view.tip), at_once=True)
            return
        for number in range(view.tip.number, -1, -1):
            block = view.blocks[number]
            if found := [log for log in _logs(block) if subscription.wants(log)]:
                session.notify(subscription.identity, formats.log(found[-1], block), at_once=True)
                return

    def _unsubscribe(self, identity):
        if self._session().subscriptions.pop(identity, None) is None:
            raise RpcError(INVALID_PARAMS, "subscription not found")
        return True


def _logs(block: Block) -> list:
    return [log for receipt in block.receipts for log in receipt.logs]
