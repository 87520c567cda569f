"""What a cage shows of the machine: the system and the candidates' Python read-only, the job's own folders, and nothing else."""

import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sandbox import weights
from sandbox.runner import InfrastructureError, Job
from sandbox.workspace import Workspace

WORK = Path("/sandbox")
"""Where the script finds its working folder."""
HOME = Path("/home/sandbox")
USER = 65534
"""User and group number of the script inside: nobody."""

_PYTHON = """
import json, sys, sysconfig
paths = sysconfig.get_paths()
print(json.dumps([sys.prefix, sys.base_prefix, sys.exec_prefix, *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib"))]))
"""
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_SETTINGS = ("alternatives", "fonts", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "OpenCL", "vulkan")
"""Below /etc: what libraries look for. No keys, no names of people or machines."""
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_GPU_DEVICES = ("nvidia*", "nvidia-caps/*", "nvidia-uvm*", "dri/*", "kfd")
_FILES = {
    "passwd": f"root:x:0:0:root:/:/bin/false\nsandbox:x:{USER}:{USER}:sandbox:{HOME}:/bin/false\n",
    "group": f"root:x:0:\nsandbox:x:{USER}:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
"""Below /etc too, written for the cage: libraries ask for the user's name and for `localhost`."""


@dataclass(frozen=True)
class Layout:
    """One job's view of the machine. Parents come before what lies below them."""

    read_only: tuple[tuple[str, str], ...]
    """(where it is, where the script sees it)"""
    writable: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...]
    """(what it says, where it is)"""
    devices: tuple[str, ...]
    shared_memory: int
    """Bytes of /dev/shm."""
    temporary: str


def layout(job: Job, workspace: Workspace, python: Path) -> Layout:
    """The layout for one job.

    Raises:
        InfrastructureError: the interpreter is missing or broken.
    """
    shown, links = _machine(python)
    read_only = [(path, path) for path in shown]
    # An interpreter below /tmp would lie among the script's own files there.
    temporary = "/var/tmp" if any(path.startswith("/tmp/") for path in shown) else "/tmp"
    for name, content in _FILES.items():
        file = workspace.root / name
        file.write_text(content)
        read_only.append((str(file), f"/etc/{name}"))
    if job.gpu is not None:
        read_only.append(("/sys", "/sys"))
    read_only += [(str(one.source), str(weights.PLACE / one.place)) for one in weights.found()]
    return Layout(
        read_only=(*read_only, (str(workspace.input), f"{WORK}/input")),
        writable=((str(workspace.work), str(WORK)), (str(workspace.home), str(HOME)), (str(workspace.temporary), temporary)),
        links=links,
        devices=tuple(_devices(job.gpu is not None)),
        shared_memory=job.limits.memory // 2,
        temporary=temporary,
    )


@cache
def _machine(python: Path) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """(folders and files to show, symbolic links to make)"""
    folders = [path for path in _SYSTEM if Path(path).exists()]
    links = tuple((os.readlink(path), path) for path in folders if Path(path).is_symlink())  # noqa: PTH115
    shown = [path for path in folders if not Path(path).is_symlink()]
    shown += [f"/etc/{name}" for name in _SETTINGS if Path(f"/etc/{name}").exists()]
    for path in (*_python_folders(python), *_library_folders()):
        if Path(path) in (Path("/"), Path.home()):
            raise InfrastructureError(
                f"{python} is installed in {path} itself; use an interpreter or virtual environment with a folder of its own"
            )
        shown.append(path)
    return tuple(_outermost(shown)), links


def _python_folders(python: Path) -> list[str]:
    try:
        answer = subprocess.run([str(python), "-I", "-c", _PYTHON], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise InfrastructureError(f"{python} is no working Python interpreter: {error}") from error
    folders = [os.path.normpath(path) for path in json.loads(answer.stdout)]
    # A virtual environment's `python` may lead through several links.
    link = python
    while link.is_symlink():
        link = Path(os.path.normpath(link.parent / os.readlink(link)))  # noqa: PTH115
        if link.parent.name == "bin" and (link.parent.parent / "lib").is_dir():
            folders.append(str(link.parent.parent))
    return [path for path in folders if Path(path).is_dir()]


def _library_folders() -> list[str]:
    found = [path for path in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if path.startswith("/")]
    return [os.path.normpath(path) for path in found if Path(path).is_dir()]


def _outermost(paths: Iterable[str]) -> list[str]:
    """Sorted, without those that lie below another one."""
    kept: list[str] = []
    for path in sorted(set(paths), key=lambda path: Path(path).parts):
        if not any(Path(path).is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def _devices(gpu: bool) -> list[str]:
    found = [f"/dev/{name}" for name in _DEVICES if Path(f"/dev/{name}").exists()]
    if gpu:
        found += sorted({str(path) for pattern in _GPU_DEVICES for path in Path("/dev").glob(pattern) if not path.is_dir()})
    return found
