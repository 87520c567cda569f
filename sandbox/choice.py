"""Which runner is the strongest that this machine allows: found out by running a script that tries what it must not be able to do."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from sandbox.isolated import BubblewrapRunner, ForkserverRunner
from sandbox.local import LocalRunner
from sandbox.runner import InfrastructureError, Job, Limits, Runner

Isolation = Literal["auto", "required", "none"]

REMEDY = (
    "install the package `bubblewrap`, and let users make namespaces (sysctl user.max_user_namespaces > 0, on Debian and Ubuntu also "
    "kernel.unprivileged_userns_clone=1 and kernel.apparmor_restrict_unprivileged_userns=0; in a container, one that may make them)"
)
_PROBE = """
import json, os, socket
found = []
def forbidden(what, attempt):
    try:
        attempt()
    except (OSError, ValueError):
        return
    found.append(what)
def status(name):
    return next(line.split()[1] for line in open("/proc/self/status") if line.startswith(name + ":"))
if [name for _, name in socket.if_nameindex()] != ["lo"]:
    found.append("it sees the machine's network interfaces")
forbidden("it can write to its input", lambda: open("input/written", "w"))
forbidden("it can write to the system", lambda: open("/usr/mlestar-probe", "w"))
forbidden("it can read other files of this user", lambda: open(OUTSIDE))
forbidden("it sees other processes", lambda: open(f"/proc/{OUTER}/stat") if OUTER > 100 else int("no"))
if os.getuid() == 0:
    found.append("it is root")
if int(status("CapEff"), 16) or int(status("CapBnd"), 16):
    found.append("it has capabilities")
if status("NoNewPrivs") != "1":
    found.append("it may gain privileges")
print(json.dumps(found))
"""


class DescribedRunner(Runner, Protocol):
    """A runner that tells how strong it is."""

    def describe(self) -> str:
        """One sentence: which protections are on, and which are not."""
        ...


def best_runner(python: Path | None = None, isolation: Isolation = "auto") -> DescribedRunner:
    """The strongest runner of this machine for the candidates' interpreter; the first call tries it out, for about a second.

    In this order: `forkserver` (a cage, warm start), `bubblewrap` (a cage, cold start), `local` (no cage).

    `python`: none: the interpreter that runs this. `isolation`: "auto": the strongest there is; "required": a cage or an error; "none": no
    cage, whatever is there.

    Raises:
        InfrastructureError: a cage is required and there is none; why, and what to do.
        ValueError: another word for `isolation`.
    """
    interpreter = Path(python or sys.executable).absolute()
    if isolation not in ("auto", "required", "none"):
        raise ValueError(f"isolation is {isolation!r}; it must be auto, required or none")
    if isolation == "none":
        return LocalRunner(interpreter, because="isolation is switched off")
    why = []
    for make in (ForkserverRunner, BubblewrapRunner):
        weakness = _weakness(make, interpreter)
        if not weakness:
            return make(interpreter)
        why.append(f"{make.name}: {weakness}")
    reasons = "; ".join(why)
    if isolation == "required":
        raise InfrastructureError(f"isolation is required, but this machine allows no cage ({reasons}): {REMEDY}")
    return LocalRunner(interpreter, because=f"this machine allows none ({reasons}): {REMEDY}")


def docker_runner(image: str) -> DescribedRunner:
    """The runner of containers, tried out on this machine's engine: some seconds.

    Raises:
        InfrastructureError: there is no engine, no such image, or the container does not hold.
    """
    from sandbox.containers import DockerRunner  # its client takes as long to import as all the rest

    runner = DockerRunner(image)
    if weakness := _tried(lambda: runner):
        raise InfrastructureError(f"a container of the image {image} is not what it must be: {weakness}")
    return runner


@cache
def _weakness(make: Callable[[Path], Runner], python: Path) -> str:
    """What is wrong with a runner on this machine; empty: nothing."""
    return "for Linux only" if sys.platform != "linux" else _tried(lambda: make(python))


def _tried(make: Callable[[], Runner]) -> str:
    try:
        # In a thread of its own: an event loop may be running in this one.
        with tempfile.TemporaryDirectory(prefix="mlestar-probe-") as folder, ThreadPoolExecutor(1) as executor:
            return executor.submit(lambda: asyncio.run(_probe(make(), Path(folder)))).result()
    except InfrastructureError as error:
        return str(error).strip().splitlines()[-1][:300]


async def _probe(runner: Runner, folder: Path) -> str:
    outside = folder / "outside.txt"
    outside.write_text("nobody's business")
    (folder / "view").mkdir()
    code = f"OUTSIDE = {str(outside)!r}\nOUTER = {os.getpid()}\n{_PROBE}"
    limits = Limits(seconds=20.0, memory=2**30)
    result = await runner.execute(Job(code, folder / "view", folder / "output", limits, collect=()))
    if result.returncode != 0:
        return result.error or "a first script failed in it"
    return ", ".join(json.loads(result.log))
