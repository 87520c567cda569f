"""A PostgreSQL server of one's own on loopback, in a temporary folder, from the binaries that are installed."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.flows.processes import free_port, wait_until

USER = "postgres"
"""PostgreSQL does not run as root; Debian's packages make this user."""


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, of the newest version; none: not installed."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    return max(folders, key=lambda folder: int(folder.parent.name), default=None)


def missing() -> str:
    """Why there can be no server; empty: there can."""
    if binaries() is None:
        return "PostgreSQL is not installed (Debian: postgresql)"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(USER)
        except KeyError:
            return f"there is no user {USER!r}, as whom root could start PostgreSQL"
    return ""


@contextmanager
def postgres_server(max_connections: int = 200) -> Iterator[str]:
    """Start one with an empty database; gives Prefect's connection URL. It and its folder are gone afterwards."""
    bin_folder = binaries()
    assert bin_folder is not None
    who = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="mlestar-postgres-", dir="/tmp"))
    if who:
        shutil.chown(folder, USER, USER)
    port = free_port()

    def run(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run([str(bin_folder / program), *arguments], cwd=folder, capture_output=True, check=False, **who)

    made = run("initdb", "-D", str(folder / "data"), "-U", USER, "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8")
    assert made.returncode == 0, made.stderr.decode()
    options = ("-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-c", f"max_connections={max_connections}")
    with (folder / "log").open("wb") as log:
        command = [str(bin_folder / "postgres"), "-D", str(folder / "data"), *options]
        server = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True, **who)
    try:
        wait_until(lambda: run("pg_isready", "-h", "127.0.0.1", "-p", str(port)).returncode == 0, 60, "PostgreSQL")
        made = run("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", USER, "prefect")
        assert made.returncode == 0, made.stderr.decode()
        yield f"postgresql+asyncpg://{USER}@127.0.0.1:{port}/prefect"
    finally:
        server.send_signal(signal.SIGINT)  # a fast shutdown
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        if server.poll() is None:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)
