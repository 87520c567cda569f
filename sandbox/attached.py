"""The streams of a container's first process, carried to and from the pipes that a supervisor has elsewhere."""

import contextlib
import os
import select
import struct
import threading
from collections.abc import Callable
from typing import Any

_HEADER = struct.Struct(">BxxxL")
"""Of each piece that the engine sends: 1: standard output, 2: standard error; then its length."""
_ERRORS = 2
_PIECE = 1 << 16


class Attached:
    """Reads in a thread of its own until the container has ended.

    `stream`: the engine's raw answer to an attachment. `control`: what can be read there tells the container to stop. `log`, `report`: the
    descriptors that its output and its errors go to; all three are duplicated. `unreported`: called where nothing was reported; what it
    gives is reported instead.
    """

    def __init__(self, stream: Any, control: int, log: int, report: int, unreported: Callable[[], bytes]):
        self._stream, self._unreported = stream, unreported
        self._control, self._log, self._report = os.dup(control), os.dup(log), os.dup(report)
        self._reported = False
        self._received = bytearray()
        threading.Thread(target=self._carry, name="mlestar-attached", daemon=True).start()

    def _carry(self) -> None:
        try:
            with contextlib.suppress(OSError):  # the engine has gone
                self._until_the_end()
            os.close(self._log)
            if not self._reported:
                os.write(self._report, self._unreported())
        finally:
            os.close(self._report)
            os.close(self._control)
            self._stream.close()

    def _until_the_end(self) -> None:
        number = self._stream.fileno()
        sources = [number, self._control]
        while True:
            readable, _, _ = select.select(sources, [], [])
            if self._control in readable:
                sources = [number]  # once is enough
                if os.read(self._control, 1):
                    os.write(number, b"x")
            if number in readable:
                received = os.read(number, _PIECE)
                if not received:
                    return
                self._received += received
                self._deliver()

    def _deliver(self) -> None:
        """Whole pieces to where they belong."""
        while len(self._received) >= _HEADER.size:
            kind, size = _HEADER.unpack_from(self._received)
            if len(self._received) < _HEADER.size + size:
                return
            piece = bytes(self._received[_HEADER.size : _HEADER.size + size])
            del self._received[: _HEADER.size + size]
            self._reported = self._reported or kind == _ERRORS
            with contextlib.suppress(BrokenPipeError):  # nobody reads the log any more
                _write_all(self._report if kind == _ERRORS else self._log, piece)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
