"""A pipe from a process into a bounded log, read by the event loop."""

import asyncio
import os

from sandbox.boundedlog import BoundedLog


class LogPipe(asyncio.Protocol):
    """Hand `write_end` to a process, then `close_write_end()` here; `closed` is done when nobody holds it any more.

    `limit`: bytes kept, see BoundedLog.
    """

    def __init__(self, limit: int):
        self.log = BoundedLog(limit)
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.BaseTransport | None = None
        read_end, self.write_end = os.pipe()
        self._read_end = os.fdopen(read_end, "rb", buffering=0)
        self._write_end_open = True

    async def connect(self) -> None:
        """Begin to read."""
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: self, self._read_end)

    def close_write_end(self) -> None:
        if self._write_end_open:
            self._write_end_open = False
            os.close(self.write_end)

    def close(self) -> None:
        self.close_write_end()
        if self._transport is not None:
            self._transport.close()
        else:
            self._read_end.close()

    def data_received(self, data: bytes) -> None:
        self.log.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if not self.closed.done():
            self.closed.set_result(None)
