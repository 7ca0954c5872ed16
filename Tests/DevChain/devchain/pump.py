"""Writes to one connection in order: at once, or piece by piece as fast as the peer or a fault allows."""

import asyncio

_SLICE = 0.05


class Pump:
    """The writing side of a connection. While a stream is under way, later writes wait behind it."""

    def __init__(self, transport):
        self.transport = transport
        self._ready = asyncio.Event()
        self._ready.set()
        self._queue: list[bytes] = []
        self._task: asyncio.Task | None = None
        self._finishing = False

    @property
    def busy(self) -> bool:
        return self._task is not None

    def write(self, data: bytes) -> None:
        if self._task is None:
            self.transport.write(data)
        else:
            self._queue.append(data)

    def start(self, pieces, rate: float, then=None) -> None:
        """Write what `pieces` gives, at most `rate` bytes a second when there is a rate, then call `then`."""
        before = self._task
        self._task = asyncio.get_running_loop().create_task(self._run(pieces, rate, then, before))

    async def _run(self, pieces, rate: float, then, before) -> None:
        if before is not None:
            await before
        for piece in pieces:
            size = max(1, int(rate * _SLICE)) if rate else len(piece)
            for at in range(0, len(piece), size or 1):
                await self._ready.wait()
                if self.transport.is_closing():
                    return
                self.transport.write(piece[at:at + size])
                await asyncio.sleep(min(size, len(piece) - at) / rate if rate else 0)
        if self._task is asyncio.current_task():
            self._task = None
            queue, self._queue = self._queue, []
            self.transport.writelines(queue)
            if self._finishing:
                self.transport.close()
            if then:
                then()

    def finish(self) -> None:
        """Close once everything is written."""
        self._finishing = True
        if self._task is None:
            self.transport.close()

    def stop(self) -> None:
        """The connection is gone."""
        if self._task is not None:
            self._task.cancel()
        self._ready.set()

    def pause(self) -> None:
        self._ready.clear()

    def resume(self) -> None:
        self._ready.set()
