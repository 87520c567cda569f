"""The docker runner: each script in a container of its own, made by a Docker engine on this machine."""

import asyncio
import contextlib
import os
import secrets
import signal
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import DeviceRequest, LogConfig

from sandbox import interpreter, reaping, weights
from sandbox.attached import Attached
from sandbox.execution import execute
from sandbox.runner import ExecutionResult, InfrastructureError, Job
from sandbox.supervision import Launch, Setting, Start, Supervisor
from sandbox.uninterrupted import uninterrupted_thread
from sandbox.workspace import Workspace

IMAGE = "mlestar-candidate"
"""Made by deploy/candidate.Dockerfile."""
BUILD = f"build it: docker build -f deploy/candidate.Dockerfile -t {IMAGE} ."
PLACE = Path("/job")
"""Where the script finds its folders: work, home, tmp."""
PROGRAMS = Path("/mlestar")
NOBODY = 65534
GROUPS = (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup"))
"""A container's own control group as it sees it: version 1, version 2."""
SUPERVISOR_MEMORY = 32 * 2**20
"""Bytes of a container beyond those of the script."""
_KILLED = 128 + signal.SIGKILL
_ANSWER = 60.0
"""Seconds for the engine to answer."""


class DockerRunner:
    """Runs each job in a container: no network, a read-only root, not root, no capabilities, limits by the engine.

    The container's first process is the same supervisor that other runners have. It ends with this process, however that ends; what is
    left of the container then is removed by the next runner. The engine must be on this machine: folders are mounted. Jobs may run
    concurrently.

    `image`: has a Python with the packages of the candidates, and is never pulled. `python`: its name or path in the image.

    Raises:
        InfrastructureError: no engine answers, or it has no such image.
    """

    name = "docker"

    def __init__(self, image: str = IMAGE, python: str = "python"):
        self.image, self._python = image, python
        try:
            self._client = docker.from_env(timeout=_ANSWER).api
            # By what it is now: a run must not change its image half way.
            self._digest: str = self._client.inspect_image(image)["Id"]
            engine: dict[str, Any] = self._client.info()
            reaping.reap(self._client)
        except ImageNotFound as error:
            raise InfrastructureError(f"the Docker engine has no image {image!r}: {BUILD}") from error
        except (DockerException, OSError) as error:
            raise InfrastructureError(
                f"no Docker engine can be used ({error}): start it, and see that this user may use its socket (DOCKER_HOST names another)"
            ) from error
        self._rootless = any("rootless" in option for option in engine.get("SecurityOptions") or ())
        self._version = str(engine.get("ServerVersion", ""))

    @cached_property
    def environment(self) -> str:
        """Digest of the image's Python, platform and installed distributions. The first call starts a container.

        Raises:
            InfrastructureError: the image has no working Python.
        """
        words = ["-I", "-c", interpreter.DESCRIBE]
        container = self._create(f"mlestar-{secrets.token_hex(8)}", words, {}, network_disabled=True)
        try:
            self._client.start(container)
            status = self._client.wait(container)["StatusCode"]
            described = self._client.logs(container, stdout=True, stderr=status != 0)
        except (DockerException, OSError) as error:
            raise InfrastructureError(f"{self._python} of the image {self.image} cannot be started: {error}") from error
        finally:
            self._remove(container)
        if status != 0:
            raise InfrastructureError(f"{self._python} of the image {self.image} is no working Python: {described.decode()[-500:]}")
        return interpreter.digest_of(described)

    def describe(self) -> str:
        """One sentence: what holds a script, and what does not."""
        user = "root of a user namespace" if self._rootless else "not root"
        return (
            f"docker: image {self.image} ({self._digest.removeprefix('sha256:')[:12]}), engine {self._version}; no network, root and "
            f"inputs read-only, {user}, no capabilities, no new privileges, memory and processes limited by the engine; scripts start cold"
        )

    async def execute(self, job: Job) -> ExecutionResult:
        """Run the job to its end, its limit or its cancellation; afterwards no process of it is left, nor container or temporary folder.

        Raises:
            InfrastructureError: the container cannot be made, or there is no input, or no space or permission for a folder.
            ValueError: a name in `collect` is not a plain file name.
            asyncio.CancelledError: after the container is gone.
        """
        container = f"mlestar-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            return await execute(job, Workspace(linked=True), partial(self._prepare, container))
        finally:
            await uninterrupted_thread(partial(self._remove, container))

    async def _prepare(self, container: str, job: Job, workspace: Workspace) -> tuple[Setting, Launch]:
        if os.getuid() == 0 and not self._rootless:
            await asyncio.to_thread(workspace.hand_over, NOBODY, NOBODY)

        async def launch(start: Start) -> Supervisor:
            contained = _Contained(self._client, container, start)
            await uninterrupted_thread(partial(self._start, contained, job, workspace))
            return contained

        return Setting(0, PLACE / "work", cgroups=GROUPS), launch

    def _start(self, contained: "_Contained", job: Job, workspace: Workspace) -> None:
        """Make the container, listen to it, and let it begin. Blocking."""
        start = contained.start
        try:
            self._create(contained.name, _words(start), _variables(job, start.marker), **self._confinement(job, workspace))
            stream = self._client.attach_socket(contained.name, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            Attached(stream, start.control, start.log, start.report, contained.unreported)
            self._client.start(contained.name)
        except (DockerException, OSError) as error:
            remedy = "; install the NVIDIA Container Toolkit, or hide the GPUs: CUDA_VISIBLE_DEVICES=" if job.gpu is not None else ""
            raise InfrastructureError(f"no container could be started from the image {self.image}: {error}{remedy}") from error

    def _create(self, name: str, words: list[str], variables: dict[str, str], **more: Any) -> str:
        host = more.pop("host_config", None) or self._client.create_host_config(network_mode="none", read_only=True)
        self._client.create_container(
            self._digest,
            name=name,
            entrypoint=[self._python],
            command=words,
            environment=variables,
            host_config=host,
            labels={**reaping.labels(), **more.pop("labels", {})},
            **more,
        )
        return name

    def _confinement(self, job: Job, workspace: Workspace) -> dict[str, Any]:
        """What holds the script."""
        limits = job.limits
        own = {str(workspace.root / name): {"bind": str(PLACE / name), "mode": "rw"} for name in ("work", "home")}
        programs = {
            str(Path(__file__).with_name(name)): {"bind": str(PROGRAMS / name), "mode": "ro"} for name in ("contained.py", "supervisor.py")
        }
        temporary = [f"{workspace.temporary}:{place}:rw" for place in (PLACE / "tmp", Path("/tmp"), Path("/var/tmp"))]
        binds = [f"{source}:{how['bind']}:{how['mode']}" for source, how in (own | programs).items()]
        pretrained = [f"{one.source}:{weights.PLACE / one.place}:ro" for one in weights.found()]
        gpus = [DeviceRequest(device_ids=job.gpu.split(","), capabilities=[["gpu"]])] if job.gpu else None
        host = self._client.create_host_config(
            binds=[*binds, *temporary, *pretrained, f"{workspace.input}:{PLACE / 'work' / 'input'}:ro"],
            network_mode="none",
            ipc_mode="private",
            read_only=True,
            cap_drop=["ALL"],
            security_opt=["no-new-privileges"],
            mem_limit=limits.memory + SUPERVISOR_MEMORY,
            memswap_limit=limits.memory + SUPERVISOR_MEMORY,
            shm_size=limits.memory // 2,
            pids_limit=limits.processes + 1,
            log_config=LogConfig(type="none"),
            device_requests=gpus,
        )
        return {
            "host_config": host,
            "user": self._user(),
            "hostname": "sandbox",
            "working_dir": str(PLACE / "work"),
            "stdin_open": True,
            "network_disabled": True,
            "labels": reaping.folder_label(workspace.root),
        }

    def _user(self) -> str:
        """Numbers of the script's user and group. Of a rootless engine root is the user who runs it, and no other can read his files."""
        if self._rootless:
            return "0:0"
        return f"{NOBODY}:{NOBODY}" if os.getuid() == 0 else f"{os.getuid()}:{os.getgid()}"

    def _remove(self, container: str) -> None:
        with contextlib.suppress(NotFound, APIError, OSError):
            self._client.remove_container(container, force=True)


class _Contained:
    """A supervisor that is a container's first process."""

    def __init__(self, client: Any, name: str, start: Start):
        self._client, self.name, self.start = client, name, start
        self.failed = False

    async def wait(self) -> None:
        await asyncio.wait({self.start.gone})

    def resume(self) -> None:
        pass

    def kill(self) -> None:
        """End all of it at once. Blocking."""
        with contextlib.suppress(DockerException, OSError):
            self._client.kill(self.name)

    def unreported(self) -> bytes:
        """What the engine says of a container whose first process ended without a word. Blocking."""
        with contextlib.suppress(DockerException, OSError):
            self._client.wait(self.name, timeout=_ANSWER)
            container = self._client.inspect_container(self.name)
            if container["State"]["OOMKilled"]:
                return f"memory None {container['HostConfig']['Memory']} 0 0".encode()
            self.failed = container["State"]["ExitCode"] not in (0, _KILLED)
        return b""


def _words(start: Start) -> list[str]:
    """The command of a container: its first process, and what the job is held to."""
    return ["-I", "-S", str(PROGRAMS / "contained.py"), *start.words[3:-1], str(PLACE)]


def _variables(job: Job, marker: str) -> dict[str, str]:
    """The job's environment; where programs and libraries are is the image's own business."""
    # Of the GPUs that the container sees, the first are the job's.
    inside = replace(job, gpu=",".join(str(number) for number, _ in enumerate(job.gpu.split(",")))) if job.gpu else job
    found = interpreter.variables(inside, Path("python"), PLACE / "home", PLACE / "tmp", marker)
    return {name: value for name, value in found.items() if name not in ("PATH", *interpreter.INHERITED)}
