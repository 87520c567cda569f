"""Scripts that try to hurt, by name. Each prints REACHED where it got what no script may get.

Placeholders: {secret}: a file of the user outside; {answers}: private answers beside the view; {other}: another candidate's folder;
{outer}: the process number of the runner; {port}: a TCP server of the machine; {unix}: a Unix socket of the machine.
"""

from dataclasses import dataclass
from textwrap import dedent

from journal import Status

OK, CRASHED, KILLED, TIMED_OUT, MEMORY = Status.OK, Status.CRASHED, Status.KILLED, Status.TIMED_OUT, Status.OUT_OF_MEMORY


@dataclass(frozen=True)
class Hostile:
    """One script; `ends`: the statuses that are right."""

    name: str
    code: str
    ends: tuple[Status, ...] = (OK,)
    seconds: float = 10.0
    collected: bool = False
    """Whether submission.csv comes back."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", dedent(self.code))


def _reading(name: str, path: str) -> Hostile:
    return Hostile(name, f"try:\n    open({path!r}).read(); print('REACHED')\nexcept OSError as error:\n    print(error)")


def _trying(name: str, imports: str, attempt: str, ends: tuple[Status, ...] = (OK,)) -> Hostile:
    return Hostile(
        name, f"import {imports}\ntry:\n    {attempt}\n    print('REACHED')\nexcept (OSError, ValueError) as error:\n    print(error)", ends
    )


def _sending(name: str, datagram: str) -> Hostile:
    """It may think that it sent something; the test sees whether it arrived at the machine's own resolver, which listens on {udp}."""
    send = f"socket.socket(2, 2).sendto({datagram}, ('127.0.0.1', {{udp}}))"
    return Hostile(name, f"import socket\ntry:\n    {send}\nexcept OSError as error:\n    print(error)")


