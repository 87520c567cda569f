"""The machine's slots: over all runs of all processes and users on it, never more executions than there are places for.

A place is a file that is locked (flock) by whoever uses it; the kernel unlocks it when that process ends, however it ends. Who waits
holds a further lock, the turnstile, so that a run that has just freed a place is not the next to get it while another one waits.
"""

import asyncio
import fcntl
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from pathlib import Path

FOLDER = "MLESTAR_SLOTS"
"""Variable that names another folder for the locks: one for each group of runs that shall not see each other."""
DEFAULT = Path("/tmp/mlestar-slots")
"""Not the user's temporary folder: it is for all users."""
TURNSTILE = "turnstile"
LOOK = 0.02
"""Seconds between two tries. A process that waits blocked on a lock could not be cancelled."""
_log = logging.getLogger(__name__)


class MachineSlots:
    """Locks in one folder. Where it cannot be written, nothing is locked, which is said once in the log.

    `folder`: none: MLESTAR_SLOTS, else the machine's. `cores`: the machine's; none: those that this process may use.
    """

    def __init__(self, folder: Path | None = None, cores: int | None = None) -> None:
        self.folder = folder or Path(os.environ.get(FOLDER) or DEFAULT)
        self.cores = cores or usable_cores()
        self._said = False

    @asynccontextmanager
    async def hold(self, places: Sequence[str], count: int) -> AsyncIterator[None]:
        """Wait for `count` of the places, which must be as many at least, and hold them."""
        with ExitStack() as held:
            try:
                await self._acquire(places, count, held)
            except OSError as error:
                if not self._said:
                    self._said = True
                    _log.warning("%s: no locks can be made (%s); other runs on this machine are not waited for", self.folder, error)
            yield

    async def _acquire(self, places: Sequence[str], count: int, held: ExitStack) -> None:
        """One after the other, by whoever has the turnstile only: two that each wait for the other's places cannot be."""
        _make_folder(self.folder)
        with ExitStack() as turn:
            await self._one_of([TURNSTILE], turn)
            left = list(places)
            for _ in range(count):
                left.remove(await self._one_of(left, held))

    async def _one_of(self, names: Sequence[str], held: ExitStack) -> str:
        while True:
            for name in names:
                descriptor = _open(self.folder / name)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    os.close(descriptor)
                    continue
                held.callback(os.close, descriptor)
                return name
            await asyncio.sleep(LOOK)


def usable_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cores(count: int) -> list[str]:
    """The places for executions on cores: one a thread, so that runs with other numbers of threads are counted rightly."""
    return [f"core-{number}" for number in range(count)]


def gpu_shares(gpu: str, shares: int) -> list[str]:
    """The places of a run on one GPU."""
    return [f"gpu-{gpu.replace(os.sep, '_')}-{number}" for number in range(shares)]


def _make_folder(folder: Path) -> None:
    """For all users, like /tmp itself."""
    if not folder.is_dir():
        with suppress(FileExistsError):
            folder.mkdir(parents=True)
            folder.chmod(0o1777)


def _open(path: Path) -> int:
    """A lock needs no right to write; a link that somebody put there is not followed."""
    with suppress(FileNotFoundError):
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with suppress(OSError):
        os.fchmod(descriptor, 0o644)
    return descriptor
