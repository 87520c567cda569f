"""Hugging Face's protocol on loopback, as far as its client needs it to fetch a model: what it is, its tree, and its files."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from time import sleep

from tests.loopback import QuietHandler, listening

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Hub:
    """The running server: its URL, and the paths that were asked for."""

    url: str
    asked: list[str] = field(default_factory=list)

    @property
    def files(self) -> set[str]:
        """That were fetched whole."""
        return {path.partition(f"/{COMMIT}/")[2] for path in self.asked if path.startswith("GET") and "/resolve/" in path}


@contextmanager
def hub(models: Mapping[str, Mapping[str, bytes]], pretended: Mapping[str, int] | None = None, hang: bool = False) -> Iterator[Hub]:
    """Serve the models, by name and path of their files. `pretended`: sizes that are told otherwise. `hang`: no file ever comes."""
    sizes = pretended or {}

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.asked.append(f"{self.command} {self.path}")
            path = self.path.partition("?")[0].strip("/")
            parts = path.split("/")
            if parts[:2] == ["api", "models"] and (files := models.get("/".join(parts[2:4]))) is not None:
                return self._tree(files) if "tree" in parts else self._model("/".join(parts[2:4]), files)
            files = models.get("/".join(parts[:2]), {})
            content = files.get("/".join(parts[4:]))
            if content is None or parts[2] != "resolve":
                return self._send(404, b"", {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"})
            if hang:
                sleep(600)
            return self._send(200, content, {"X-Repo-Commit": COMMIT, "ETag": f'"{sha256(content).hexdigest()}"'})

        do_HEAD = do_GET

        def _model(self, name: str, files: Mapping[str, bytes]) -> None:
            siblings = [{"rfilename": path, "size": sizes.get(path, len(content))} for path, content in files.items()]
            self._json({"id": name, "sha": COMMIT, "siblings": siblings})

        def _tree(self, files: Mapping[str, bytes]) -> None:
            self._json([{"type": "file", "path": path, "size": len(content), "oid": COMMIT} for path, content in files.items()])

        def _json(self, value: object) -> None:
            self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

        def _send(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

    with listening(Handler) as url:
        served = Hub(url)
        yield served
