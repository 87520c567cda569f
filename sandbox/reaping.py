"""Containers whose runner was killed: found by their labels and removed, together with the temporary folders that they had mounted."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

import psutil
from docker.errors import DockerException

OWNER, FOLDER = "mlestar.owner", "mlestar.folder"


def labels() -> dict[str, str]:
    """What marks a container as this process's."""
    return {OWNER: f"{_world()} {os.getpid()} {psutil.Process().create_time():.2f}"}


def folder_label(folder: Path) -> dict[str, str]:
    """What names the temporary folder that goes with the container."""
    return {FOLDER: str(folder)}


def reap(client: Any) -> None:
    """Remove the containers of dead processes of this machine. Blocking.

    Raises:
        DockerException: the engine does not answer.
    """
    for container in client.containers(all=True, filters={"label": OWNER}):
        if _dead(container["Labels"][OWNER]):
            with contextlib.suppress(DockerException):  # another runner is reaping too
                client.remove_container(container["Id"], force=True)
            folder = Path(container["Labels"].get(FOLDER, ""))
            if folder.name.startswith("mlestar-"):
                shutil.rmtree(folder, ignore_errors=True)


def _dead(owner: str) -> bool:
    """Whether the process is gone for certain: nothing is known of those in another container, or on another machine."""
    with contextlib.suppress(ValueError, psutil.NoSuchProcess):
        world, pid, started = owner.rsplit(" ", 2)
        return world == _world() and abs(psutil.Process(int(pid)).create_time() - float(started)) > 1
    return owner.startswith(f"{_world()} ")


def _world() -> str:
    """Where process numbers mean the same: this machine since its start, and this namespace of processes."""
    with contextlib.suppress(OSError):
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115
    return f"{os.uname().nodename} {psutil.boot_time():.0f}"
