"""A Docker engine of the tests' own, with an image of this machine's Python: nothing is pulled, nothing of the machine's is touched."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import pytest

IMAGE = "mlestar-test"
OPTIONS = ("--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--bridge=none")
LEFT_OUT = {"site-packages", "test", "tests", "idlelib", "ensurepip", "lib2to3", "tkinter", "turtledemo", "__pycache__"}
FOLDERS = ("tmp", "var/tmp", "proc", "sys", "dev", "etc", "job/work", "job/home", "job/tmp", "mlestar")


@contextmanager
def docker_engine() -> Iterator[str]:
    """The address of an engine that has the image; skips with the reason where none can be started."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can start a Docker engine")
    if shutil.which("dockerd") is None:
        pytest.skip("dockerd is not installed (Debian: docker.io)")
    with tempfile.TemporaryDirectory(prefix="dockerd-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder, log = Path(name), Path(name) / "log"
        address = f"unix://{folder}/socket"
        places = [f"--{option}={folder / option}" for option in ("data-root", "exec-root", "pidfile")]
        # With mounts of its own, which end with it.
        command = ["unshare", "--mount", "--propagation", "slave", "dockerd", f"--host={address}", *places, *OPTIONS]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        try:
            if trouble := waited(process, address):
                pytest.skip(f"no Docker engine can be started here: {trouble} {log.read_text(errors='replace')[-500:]}")
            client = docker.APIClient(address)
            image = folder / "image.tar"
            pack(image)
            client.import_image(str(image), repository=IMAGE, changes=["ENV PATH=/usr/local/bin:/bin"])
            image.unlink()
            client.close()
            yield address
        finally:
            stop(process)


def waited(process: subprocess.Popen[bytes], address: str) -> str:
    """Until the engine answers; else what is wrong."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            return f"dockerd ended with {process.returncode}:"
        with suppress(docker.errors.DockerException, OSError):
            if docker.APIClient(address).ping():
                return ""
        time.sleep(0.1)
    return "dockerd does not answer:"


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def pack(path: Path) -> None:
    """A tar of this Python with its standard library, `cat`, and the libraries that they load."""
    library = Path(sysconfig.get_path("stdlib"))
    cat = os.path.realpath("/bin/cat")
    python = os.path.realpath(sys.executable)
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    with tarfile.open(path, "w") as tar:
        for folder in FOLDERS:
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        add_text(tar, "etc/passwd", "root:x:0:0::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n")
        tar.add(cat, "bin/cat")
        tar.add(python, f"usr/local/bin/{name}")
        link = tarfile.TarInfo("usr/local/bin/python")
        link.type, link.linkname = tarfile.SYMTYPE, name
        tar.addfile(link)
        extensions = sorted((library / "lib-dynload").glob("*.so"))
        for needed in sorted(libraries([python, cat, *map(str, extensions)])):
            tar.add(os.path.realpath(needed), needed if needed.startswith("/lib64/") else f"lib/{Path(needed).name}")
        tar.add(library, f"usr/local/lib/{name}", filter=wanted)


def wanted(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = entry.name.split("/")
    if LEFT_OUT.intersection(parts) or any(part.startswith("config-") for part in parts):
        return None
    entry.uid = entry.gid = 0
    entry.mode |= 0o555 if entry.isdir() else 0o444
    return entry


def add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text), 0o644
    tar.addfile(entry, io.BytesIO(text.encode()))


def libraries(programs: list[str]) -> set[str]:
    """Paths of the shared libraries that the programs load, the loader included."""
    listed = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=False).stdout
    return set(re.findall(r"(?:=> |\t)(/\S+) \(0x", listed))
