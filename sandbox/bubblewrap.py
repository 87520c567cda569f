"""The cage that bubblewrap builds: a command line that starts a script in namespaces of its own."""

import os
import shutil
import stat
import subprocess
from functools import cache
from pathlib import Path

from sandbox.layout import USER, WORK, Layout

_NAMESPACES = (
    *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--uid", str(USER), "--gid", str(USER), "--hostname", "sandbox"),
    *("--die-with-parent", "--new-session", "--cap-drop", "ALL"),
)

PRLIMIT = "/usr/bin/prlimit"
"""Of util-linux; a cage shows /usr."""


def program() -> Path | None:
    """Where bubblewrap is; none: it is not installed."""
    found = shutil.which("bwrap")
    return Path(found) if found else None


def limited(script: tuple[str, ...], processes: int) -> tuple[str, ...]:
    """The script's command, held to so many processes by the kernel: where nothing counts them from outside, a fork bomb outruns whoever
    watches. It is set inside, since Linux 5.14 counts there what is in the cage only; before, all processes of the user. Not for root.
    """
    version = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if version < (5, 14) or not Path(PRLIMIT).exists():
        return script
    return (PRLIMIT, f"--nproc={processes}", "--", *script)


def command(bwrap: Path, layout: Layout, script: tuple[str, ...]) -> tuple[str, ...]:
    """The command line that runs the script in the layout, in the working folder. It must get the script's environment."""
    words: list[str] = [str(bwrap), *_NAMESPACES]
    if _can_disable_further(bwrap):
        words.append("--disable-userns")
    made: set[str] = set()
    for source, target in (*layout.read_only[:-1], *layout.writable, layout.read_only[-1]):
        words += _parents(target, made, {path for _, path in layout.writable})
        words += ["--bind" if (source, target) in layout.writable else "--ro-bind", source, target]
    for says, path in layout.links:
        words += ["--symlink", says, path]
    words += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    words += ["--size", str(layout.shared_memory), "--tmpfs", "/dev/shm"]
    for device in layout.devices:
        if device.startswith(("/dev/nvidia", "/dev/dri", "/dev/kfd")):
            words += ["--dev-bind", device, device]
    return (*words, "--remount-ro", "/", "--chdir", str(WORK), "--", *script)


def works(bwrap: Path) -> bool:
    """Whether the machine lets it make an empty cage."""
    words = [str(bwrap), *_NAMESPACES, "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "/bin/sh", "-c", "exit 0"]
    try:
        return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@cache
def _can_disable_further(bwrap: Path) -> bool:
    """Whether namespaces within namespaces can be forbidden: from version 0.8, not where it is set-user-id."""
    options = subprocess.run([str(bwrap), "--help"], capture_output=True, text=True, check=False).stdout
    return "--disable-userns" in options and not bwrap.stat().st_mode & stat.S_ISUID


def _parents(target: str, made: set[str], writable: set[str]) -> list[str]:
    """Folders above a target, open to all: bubblewrap would make them its owner's only."""
    words = []
    for folder in reversed(Path(target).parents):
        name = str(folder)
        if name != os.sep and name not in made and not any(folder.is_relative_to(path) for path in writable):
            made.add(name)
            words += ["--perms", "0755", "--dir", name]
    return words
