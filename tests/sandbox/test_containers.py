"""The docker runner under the conformance suite and the hostile scripts, in a real engine."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from journal import Status
from sandbox import InfrastructureError, docker_runner
from sandbox.containers import DockerRunner
from tests.sandbox.conformance import Bench, Benched, HostileScripts, RunnerConformance
from tests.sandbox.docker_engine import IMAGE, docker_engine

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    with docker_engine() as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", address)
        yield address


@pytest.fixture(scope="module")
def runner(engine: str) -> DockerRunner:
    return DockerRunner(IMAGE)


class TestConformance(RunnerConformance):
    async def test_the_gpu_reaches_the_script(self, bench: Bench) -> None:
        """The engine gives it to the container, or says that it cannot."""
        try:
            result = await bench.run("import os; print(os.environ['CUDA_VISIBLE_DEVICES'])", gpu="0")
        except InfrastructureError as error:
            assert "NVIDIA Container Toolkit" in str(error)
        else:
            assert result.log == "0\n"


class TestHostileScripts(HostileScripts):
    pass


class TestDocker(Benched):
    async def test_a_script_is_confined(self, bench: Bench) -> None:
        result = await bench.run("""
            import os, socket
            assert os.getuid() == 65534 and os.getgid() == 65534
            status = dict(line.split(":", 1) for line in open("/proc/self/status"))
            assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
            assert status["NoNewPrivs"].strip() == "1"
            assert [name for _, name in socket.if_nameindex()] == ["lo"]
            for path in ("/proc/1/fd", "/proc/1/environ", "/proc/1/mem"):
                try:
                    open(path).close() if path != "/proc/1/fd" else os.readlink("/proc/1/fd/2")
                except PermissionError:
                    continue
                raise AssertionError(path)
            for path in ("/etc/passwd", "/usr/new", "input/train.csv", "/mlestar/supervisor.py"):
                try:
                    open(path, "a")
                except OSError:
                    continue
                raise AssertionError(path)
            open("/tmp/here", "w").close()
        """)
        assert (result.status, result.error) == (Status.OK, "")

    async def test_an_unreadable_file_of_the_view_is_read_all_the_same(self, bench: Bench) -> None:
        (bench.view / "test.csv").chmod(0o600)
        result = await bench.run("print(open('input/test.csv').read())")
        assert (result.status, result.log) == (Status.OK, "id\n3\n\n")
        assert (bench.view / "test.csv").stat().st_mode & 0o777 == 0o600

    async def test_a_container_that_somebody_else_kills_is_no_success(self, bench: Bench, engine: str) -> None:
        task = asyncio.create_task(bench.run("import time; time.sleep(600)"))
        client = docker.APIClient(engine)
        while not (running := client.containers()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        client.kill(running[0]["Id"])
        assert (await task).status is Status.KILLED


def test_it_stands_the_trial_and_tells_what_it_is(engine: str) -> None:
    described = docker_runner(IMAGE).describe()
    assert described.startswith(f"docker: image {IMAGE} (")
    assert "not root" in described


def test_a_missing_image_is_named_with_what_to_do(engine: str) -> None:
    with pytest.raises(InfrastructureError, match=r"no image 'nowhere'.*docker build"):
        DockerRunner("nowhere")


def test_an_image_without_python_is_no_fault_of_the_candidate(engine: str) -> None:
    with pytest.raises(InfrastructureError, match="python9"):
        _ = DockerRunner(IMAGE, "python9").environment


def test_a_killed_runner_leaves_no_process_and_the_next_one_removes_its_container(engine: str, tmp_path: Path) -> None:
    (tmp_path / "view").mkdir()
    (tmp_path / "scratch").mkdir()
    job = f"Job('import time; time.sleep(600)', Path({str(tmp_path / 'view')!r}), Path({str(tmp_path / 'output')!r}))"
    imports = "import asyncio; from pathlib import Path; from sandbox import Job; from sandbox.containers import DockerRunner"
    code = f"{imports}; asyncio.run(DockerRunner({IMAGE!r}).execute({job}))"
    client = docker.APIClient(engine)
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path / "scratch")})
    try:
        wait_until(lambda: bool(client.containers()), 30)
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    wait_until(lambda: not client.containers(), 5)
    assert len(client.containers(all=True)) == 1
    DockerRunner(IMAGE)
    assert client.containers(all=True) == []
    assert list((tmp_path / "scratch").iterdir()) == []


def test_without_an_engine_it_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing")
    with pytest.raises(InfrastructureError, match="no Docker engine can be used"):
        DockerRunner(IMAGE)


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not within the time"
        time.sleep(0.05)
