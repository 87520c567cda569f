"""The private temporary folder of one job: filled before it, emptied after it."""

import errno
import logging
import os
import shutil
import stat
import subprocess
import tempfile
import threading
from fcntl import ioctl
from pathlib import Path

from sandbox.runner import InfrastructureError, Job

_FICLONE = 0x40049409
"""Linux: let two files share their blocks until one is written to (btrfs, XFS)."""
_KINDS = {stat.S_IFLNK: "a symbolic link", stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
_log = logging.getLogger(__name__)


class Workspace:
    """Folders of one job: `work` (where the script starts, with `input` in it), `home` and `temporary`, all below `root`.

    `linked`: the view's files are not copied but hard-linked, where the file system allows, into a folder of this job's own beside
    `work`, for a cage that shows it read-only as `work/input`. Why not show the view itself: who opened a file is told by the folder
    through which it was opened, and several jobs may read one view at once.

    Raises:
        InfrastructureError: no folder can be made.
    """

    def __init__(self, linked: bool = False) -> None:
        try:
            self.root = Path(tempfile.mkdtemp(prefix="mlestar-")).resolve()
            self.work, self.home, self.temporary = (self.root / name for name in ("work", "home", "tmp"))
            for folder in (self.work, self.home, self.temporary):
                folder.mkdir()
        except OSError as error:
            raise InfrastructureError(
                f"no temporary folder for a job below {tempfile.gettempdir()}: {error}; set TMPDIR to another place"
            ) from error
        self.input = self.root / "view" if linked else self.work / "input"
        self._copy = _link if linked else _copy
        self._lock = threading.Lock()
        self._removed = False

    def fill(self, job: Job) -> frozenset[str]:
        """Write the script and provide the view: real copies where the script may change them. The files' paths, '/'-separated. Blocking.

        Raises:
            InfrastructureError: the view is missing, or there is no space or permission.
        """
        if not job.input.is_dir():
            raise InfrastructureError(f"the input folder {job.input} does not exist or is no folder")
        copied = set()

        def copy(source: str, target: str) -> None:
            if self._removed:
                raise InterruptedError(errno.EINTR, "the job was cancelled")
            self._copy(source, target)
            copied.add(Path(target).relative_to(self.input).as_posix())

        with self._lock:
            try:
                (self.work / "solution.py").write_text(job.code, encoding="utf-8", errors="surrogatepass", newline="")
                shutil.copytree(job.input, self.input, copy_function=copy)
                (self.work / "input").mkdir(exist_ok=True)
            except (OSError, shutil.Error) as error:
                raise InfrastructureError(f"{job.input} could not be copied to {self.input}: {error}") from error
        return frozenset(copied)

    def hand_over(self, user: int, group: int) -> None:
        """Let another user write where the script may, and read its view. Blocking.

        Raises:
            InfrastructureError: this user may not.
        """
        try:
            for folder in (self.work, self.home, self.temporary):
                os.chown(folder, user, group)
            (self.work / "solution.py").chmod(0o644)
            for path in (self.input, *self.input.rglob("*")):
                _let_all_read(path)
        except OSError as error:
            raise InfrastructureError(f"{self.root} cannot be handed over to user {user}: {error}") from error

    def collect(self, job: Job) -> tuple[dict[str, Path], list[str]]:
        """Copy what the script left into the job's output folder: (files by name, why others were not taken). Blocking.

        A file of that name that lay there before is replaced or removed, so that none of an earlier job is taken for this one's.

        Raises:
            InfrastructureError: the output folder cannot be written.
        """
        files: dict[str, Path] = {}
        problems: list[str] = []
        try:
            job.output.mkdir(parents=True, exist_ok=True)
            with self._lock:
                for name in job.collect:
                    target = job.output / name
                    target.unlink(missing_ok=True)
                    if problem := _collect(self.work / name, target, job.limits.output):
                        problems.append(problem)
                    elif target.exists():
                        files[name] = target
        except OSError as error:
            raise InfrastructureError(f"nothing can be written to {job.output}: {error}") from error
        return files, problems

    def remove(self) -> None:
        """Remove all of it, whatever the script left: unreadable folders, or so deep that no path names them. Blocking."""
        self._removed = True
        with self._lock:  # a cancelled job may still be copying in its thread
            try:
                if self.input.parent == self.root:  # links to the view's own files: nothing below may change their modes
                    shutil.rmtree(self.input, ignore_errors=True)
                shutil.rmtree(self.root)
            except (OSError, RecursionError):
                for command in (["chmod", "-R", "u+rwx"], ["rm", "-rf"]):
                    subprocess.run([*command, "--", str(self.root)], stderr=subprocess.DEVNULL, check=False)
            if self.root.exists():
                _log.warning("the temporary folder %s could not be removed", self.root)


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as read, open(target, "wb") as write:  # noqa: PTH123
        try:
            ioctl(write.fileno(), _FICLONE, read.fileno())
            return
        except OSError:
            pass  # another file system than those
    shutil.copyfile(source, target)


def _link(source: str, target: str) -> None:
    try:
        os.link(os.path.realpath(source), target)
    except OSError:  # another file system, too many links, or not this user's file
        _copy(source, target)


def _let_all_read(path: Path) -> None:
    """A file that is a link to the view's own is copied first: that one's mode is not ours to change."""
    mode = path.stat().st_mode
    if path.is_dir():
        path.chmod(mode | 0o555)
    elif not mode & 0o004:
        own = path.with_name(path.name + ".own")
        shutil.copyfile(path, own)
        own.chmod(mode | 0o444)
        own.replace(path)


def _collect(source: Path, target: Path, limit: int) -> str:
    """Copy one file if it is there, regular and small enough; else why not, or nothing if it is not there."""
    try:
        mode = source.lstat().st_mode
        if not stat.S_ISREG(mode):
            return f"{source.name} was not collected: it is {_KINDS.get(stat.S_IFMT(mode), 'a device')}, not a regular file"
        # Should it change at this very moment: follow no link, and do not wait for a FIFO's other end.
        descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{source.name} was not collected: {error.strerror}"
    with os.fdopen(descriptor, "rb") as file:
        size = os.fstat(descriptor).st_size
        if size > limit:
            return f"{source.name} was not collected: {size:,} bytes, more than the limit of {limit:,}"
        partial = target.with_name(target.name + ".partial")
        try:
            with partial.open("wb") as copy:
                shutil.copyfileobj(file, copy)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    return ""
