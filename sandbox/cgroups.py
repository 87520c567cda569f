"""Control groups, which limit the memory and the number of processes of a whole tree: version 1 and 2, where this user may make some."""

import contextlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sandbox.runner import Limits

_PREFIX = "mlestar-"


@dataclass(frozen=True)
class ControlGroups:
    """Where groups can be made. In version 2 it is one folder for both."""

    version: int
    memory: Path | None
    processes: Path | None

    def make(self, limits: Limits) -> tuple[Path, ...]:
        """New groups with these limits, empty. What cannot be made is left out: the supervisor watches all the same."""
        name = f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        made = []
        for parent in dict.fromkeys((self.memory, self.processes)):
            if parent is not None:
                with contextlib.suppress(OSError):
                    group = parent / name
                    group.mkdir()
                    made.append(group)
                    if parent == self.memory:
                        self._limit_memory(group, limits.memory)
                    if parent == self.processes:
                        (group / "pids.max").write_text(str(limits.processes))
        return tuple(made)

    def describe(self) -> str:
        """What they limit, in words."""
        what = " and ".join(name for name, where in (("memory", self.memory), ("processes", self.processes)) if where)
        return f"{what} limited by cgroup v{self.version}"

    def _limit_memory(self, group: Path, limit: int) -> None:
        (group / ("memory.max" if self.version == 2 else "memory.limit_in_bytes")).write_text(str(limit))
        # Memory that is swapped out is memory all the same.
        with contextlib.suppress(OSError):
            if self.version == 2:
                (group / "memory.swap.max").write_text("0")
            else:
                (group / "memory.memsw.limit_in_bytes").write_text(str(limit))


def remove(groups: tuple[Path, ...]) -> None:
    """Remove groups without processes; one that still has some is left."""
    for group in groups:
        with contextlib.suppress(OSError):
            group.rmdir()


def find() -> ControlGroups | None:
    """Where this process can make groups for its children, tried out; none: nowhere. Empty groups of dead runners are removed."""
    own = _own_groups()
    if (unified := _mount("cgroup2", "")) and (place := _try(unified, own.get("", "/"), "memory.max", "pids.max")):
        return ControlGroups(2, place, place)
    places = []
    for controller, file in (("memory", "memory.limit_in_bytes"), ("pids", "pids.max")):
        mount = _mount("cgroup", controller)
        places.append(_try(mount, own.get(controller, "/"), file) if mount else None)
    return ControlGroups(1, places[0], places[1]) if any(places) else None


def _try(mount: Path, own: str, *files: str) -> Path | None:
    """The first folder, from this process's group upwards, where a new group has these files and a process may be put into it."""
    group = mount / own.lstrip("/")
    for place in (group, *group.parents):
        if place.is_relative_to(mount) and place.is_dir():
            _enable(place)
            if _works(place, files):
                _sweep(place)
                return place
    return None


def _works(place: Path, files: tuple[str, ...]) -> bool:
    trial = place / f"{_PREFIX}{os.getpid()}-trial-{secrets.token_hex(4)}"
    try:
        trial.mkdir()
    except OSError:
        return False
    try:
        if not all(os.access(trial / name, os.W_OK) for name in files):
            return False
        child = os.posix_spawn("/bin/sh", ["sh", "-c", f'echo 0 > "{trial}/cgroup.procs"'], {}, file_actions=_QUIET)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        remove((trial,))


_QUIET = [(os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0)]


def _enable(place: Path) -> None:
    """Version 2: give the children of a group its controllers; refused where the group has processes of its own."""
    with contextlib.suppress(OSError):
        control = place / "cgroup.subtree_control"
        if control.exists() and not {"memory", "pids"} <= set(control.read_text().split()):
            control.write_text("+memory +pids")


def _sweep(place: Path) -> None:
    """Remove the groups of runners that were killed."""
    for group in place.glob(f"{_PREFIX}*"):
        owner = group.name.removeprefix(_PREFIX).split("-")[0]
        if owner.isdecimal() and not Path(f"/proc/{owner}").exists():
            remove((group,))


def _own_groups() -> dict[str, str]:
    """This process's group by controller; '' is that of version 2."""
    groups = {}
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            groups.update(dict.fromkeys(controllers.split(","), path))
    return groups


def _mount(kind: str, controller: str) -> Path | None:
    """Where the hierarchy is mounted."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/mounts").read_text().splitlines():
            _, where, system, options, *_ = line.split()
            if system == kind and (not controller or controller in options.split(",")):
                return Path(where)
    return None
