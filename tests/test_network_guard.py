"""The guard itself: a test that reaches for the network fails, whatever it does with the error; loopback goes through."""

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from engineers.models import resolve_model
from tests.engineers.chat_servers import OPENAI, Reply, chat_server
from tests.network_guard import RealRequestError, is_here

ROOT = Path(__file__).parents[1]
REACHING = """
import asyncio, socket
import pytest
from tests.network_guard import no_real_requests

def test_by_name():
    with pytest.raises(OSError):
        socket.create_connection(("example.org", 443), timeout=1)

def test_by_address():
    with pytest.raises(OSError):
        socket.create_connection(("192.0.2.1", 443), timeout=1)

def test_without_exceptions():
    with pytest.raises(OSError):
        socket.socket().connect_ex(("192.0.2.1", 443))

def test_by_datagram():
    with pytest.raises(OSError):
        socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))

def test_from_a_search_that_takes_every_error_as_a_value():
    from retrieval.tavily import Tavily
    assert asyncio.run(Tavily("tvly-0123456789").search("q", 1)).reason

def test_from_a_chat_model():
    from engineers.models import invoke, resolve_model
    from engineers.trouble import ChatError
    with pytest.raises(ChatError):
        asyncio.run(invoke(resolve_model("openai:m", retries=0), "hi", seconds=5))

def test_that_stays_here():
    assert not is_open(1)

def is_open(port):
    return socket.socket().connect_ex(("127.0.0.1", port)) == 0
"""


def test_every_test_that_reaches_out_fails_and_one_that_stays_here_passes(tmp_path: Path) -> None:
    (tmp_path / "test_reaching.py").write_text(REACHING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    environment = {"PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "sk-0123456789abcdef", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1, done.stdout + done.stderr
    failed = [line for line in done.stdout.splitlines() if line.startswith("ERROR ")]
    assert len(failed) == 6 and not any("stays_here" in line for line in failed), done.stdout
    for host in ("example.org:443", "192.0.2.1:443", "192.0.2.1:53", "api.tavily.com:443", "api.openai.com:443"):
        assert f"tried to reach the network: {host}" in done.stdout


async def test_clients_reach_servers_on_loopback() -> None:
    with chat_server(OPENAI, Reply("ok")) as server:
        answer = await resolve_model("m", base_url=server.base_url.replace("127.0.0.1", "localhost")).ainvoke("hi")
        assert answer.text == "ok"
        async with httpx.AsyncClient() as client:
            assert (await client.post(f"{server.url}/elsewhere")).status_code == 404


def test_refusal_comes_at_once_and_says_what_was_tried(no_real_requests: list[str]) -> None:
    with pytest.raises(RealRequestError, match="tried api"):
        socket.getaddrinfo("api.example.org", 443)
    with pytest.raises(RealRequestError):
        asyncio.run(asyncio.wait_for(asyncio.open_connection("192.0.2.7", 80), 5))
    assert no_real_requests == ["api.example.org:443", "192.0.2.7:80"]
    no_real_requests.clear()


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("localhost", True), (None, True), (b"localhost", True), ("0.0.0.0", True)]
    + [(host, False) for host in ("10.0.0.1", "192.168.1.1", "example.org", "localhost.example.org", "127.0.0.1.nip.io", "fe80::1%eth0")],
)
def test_what_counts_as_here(host: object, here: bool) -> None:
    assert is_here(host) is here
