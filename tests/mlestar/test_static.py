import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlestar.static import static_server


@pytest.fixture
def address(tmp_path: Path) -> Iterator[tuple[str, int]]:
    (tmp_path / "runs" / "wine" / "one").mkdir(parents=True)
    (tmp_path / "runs" / "wine" / "one" / "report.html").write_text("<h1>report</h1>")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "runs" / "link.txt").symlink_to(tmp_path / "secret.txt")
    server = static_server(tmp_path / "runs", "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def get(address: tuple[str, int], path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address, timeout=5)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_a_report_is_served(address: tuple[str, int]) -> None:
    assert get(address, "/wine/one/report.html") == (200, b"<h1>report</h1>")


def test_nothing_outside_the_runs_is_served(address: tuple[str, int]) -> None:
    for path in ("/../secret.txt", "/link.txt", "/%2e%2e/secret.txt", "//secret.txt"):
        status, body = get(address, path)
        assert status == 404
        assert b"secret" not in body.replace(b"secret.txt", b"")


def test_nothing_can_be_written(address: tuple[str, int]) -> None:
    assert get(address, "/wine/one/report.html", "PUT")[0] == 501
    assert get(address, "/wine/one/report.html", "DELETE")[0] == 501


def test_a_page_that_knows_this_machine_by_another_name_is_refused(address: tuple[str, int]) -> None:
    assert get(address, "/wine/one/report.html", Host="attacker.example")[0] == 403
