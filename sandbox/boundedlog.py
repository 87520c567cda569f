"""A log of bounded size: the first and the last half are kept, what lies between is counted."""


class BoundedLog:
    """Bytes in, text out. `limit`: bytes kept."""

    def __init__(self, limit: int):
        self._head_size = limit - limit // 2
        self._tail_size = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self._written = 0

    def write(self, data: bytes) -> None:
        self._written += len(data)
        room = self._head_size - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        # Twice the size before it is cut: else every small write would move the whole tail.
        if len(self._tail) > 2 * self._tail_size:
            self._cut()

    def text(self) -> str:
        """What was kept; bytes that are not UTF-8 are replaced."""
        self._cut()
        left_out = self._written - len(self._head) - len(self._tail)
        if not left_out:
            return (self._head + self._tail).decode(errors="replace")
        head, tail = (part.decode(errors="replace") for part in (self._head, self._tail))
        return f"{head}\n… {left_out:,} bytes left out …\n{tail}"

    def _cut(self) -> None:
        del self._tail[: max(0, len(self._tail) - self._tail_size)]
