"""The fork server's process: imports what scripts import, once, and forks a supervisor for every execution.

Standard library only, for any Python from 3.8: started by the candidates' interpreter, which knows nothing of this package. It has a
single thread and never *uses* a library: OpenMP's threads do not survive a fork, and nothing may be initialised on a GPU. It ends with
the runner that started it, however that ends.
"""

# As little as can be is imported before the script, so no pathlib and no contextlib:
import ctypes
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sandbox import asmain, cage, supervisor
else:

    def neighbour(name):
        """A file beside this one as a module under a name that no script asks for."""
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
        spec = importlib.util.spec_from_file_location("_mlestar_" + name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    asmain, cage, supervisor = map(neighbour, ("asmain", "cage", "supervisor"))

LOOK = 1.0
"""Seconds between two looks whether the parent is still there: some fork of it may hold the socket open."""
PR_SET_NAME = 15
IDLE, BUSY = b"mlestar-idle", b"mlestar-job"
LARGEST = 1 << 17
"""Bytes of a request."""


def main() -> None:
    """Import the modules named by the first message, say 'ready' or what is wrong, then serve."""
    parent = os.getppid()
    server = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(server.fileno(), False)
    os.chdir("/")
    modules = json.loads(server.recv(LARGEST))
    server.send(prepare(modules).encode()[:LARGEST])
    serve(server, parent)


def prepare(modules: "list[str]") -> str:
    """Import; what is not there is left out, for the script to find out itself. 'ready', or why this process must not be forked."""
    sys.path[0] = ""  # not the folder of this file; each script's own comes here
    for name in modules:
        try:
            importlib.import_module(name)
        except Exception:
            pass
    sys.stdout.flush()
    ctypes.CDLL(None).fflush(None)
    gc.collect()
    gc.freeze()  # a collection in a child would write to every object, and so copy every page
    threads = len(os.listdir("/proc/self/task"))
    if threads > 1:
        return f"importing {', '.join(modules)} starts {threads - 1} threads"
    return "ready"


def serve(server: socket.socket, parent: int) -> None:
    """Pass each request to a supervisor that is ready, and fork the next one, until the runner is gone."""
    # Each is reaped by the kernel: its report says how it went.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    ready = fork_supervisor(server)
    while os.getppid() == parent:
        readable, _, _ = select.select([server], [], [], LOOK)
        if not readable:
            continue
        data, descriptors = receive(server)
        if not data:
            return
        try:
            socket.send_fds(ready, [data], descriptors)
        except OSError:  # it has been killed: its report's end says so
            pass
        for descriptor in descriptors:
            os.close(descriptor)
        ready.close()
        ready = fork_supervisor(server)


def fork_supervisor(server: socket.socket) -> socket.socket:
    """A supervisor that has all ready for the next job but the job, which it waits for; the socket to send it by."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        server.close()
        ours.close()
        stand_by(theirs)
        os._exit(0)
    theirs.close()
    return ours


def receive(server: socket.socket) -> "tuple[bytes, list[int]]":
    """A request and its three descriptors: control, report, log."""
    size = struct_size() * 3
    data, ancillary, _, _ = server.recvmsg(LARGEST, socket.CMSG_SPACE(size))
    found: list[int] = []
    for _, kind, content in ancillary:
        if kind == socket.SCM_RIGHTS:
            found += memoryview(content[: len(content) - len(content) % struct_size()]).cast("i").tolist()
    return data, found


def struct_size() -> int:
    """Bytes of a descriptor's number."""
    return ctypes.sizeof(ctypes.c_int)


def stand_by(requests: socket.socket) -> None:
    """Be a supervisor with an empty cage, and of one job, when it comes."""
    os.setsid()
    name_process(IDLE)
    post = supervisor.Post()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    first, told = os.pipe()

    def become(troubled: int) -> None:
        # The script may look into the first process of its cage: nothing of the supervisor's may be open there.
        keep = (theirs.fileno(), told, troubled)
        low = 3
        for kept in sorted(keep):
            os.closerange(low, kept)
            low = kept + 1
        os.closerange(low, 1 << 16)
        cage.enter(troubled, told, lambda troubled, status: be_first(theirs, troubled, status))

    post.start(become)
    theirs.close()
    os.close(told)
    data, descriptors = receive(requests)
    if not data:
        return  # the fork server has ended; the cage ends with this process
    name_process(BUSY)
    try:
        supervise(post, ours, os.read(first, 4), data, descriptors)
    except BaseException as error:
        os.write(descriptors[2], f"the supervisor of a job failed: {error!r}\n".encode())
        os.write(descriptors[1], b"failed None 0 0 0")


def supervise(post: "supervisor.Post", cage_socket: socket.socket, first: bytes, data: bytes, descriptors: "list[int]") -> None:
    """Hand the job to the first process of the cage and watch over it."""
    control, report, log = descriptors
    # It furnishes the cage while it is put into its control groups, which takes the kernel some milliseconds.
    try:
        socket.send_fds(cage_socket, [data], [log])
    except OSError:
        pass  # what has ended it is in the trouble pipe
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    words = [str(control), str(report), str(os.getppid()), *json.loads(data)["words"][3:]]
    orders = supervisor.Orders(words)
    if first:
        for group in orders.cgroups:
            supervisor.join(group, int.from_bytes(first, sys.byteorder))
        try:
            cage_socket.send(b"go")
        except OSError:
            pass
    cage_socket.close()
    post.attend(orders)


def be_first(requests: socket.socket, troubled: int, status: int) -> None:
    """Furnish the cage for the job, when it comes, and start the script."""
    data, descriptors = receive(requests)
    if not data:
        os._exit(0)
    request = json.loads(data)
    nothing = os.open("/dev/null", os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(descriptors[0], 1)
    os.dup2(descriptors[0], 2)
    os.close(nothing)
    os.close(descriptors[0])
    orders = supervisor.Orders(request["words"])
    counted = any(os.access(group + "/pids.max", os.F_OK) for group in orders.cgroups)
    cage.furnish(request["layout"])
    cage.close()
    if not requests.recv(2):
        os._exit(0)
    requests.close()
    supervisor.limit_all(orders.memory, orders.output)
    if not counted:
        cage.limit_processes(orders.processes)
    cage.be_first(troubled, status, lambda: script(request, troubled))


def name_process(name: bytes) -> None:
    """What `ps` and `top` show of it."""
    cage.libc.prctl(PR_SET_NAME, name, 0, 0, 0)


def script(request: "dict[str, Any]", troubled: int) -> None:
    """Be the script."""
    command = request["command"]
    if command:
        asmain.restore_signals()
        for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        keep = os.dup2(troubled, 3, inheritable=False)
        os.closerange(keep + 1, 1 << 16)
        try:
            os.execve(command[0], command, request["variables"])
        except OSError as error:
            os.write(keep, f"{command[0]} could not be started: {error}\n".encode())
        os._exit(127)
    os.closerange(3, 1 << 16)
    name_process(b"python")
    asmain.run_as_main(request["variables"], request["threads"])


if __name__ == "__main__":
    main()
