"""Runs one command within limits and ends only when no process of it is left. Standard library only: started with `-I -S`, in 15 ms.

A process of its own, because three things cannot be done from outside. A *subreaper* inherits the orphans of its descendants, so that a
child that starts a session of its own or forks twice stays below it, and "I have no children" means "nothing is left". It outlives a
runner that is killed, and then ends the tree. And it sees a process end, or its memory grow, no matter how busy the runner is.

It learns that it should stop from the pipe `control`: a byte says so, and its end means that the runner is gone (with the parent's
number as a second sign, since a fork of the runner may hold the pipe open). PR_SET_PDEATHSIG is not used for that: it fires when the
*thread* that started the process ends. How the command ended is written to the pipe `report` as five words: why it ended, its return
code, the peak of its memory in bytes, its seconds, and 1 if something is left, else 0.

The fork server (sandbox/zygote.py) forks supervisors from this same file: each starts its child before there is a job, to save the time.

Linux has all of this. Elsewhere there is no subreaper: processes are found by their parent and process group only, memory by `ps`, and what
escaped is for the runner to find (sandbox/processes.py).
"""

import ctypes
import os
import resource
import select
import signal
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

Processes = dict[int, tuple[int, int, int]]
"""By pid: parent, process group, bytes resident."""

LINUX = sys.platform == "linux"
POLL = 0.05 if LINUX else 0.5
"""Seconds between two looks at the tree's memory."""
DISK_POLL = 0.5
"""Seconds between two looks at the files that it wrote."""
LOAD = 10
"""A look that takes t seconds is followed by at least LOAD * t seconds of rest, so that looking never takes more than a tenth of a core."""
LINGER = 0.2
"""Seconds for helpers to end by themselves after the command did: joblib's and multiprocessing's clean up shared memory then."""
PATIENCE = 5.0
"""Seconds after SIGKILL until a process is given up: it hangs in the kernel."""
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
OOM_SCORE = 500
"""If the machine itself runs out of memory, the kernel takes the command before the runner."""


class Orders:
    """What to hold a command to; built from the words that `sandbox.supervision` gives."""

    def __init__(self, words: list[str]):
        self.control, self.report, self.parent, self.memory, self.output = map(int, words[:5])
        self.seconds, self.grace = map(float, words[5:7])
        self.disk, self.processes = map(int, words[7:9])
        self.caged = words[9] == "caged"
        """The command is the guard of a cage, and its child the cage's first process: they are no part of what is limited."""
        self.cgroups = [path for path in words[10].split(os.pathsep) if path]
        self.folder = words[11]


WORDS = 12
"""Arguments before the command's."""


def main(arguments: list[str]) -> None:
    """Supervise one command; the arguments are those that `sandbox.supervision` gives, then the command."""
    command = arguments[WORDS:]
    supervise(Orders(arguments[:WORDS]), lambda _: os.execv(command[0], command))


def supervise(orders: Orders, become: "Callable[[int], object]") -> None:
    """Run one command in a child, within the orders, and report how it ended.

    `become`: called in the child, never returns; it is given a descriptor that must be closed before the script begins (executing a
    program closes it): what is written there says that the machine, not the script, is at fault.
    """
    for descriptor in (orders.control, orders.report):
        os.set_inheritable(descriptor, False)  # else the command could report in this process's name
    post = Post()

    def within_limits(troubled: int) -> None:
        for folder in orders.cgroups:
            join(folder, 0)
        limit_all(orders.memory, orders.output)
        become(troubled)

    post.start(within_limits)
    post.attend(orders)


class Post:
    """A supervisor's own means: signals that wake it, and the pipe by which its child tells of trouble."""

    def __init__(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a command that signals its parent must not end its own supervision
        self.wake, signalled = os.pipe()
        os.set_blocking(signalled, False)
        os.set_blocking(self.wake, False)
        signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.trouble, self.troubled = os.pipe()
        os.set_blocking(self.trouble, False)
        self.libc = prctl_library()
        self.pid = 0

    def start(self, become: "Callable[[int], object]") -> None:
        """Fork and become the command in a session of its own. Not `subprocess`: importing it takes as long as all the rest."""
        self.pid = os.fork()
        if self.pid:
            os.close(self.troubled)
            return
        try:
            os.setsid()
            if self.libc is not None:
                self.libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)  # should the command kill its supervisor
                with open("/proc/self/oom_score_adj", "w") as file:
                    file.write(str(OOM_SCORE))
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            become(self.troubled)
        except BaseException as error:
            os.write(self.troubled, f"the command could not be started: {error}\n".encode())
        os._exit(127)

    def attend(self, orders: Orders) -> None:
        """Watch over the command until nothing of it is left, and report."""
        started = time.monotonic()
        tree = Tree(self.pid, orders.caged)
        reason = watch(tree, (orders.control, self.wake), orders)
        elapsed = time.monotonic() - started
        if reason == "ended":
            tree.wait(LINGER, self.wake)
        left = tree.kill(self.wake)
        if reason == "ended" and killed_in(orders.cgroups):
            reason = "memory"
            tree.peak = max(tree.peak, orders.memory)  # it was there, if only between two looks
        if text := read(self.trouble):
            os.write(2, text)
            reason = "trouble"
        if reason == "orphaned":
            remove(orders.folder, orders.cgroups)
        os.write(orders.report, f"{reason} {tree.returncode} {tree.peak} {elapsed:.6f} {left}".encode())


