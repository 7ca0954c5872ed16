"""All logs in order, found by address and first topic without scanning the chain."""

from bisect import bisect_left


class LogIndex:
    """Append-only list of logs with postings per address and per (address, topic 0)."""

    def __init__(self):
        self.logs = []
        self._by_address: dict[str, list[int]] = {}
        self._by_pair: dict[tuple, list[int]] = {}

    def __len__(self):
        return len(self.logs)

    def append(self, log) -> None:
        at = len(self.logs)
        self.logs.append(log)
        self._by_address.setdefault(log.address, []).append(at)
        first = log.topics[0] if log.topics else None
        self._by_pair.setdefault((log.address, first), []).append(at)

    def truncate(self, length: int) -> None:
        """Forget all logs from position `length` on."""
        for log in reversed(self.logs[length:]):
            self._by_address[log.address].pop()
            self._by_pair[log.address, log.topics[0] if log.topics else None].pop()
        del self.logs[length:]

    def find(self, start: int, end: int, addresses: set, topics: list):
        """Logs with positions in [start, end) that match; an empty set or None matches everything."""
        for at in self._candidates(start, end, addresses, topics[0] if topics else None):
            log = self.logs[at]
            if matches(log.topics, topics):
                yield log

    def _candidates(self, start: int, end: int, addresses: set, first):
        if not addresses:
            return range(start, end)
        if first:
            lists = [self._by_pair.get((a, t), ()) for a in addresses for t in first]
        else:
            lists = [self._by_address.get(a, ()) for a in addresses]
        found = [at for postings in lists for at in postings[bisect_left(postings, start):bisect_left(postings, end)]]
        found.sort()
        return found


def matches(topics: tuple, wanted: list) -> bool:
    """Whether a log's topics are among the wanted ones, position by position."""
    if len(wanted) > len(topics):
        return False
    for choice, topic in zip(wanted, topics):
        if choice and topic not in choice:
            return False
    return True
