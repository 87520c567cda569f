"""Serving run folders to a browser: files only, read only."""

from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit


def static_server(folder: Path, host: str, port: int) -> ThreadingHTTPServer:
    """Bound, not yet serving; port 0 takes a free one.

    Raises:
        OSError: the address cannot be had.
    """
    return ThreadingHTTPServer((host, port), partial(_Files, directory=str(folder.resolve())))


class _Files(SimpleHTTPRequestHandler):
    """GET and HEAD below the folder; nothing that a link leads out of it to."""

    def send_head(self):  # type: ignore[no-untyped-def]
        if not self._asked_by_its_name():
            self.send_error(HTTPStatus.FORBIDDEN, "this host is not known by that name")
            return None
        if not Path(self.translate_path(self.path)).resolve().is_relative_to(self.directory):
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _asked_by_its_name(self) -> bool:
        """On loopback: a page elsewhere must not read the reports through a name of its own that resolves to this machine."""
        address = self.server.server_address
        if not isinstance(address, tuple) or not ip_address(address[0]).is_loopback:
            return True
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        return name in ("localhost", "127.0.0.1", "::1")

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