def prctl_library() -> ctypes.CDLL | None:
    """The C library with this process made a subreaper; none where there is no such thing."""
    if not LINUX:
        return None
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    return libc


def join(cgroup: str, pid: int) -> None:
    """Put a process, 0: this one, into a control group."""
    with open(f"{cgroup}/cgroup.procs", "w") as file:
        file.write(str(pid))


def limit_all(memory: int, output: int) -> None:
    """The limits of single processes, for this one and what it starts."""
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_FSIZE, output)
    # One huge allocation must fail at once: the next look at the tree would come too late. It is a limit of a single process and
    # counts what is reserved, not what is used, hence the quarter more.
    limit(resource.RLIMIT_DATA, memory + memory // 4)


def limit(which: int, value: int) -> None:
    """Lower a resource limit of this process, for good."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def watch(tree: "Tree", pipes: tuple[int, int], orders: Orders) -> str:
    """Wait until the command has ended or must be ended; why: ended, time, memory, processes, disk, stopped, orphaned."""
    control, wake = pipes
    now = time.monotonic()
    deadline = now + orders.seconds
    look, look_at_disk = 0.0, now + DISK_POLL
    reason = "ended"
    while tree.returncode is None:
        now = time.monotonic()
        if now >= look:
            if over := tree.over(orders):
                return over
            if os.getppid() != orders.parent:
                return "orphaned"
            took = time.monotonic() - now
            look = now + max(POLL, LOAD * took)
        if now >= look_at_disk:
            if tree.written(orders.folder) > orders.disk:
                return "disk"
            took = time.monotonic() - now
            look_at_disk = now + max(DISK_POLL, LOAD * took)
        if now >= deadline:
            if reason == "time":
                break
            reason = "time"
            deadline = now + orders.grace
            tree.signal(signal.SIGTERM)
        readable, _, _ = select.select([control, wake], [], [], max(0.0, min(look, deadline) - time.monotonic()))
        if control in readable:
            return "stopped" if os.read(control, 1) else "orphaned"
        drain(wake)
        tree.reap()
    return reason


class Tree:
    """The command and everything below this process."""

    def __init__(self, pid: int, caged: bool):
        self.pid = pid
        self.caged = caged
        self.returncode: int | None = None
        """Of the command, as in `subprocess`: minus the number of the signal that ended it."""
        self.peak = 0

    def over(self, orders: Orders) -> str:
        """Which limit the tree is beyond now: memory, processes, or none (empty)."""
        found = members(self.pid, self.caged)
        if len(found) > orders.processes:
            return "processes"
        total = sum(resident for _, resident in found)
        # Shared pages are divided by their sharers only where the plain sum passes the limit: it is slow. A control group has counted
        # them once.
        if LINUX and len(found) > 1 and total > orders.memory:
            in_group = used_in(orders.cgroups)
            total = min(total, in_group) if in_group else sum(proportional(pid, resident) for pid, resident in found)
        self.peak = max(self.peak, total)
        if total > orders.memory or killed_in(orders.cgroups):
            self.peak = max(self.peak, orders.memory)
            return "memory"
        return ""

    def written(self, folder: str) -> int:
        """Bytes on disk below the folder and in its removed files that are still open."""
        found: dict[int, int] = {}
        try:
            device = os.stat(folder).st_dev
        except OSError:
            return 0
        for name in ("work", "home", "tmp"):
            sizes_below(f"{folder}/{name}", found)
        if LINUX:
            for pid, _ in members(self.pid, self.caged):
                removed_files(pid, device, found)
        return sum(found.values())

    def signal(self, number: int) -> None:
        """Send it to all; what a cage is made of is spared unless it is to die: the script has its grace inside."""
        spare = self.caged and number == signal.SIGTERM
        for pid, _ in members(self.pid, spare):
            try:
                os.kill(pid, number)
            except (ProcessLookupError, PermissionError):
                pass

    def reap(self) -> bool:
        """Take in what has ended; false: this process has no children left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.pid:
                self.returncode = os.waitstatus_to_exitcode(status)
            # A process that lived shorter than the time between two looks is seen here. macOS counts in bytes.
            self.peak = max(self.peak, usage.ru_maxrss * (1024 if LINUX else 1))

    def wait(self, seconds: float, wake: int) -> bool:
        """Until nothing is left, at most so long; whether something is left."""
        end = time.monotonic() + seconds
        while self.reap():
            if time.monotonic() >= end:
                return True
            select.select([wake], [], [], 0.01)
            drain(wake)
        return False

    def kill(self, wake: int) -> int:
        """SIGKILL all; 1 if something outlived even that, else 0."""
        end = time.monotonic() + PATIENCE
        if self.caged and self.reap():
            self.end_cage()
            self.wait(PATIENCE / 2, wake)
        while self.reap() and time.monotonic() < end:
            self.signal(signal.SIGSTOP)  # first freeze them: what forks faster than it is killed would never end
            self.signal(signal.SIGKILL)
            self.wait(0.01, wake)
        return int(self.reap())

    def end_cage(self) -> None:
        """SIGKILL to its first process: the kernel then ends all others in it, however many there are and however fast they fork."""
        for pid, (parent, _, _) in linux_processes().items():
            if parent == self.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass


def members(command: int, caged: bool) -> list[tuple[int, int]]:
    """(pid, bytes resident) of every living process below this one, or in the command's group.

    `caged`: without the command, which is the guard of a cage then, and its child.
    """
    me = os.getpid()
    table = linux_processes() if LINUX else ps_processes()
    below = {me}
    children: dict[int, list[int]] = {}
    for pid, (parent, group, _) in table.items():
        children.setdefault(parent, []).append(pid)
        if group == command:
            below.add(pid)
    waiting = list(below)
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            if pid not in below:
                below.add(pid)
                waiting.append(pid)
    spared = {me, command, *children.get(command, ())} if caged else {me}
    return [(pid, table[pid][2]) for pid in below if pid not in spared and pid in table]


def linux_processes() -> Processes:
    """Read here, since psutil is not there with `-S` and takes 30 ms to import."""
    page = resource.getpagesize()
    table = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat", "rb", 0) as file:
                    # The name of the program, in parentheses, may hold anything; state, parent, group … follow.
                    fields = file.read(1024).rpartition(b")")[2].split()
                table[int(name)] = (int(fields[1]), int(fields[2]), int(fields[21]) * page)
            except (OSError, IndexError):
                pass  # it has just ended
    return table


def ps_processes() -> Processes:
    """The same from the tool that every Unix has."""
    import subprocess

    lines = subprocess.run(
        ["/bin/ps", "-A", "-o", "pid=,ppid=,pgid=,rss="], capture_output=True, text=True, check=False
    ).stdout.splitlines()
    rows = (map(int, line.split()) for line in lines)
    return {pid: (parent, group, kilobytes * 1024) for pid, parent, group, kilobytes in rows}


def proportional(pid: int, resident: int) -> int:
    """Bytes of a process with shared pages divided by their sharers (Pss); `resident` where the kernel does not tell.

    A process that has ended since it was listed has none: its share is now among those of the others.
    """
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb", 0) as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:
        pass
    return resident


def sizes_below(folder: str, found: dict[int, int]) -> None:
    """Add the bytes on disk of the files below the folder, by inode. What no path names is left out."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.path.split("/")[-2:] != ["work", "input"]:
                            waiting.append(entry.path)
                    else:
                        status = entry.stat(follow_symlinks=False)
                        found[status.st_ino] = status.st_blocks * 512
        except OSError:
            pass  # it has just been removed, or is locked: the script's own loss


def removed_files(pid: int, device: int, found: dict[int, int]) -> None:
    """Add the bytes on disk of the files that a process has open though they have no name any more."""
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            try:
                status = os.stat(f"/proc/{pid}/fd/{name}")
            except OSError:
                continue
            if status.st_nlink == 0 and status.st_dev == device and stat.S_ISREG(status.st_mode):
                found[status.st_ino] = status.st_blocks * 512
    except OSError:
        pass


def used_in(cgroups: list[str]) -> int:
    """Bytes that the control groups count; 0 where none counts memory."""
    for folder in cgroups:
        for name in ("memory.current", "memory.usage_in_bytes"):
            try:
                with open(f"{folder}/{name}") as file:
                    return int(file.read())
            except OSError:
                pass
    return 0


def killed_in(cgroups: list[str]) -> bool:
    """Whether the kernel ended a process in one of the control groups for want of memory."""
    for folder in cgroups:
        for name in ("memory.events", "memory.oom_control"):
            try:
                with open(f"{folder}/{name}") as file:
                    if any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in file):
                        return True
            except OSError:
                pass
    return False


def read(descriptor: int) -> bytes:
    """What is in a pipe."""
    try:
        return os.read(descriptor, 4096)
    except BlockingIOError:
        return b""


def drain(descriptor: int) -> None:
    """Empty the pipe that signals write to."""
    try:
        while os.read(descriptor, 512):
            pass
    except BlockingIOError:
        pass


def remove(folder: str, cgroups: list[str]) -> None:
    """The runner that would have removed them is gone."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    for path in cgroups:
        try:
            os.rmdir(path)
        except OSError:
            pass


if __name__ == "__main__":
    main(sys.argv[1:])