READING = [
    _reading("reads a file of the home directory", "{secret}"),
    _reading("reads the private answers", "{answers}"),
    _reading("reads another candidate", "{other}/solution.py"),
    _reading("reads the answers through its view", "input/../../answers.csv"),
    _reading("reads the environment of the runner", "/proc/{outer}/environ"),
    _reading("reads the memory of the runner", "/proc/{outer}/mem"),
    _reading("reads the machine's passwords", "/etc/shadow"),
    _reading("reads the machine through the first process's root", "/proc/1/root{secret}"),
    _reading("reads the disk", "/dev/vda"),
    _reading("reads the kernel's memory", "/dev/mem"),
    _reading("reads ssh keys", "/etc/ssh/ssh_host_ed25519_key"),
    Hostile(
        "lists other candidates",
        # The candidates' own Python may lie below somebody's home.
        "import glob, os, sys\npythons = sys.prefix + '/', sys.base_prefix + '/'\n"
        "seen = [path for path in glob.glob('/home/*/*') if not any(python.startswith(path + '/') for python in pythons)]\n"
        "if glob.glob('/tmp/*') or seen or os.path.exists('{other}'): print('REACHED')",
    ),
    Hostile(
        "lists the processes of the machine", "import os\nif len([n for n in os.listdir('/proc') if n.isdigit()]) > 4: print('REACHED')"
    ),
    Hostile("looks for keys in its environment", "import os\nif any('KEY' in n or 'TOKEN' in n for n in os.environ): print('REACHED')"),
    Hostile(
        "follows a link out of its folder",
        """
        import os
        os.symlink("{secret}", "link")
        try:
            open("link"); print("REACHED")
        except OSError as error:
            print(error)
        """,
    ),
    Hostile(
        "makes a hard link of a file outside",
        """
        import os
        for source in ("{secret}", "input/train.csv"):
            try:
                os.link(source, "linked"); print("REACHED")
            except OSError as error:
                print(error)
        """,
    ),
    Hostile("submits a link to a secret", "import os; os.symlink('{secret}', 'submission.csv')"),
]
WRITING = [
    _trying("overwrites its input", "os", "open('input/train.csv', 'w')"),
    _trying("deletes its input", "os", "os.unlink('input/train.csv')"),
    _trying("renames its input", "os", "os.rename('input', 'other')"),
    _trying("changes the mode of its input", "os", "os.chmod('input/train.csv', 0o777)"),
    _trying("writes to the system", "os", "open('/usr/bin/mlestar-was-here', 'w')"),
    _trying("writes to its Python", "os, sys", "open(os.path.join(os.path.dirname(os.__file__), 'was_here.py'), 'w')"),
    _trying("writes to the root", "os", "open('/was-here', 'w')"),
    _trying("writes to the kernel's settings", "os", "open('/proc/sys/kernel/core_pattern', 'w').write('|/bin/true')"),
    _trying("asks the kernel to crash", "os", "open('/proc/sysrq-trigger', 'w')"),
    _trying("writes to the control groups", "os", "open('/sys/fs/cgroup/memory/memory.limit_in_bytes', 'w')"),
]
PRIVILEGES = [
    _trying("becomes root", "os", "os.setuid(0)"),
    _trying("changes the owner of a file", "os", "open('mine', 'w'); os.chown('mine', 0, 0)"),
    _trying("makes a device", "os, stat", "os.mknod('disk', 0o600 | stat.S_IFBLK, os.makedev(254, 0))"),
    _trying("changes the clock", "time", "time.clock_settime(time.CLOCK_REALTIME, 0)"),
    _trying("raises its limits", "resource", "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))"),
    _trying("raises its priority", "os", "os.nice(-5)"),
    _trying("renames the machine", "socket", "socket.sethostname('mine')"),
    Hostile(
        "mounts and makes namespaces",
        """
        import ctypes
        libc = ctypes.CDLL(None)
        if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0: print("REACHED")
        if libc.unshare(0x10000000) == 0: print("REACHED")
        if libc.umount2(b"/sandbox/input", 2) == 0: print("REACHED")
        if libc.chroot(b"/tmp") == 0: print("REACHED")
        """,
    ),
    Hostile("traces the runner", "import ctypes\nif ctypes.CDLL(None).ptrace(16, {outer}, 0, 0) == 0: print('REACHED')"),
    Hostile(
        "signals the runner",
        """
        import os, signal
        try:
            os.kill({outer}, signal.SIGTERM); print("REACHED")
        except OSError as error:
            print(error)
        os.kill(1, signal.SIGKILL)
        """,
        (OK, KILLED),
    ),
    Hostile("kills all", "import os, signal; os.kill(-1, signal.SIGKILL)", (OK, KILLED, CRASHED)),
    Hostile(
        "forges the supervisor's report",
        """
        import os
        for process in ("1", "self"):
            try:
                names = os.listdir(f"/proc/{process}/fd")
            except OSError:
                continue
            for name in names:
                if int(name) > 2:
                    try:
                        os.write(os.open(f"/proc/{process}/fd/{name}", os.O_WRONLY), b"ended 0 0 0.0 0")
                    except OSError as error:
                        print(error)
        raise SystemExit(5)
        """,
        (CRASHED,),
    ),
]
NETWORK = [
    _trying("opens a TCP connection", "socket", "socket.create_connection(('127.0.0.1', {port}), 1)"),
    Hostile("looks for network interfaces", "import socket\nif [n for _, n in socket.if_nameindex()] != ['lo']: print('REACHED')"),
    _sending("sends by UDP", "b'x'"),
    _sending("asks DNS", r"b'\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03org\x00\x00\x01\x00\x01'"),
    _trying("speaks to a Unix socket of the machine", "socket", "socket.socket(1).connect('{unix}')"),
    _trying("speaks to an abstract socket of the machine", "socket", "socket.socket(1).connect('\\0{unix}')"),
    _trying("opens a raw socket", "socket", "socket.socket(2, 3, 1)"),
]
EXHAUSTING = [
    Hostile(
        "fork bomb",
        """
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """,
        (TIMED_OUT, CRASHED, KILLED, MEMORY),
        seconds=2.0,
    ),
    Hostile(
        "thread bomb",
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(600,), daemon=True).start()",
        (CRASHED, TIMED_OUT, MEMORY),
        seconds=3.0,
    ),
    Hostile("memory bomb", "kept = []\nwhile True: kept.append(bytearray(8 * 2**20))", (MEMORY,)),
    Hostile("fills shared memory", "f = open('/dev/shm/x', 'wb')\nwhile True: f.write(bytes(2**20))", (CRASHED, MEMORY)),
    Hostile(
        "fills the disk",
        "import itertools\nfor n in itertools.count():\n    with open(f'{{n}}', 'wb') as f: f.write(b'x' * 2**20)",
        (CRASHED,),
    ),
    Hostile(
        "fills the disk with files that have no name",
        """
        import os
        kept = []
        while True:
            f = open("x", "wb"); f.write(b"x" * 2**20); f.flush(); os.unlink("x"); kept.append(f)
        """,
        (CRASHED,),
    ),
    Hostile("exhausts file descriptors", "kept = []\nwhile True: kept.append(open('/dev/null'))", (CRASHED,)),
    Hostile("a submission of 10 GB without content", "open('submission.csv', 'wb').truncate(10 * 2**30)", (CRASHED,), collected=True),
    Hostile("endless output", "while True: print('x' * 10000)", (TIMED_OUT,), seconds=1.0),
    Hostile(
        "a thread that survives",
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()",
        (TIMED_OUT,),
        seconds=1.0,
    ),
    Hostile(
        "a loop that ignores all signals",
        """
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True: pass
        """,
        (TIMED_OUT,),
        seconds=1.0,
    ),
    Hostile("endless recursion", "def f(): f()\nf()", (CRASHED,)),
    Hostile("endless recursion in C", "import sys; sys.setrecursionlimit(10**9)\ndef f(x): return [*map(f, [x])]\nf(1)", (CRASHED, MEMORY)),
]
ENDING = [
    Hostile("a native crash", "import ctypes; ctypes.string_at(0)", (CRASHED,)),
    Hostile("kills itself", "import os; os.kill(os.getpid(), 9)", (KILLED,)),
    Hostile("ends at once", "import os; os._exit(0)"),
    Hostile("stops itself", "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", (TIMED_OUT,), seconds=1.0),
    Hostile("closes its output", "import os; [os.close(n) for n in (0, 1, 2)]; open('submission.csv', 'w').write('1')", collected=True),
    Hostile("replaces the exit function", "import os, sys; os._exit = sys.exit = print; raise SystemExit(4)", (CRASHED,)),
    Hostile("an exception that cannot be printed", "class E(Exception):\n    def __str__(self): raise self\nraise E", (CRASHED,)),
    Hostile("an exit function that never ends", "import atexit, time; atexit.register(time.sleep, 600)", (TIMED_OUT,), seconds=1.0),
    Hostile("wrong encoding", "text = '\udcff'", (CRASHED,)),
    Hostile("zero bytes in the source", "x = 1\0", (CRASHED,)),
    Hostile("a FIFO as submission", "import os; os.mkfifo('submission.csv')"),
    Hostile("not a number as submission", "open('submission.csv', 'w').write('id,target\\n3,nan\\n4,inf\\n5,1e999\\n')", collected=True),
    Hostile("bytes as submission", "open('submission.csv', 'wb').write(bytes(range(256)))", collected=True),
]
SCRIPTS = [*READING, *WRITING, *PRIVILEGES, *NETWORK, *EXHAUSTING, *ENDING]
