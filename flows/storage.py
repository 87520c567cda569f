"""The declared storage through which a run and its workers exchange everything: a shared folder, or any object store that fsspec knows."""

import contextlib
import errno
import os
import secrets
import shutil
import tarfile
import tempfile
import time
from pathlib import Path, PurePosixPath

import fsspec

from sandbox import InfrastructureError

PAUSES = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between the attempts to remove a folder that is written into."""


class StorageError(InfrastructureError):
    """The storage cannot be used; transient where it is a network's."""


class Storage:
    """Named objects below one URL; names are '/'-separated. Blocking; safe to use from several threads.

    Written whole or not at all: a reader never sees half an object.

    `url`: a folder's path, or `file://…`, `s3://bucket/prefix`, `gs://…` … (the protocol's package must be installed).

    Raises:
        StorageError: no such protocol, or it cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            # Listings must not be remembered: other machines write too.
            self._fs, root = fsspec.core.url_to_fs(url, use_listings_cache=False, skip_instance_cache=True)
            self._root = root.rstrip("/")
            self.is_folder = "file" in (self._fs.protocol if isinstance(self._fs.protocol, tuple) else (self._fs.protocol,))
            self._fs.makedirs(self._root, exist_ok=True)
        except (OSError, ValueError, ImportError) as error:
            raise StorageError(
                f"--storage: {url!r} cannot be used: {error} — give a folder that exists everywhere, or an fsspec URL"
            ) from error

    def write(self, name: str, data: bytes) -> None:
        """Make or replace an object."""
        with self._telling(name):
            if self.is_folder:
                self._write_file(name, data)
            else:
                self._fs.pipe_file(self._path(name), data)

    def create(self, name: str, data: bytes) -> bool:
        """Make an object if there is none of that name; whether it was made. Of several at once, one makes it (a folder, S3)."""
        with self._telling(name):
            try:
                if self.is_folder:
                    path = Path(self._path(name))
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("xb") as file:
                        file.write(data)
                else:
                    self._fs.pipe_file(self._path(name), data, mode="create")
            except FileExistsError:
                return False
        return True

    def read(self, name: str) -> bytes | None:
        """An object's content; none: there is no such object."""
        with self._telling(name):
            try:
                return bytes(self._fs.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        with self._telling(name):
            return bool(self._fs.exists(self._path(name)))

    def names(self, folder: str) -> list[str]:
        """The last parts of the names directly below a folder, sorted; empty where there is no such folder."""
        with self._telling(folder):
            try:
                found = self._fs.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return []
        return sorted(name for path in found if not (name := PurePosixPath(path.rstrip("/")).name).startswith("."))

    def put(self, source: Path, name: str) -> None:
        """Copy a file into the storage."""
        with self._telling(name):
            if self.is_folder:
                self._write_file(name, source.read_bytes())
            else:
                self._fs.put_file(str(source), self._path(name))

    def get(self, name: str, target: Path) -> None:
        """Copy an object into a file.

        Raises:
            StorageError: there is no such object, too.
        """
        with self._telling(name):
            self._fs.get_file(self._path(name), str(target))

    def remove(self, folder: str) -> None:
        """Remove everything below a folder, if it is there; somebody who still writes there is waited for.

        Raises:
            StorageError: it cannot be removed, or is written into without end.
        """
        path = self._path(folder)
        with self._telling(folder):
            for pause in PAUSES:
                try:
                    self._fs.rm(path, recursive=True)
                    return
                except OSError as error:  # what was there, or not, when it looked may have changed since
                    if not isinstance(error, (FileNotFoundError, IsADirectoryError)) and error.errno != errno.ENOTEMPTY:
                        raise
                    if not self._fs.exists(path):
                        return
                time.sleep(pause)
            self._fs.rm(path, recursive=True)

    def identity(self) -> str:
        """A word by which two machines see that they mean the same storage, wherever each has it."""
        self.create("storage.txt", secrets.token_hex(8).encode())
        return (self.read("storage.txt") or b"").decode()

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    def _write_file(self, name: str, data: bytes) -> None:
        path = Path(self._path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        partial.write_bytes(data)
        partial.replace(path)

    @contextlib.contextmanager
    def _telling(self, name: str):  # type: ignore[no-untyped-def]
        try:
            yield
        except FileExistsError:
            raise
        except OSError as error:
            raise StorageError(f"the storage {self.url}: {name}: {error}") from error


def pack(folder: Path, target: Path) -> None:
    """A folder's files as one tar."""
    with tarfile.open(target, "w") as tar:
        for path in sorted(folder.rglob("*")):
            tar.add(path.resolve(), arcname=path.relative_to(folder).as_posix(), recursive=False)


def _extract(packed: tarfile.TarFile, folder: Path) -> None:
    """Files and folders, and nothing outside. By hand, as tarfile's filters came with Python 3.11.4.

    Raises:
        tarfile.TarError: something else is in it.
    """
    for member in packed:
        name = PurePosixPath(member.name)
        if not (member.isfile() or member.isdir()) or name.is_absolute() or ".." in name.parts:
            raise tarfile.TarError(f"{member.name!r} is no file or folder below the one that was packed")
        target = folder / name
        (target if member.isdir() else target.parent).mkdir(parents=True, exist_ok=True)
        content = packed.extractfile(member)
        if content is not None:
            with content, target.open("xb") as file:
                shutil.copyfileobj(content, file)
            os.utime(target, (member.mtime, member.mtime))


def unpack(tar: Path, folder: Path) -> None:
    """Make `folder` from a tar, whole or not at all; it may be there already. Its files are read-only."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".partial-") as partial:
        with tarfile.open(tar) as packed:
            _extract(packed, Path(partial))
        for path in Path(partial).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o444)
        Path(partial).chmod(0o755)
        try:
            Path(partial).rename(folder)
        except OSError:
            if not folder.is_dir():  # else another worker of this machine was first
                raise
            return
        Path(partial).mkdir()  # for the context to remove
    os.utime(folder)
