"""No test reaches anything but this machine: one that tries fails, also where the code under test takes the error as a value."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost"})


class RealRequestError(ConnectionRefusedError):
    """A test tried to reach the network. As a kind of refused connection it takes the code's own way of failing."""


def is_here(host: object) -> bool:
    """Whether a host's name or address is this machine's own loopback."""
    name = _text(host)
    if name.lower().rstrip(".") in NAMES:
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _text(name: object) -> str:
    return name.decode() if isinstance(name, bytes) else str(name or "")


@pytest.fixture(autouse=True)
def no_real_requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Refuse connections, datagrams and look-ups of names beyond loopback; those that were tried fail the test at its end."""
    tried: list[str] = []
    connect, connect_ex, sendto, look_up = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto, socket.getaddrinfo

    def check(host: object, port: object) -> None:
        if not is_here(host):
            tried.append(f"{_text(host)}:{_text(port)}")
            raise RealRequestError(f"a test must not reach the network, but it tried {tried[-1]} — use a server on loopback")

    def check_address(own: socket.socket, address: Any) -> None:
        if own.family in (socket.AF_INET, socket.AF_INET6):
            check(address[0], address[1])

    def guarded_connect(own: socket.socket, address: Any) -> None:
        check_address(own, address)
        connect(own, address)

    def guarded_connect_ex(own: socket.socket, address: Any) -> int:
        check_address(own, address)
        return connect_ex(own, address)

    def guarded_sendto(own: socket.socket, data: bytes, *rest: Any) -> int:
        check_address(own, rest[-1])
        return sendto(own, data, *rest)

    def guarded_look_up(host: Any, port: Any, *rest: Any, **named: Any) -> Any:
        check(host, port)
        return look_up(host, port, *rest, **named)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", guarded_sendto)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield tried
    if tried:
        pytest.fail(f"the test tried to reach the network: {', '.join(dict.fromkeys(tried))} — use a server on loopback", pytrace=False)
