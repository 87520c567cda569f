"""Every hostile script in every cage: it ends as it should, gets nothing, and leaves nothing (which `bench` looks after)."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from journal import Status
from sandbox import BubblewrapRunner, ForkserverRunner, Runner
from tests.hostile.scripts import SCRIPTS, Hostile
from tests.sandbox.conformance import Bench, Benched, contents, use_weights

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["forkserver", "bubblewrap"])
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    if request.param == "bubblewrap":
        if shutil.which("bwrap") is None:
            pytest.skip("bubblewrap is not installed")
        yield BubblewrapRunner()
    else:
        yield ForkserverRunner()


def outside(folder: Path) -> dict[str, str]:
    """Files that a script must not see."""
    (folder / "answers.csv").write_text("id,target\n3,1\n")
    (folder / "candidates" / "0001").mkdir(parents=True)
    (folder / "candidates" / "0001" / "solution.py").write_text("pass")
    (folder / "secret").write_text("secret")
    return {
        "secret": str(folder / "secret"),
        "answers": str(folder / "answers.csv"),
        "other": str(folder / "candidates" / "0001"),
        "outer": str(os.getpid()),
        "unix": str(folder / "listening"),
    }


class TestHostile(Benched):
    @pytest.mark.parametrize("hostile", SCRIPTS, ids=lambda hostile: hostile.name)
    async def test_it_gets_nothing_and_leaves_nothing(
        self, bench: Bench, hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        places = outside(tmp_path)
        with (
            socket.create_server(("127.0.0.1", 0)) as server,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as resolver,
            socket.socket(socket.AF_UNIX) as named,
            socket.socket(socket.AF_UNIX) as abstract,
        ):
            for listener, address in ((named, places["unix"]), (abstract, "\0" + places["unix"])):
                listener.bind(address)
                listener.listen()
            resolver.bind(("127.0.0.1", 0))
            resolver.setblocking(False)
            ports = {"port": str(server.getsockname()[1]), "udp": str(resolver.getsockname()[1])}
            code = hostile.code
            for name, value in {**places, **ports}.items():
                code = code.replace("{" + name + "}", value)
            started = time.monotonic()
            result = await bench.run(code.replace("{{", "{").replace("}}", "}"), seconds=hostile.seconds, disk=40 * 2**20, processes=200)
            with pytest.raises(BlockingIOError):  # nothing has arrived
                resolver.recv(512)
        assert time.monotonic() - started < hostile.seconds + 5
        assert result.status in hostile.ends, (result.status, result.error, result.log)
        assert "REACHED" not in result.log
        assert bool(result.files) == hostile.collected
        assert Path(places["secret"]).read_text() == "secret"  # noqa: ASYNC240

    async def test_of_the_caches_of_weights_it_gets_the_models_only_and_cannot_change_them(
        self, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caches = tmp_path / "caches"
        use_weights(caches, monkeypatch)
        before = contents(caches)
        code = f"""
            import os
            for folder, names, files in os.walk("/weights"):
                for path in [folder + "/" + name for name in (*names, *files)]:
                    attempts = lambda: os.chmod(path, 0o777), lambda: open(path, "a"), lambda: os.remove(path), lambda: os.mkdir(path + "2")
                    for attempt in attempts:
                        try:
                            attempt()
                            print("REACHED", path)
                        except OSError:
                            pass
                for name in files:
                    print(open(folder + "/" + name).read())
            print(os.path.exists({str(caches)!r}), [name for name in os.environ if "TOKEN" in name])
        """
        result = await bench.run(code)
        assert (result.status, result.error) == (Status.OK, "")
        assert sorted(result.log.splitlines()) == ["False []", "of the hub", "of the hub", "of torch"]
        assert contents(caches) == before
