"""Putting a process into namespaces of its own by hand: what bubblewrap does, for a process that has been forked and must not execute
anything. Standard library only, for any Python from 3.8; runs in the fork server (sandbox/zygote.py), which has a single thread.

Three processes: the *guard* stays outside and ends as the script ends; the *first process* of the new process namespace reaps orphans, and
with its end the kernel ends all others in the namespace; the *script* is its child, so that signals do to it what they do elsewhere.
"""

# As little as can be is imported before the script, so no pathlib:
import ctypes
import fcntl
import os
import resource
import signal
import socket
import struct

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

NEWNS, NEWUSER, NEWPID, NEWNET, NEWIPC, NEWUTS, NEWCGROUP = 0x20000, 0x10000000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38
SYS_MOUNT_SETATTR = 442
"""The same number on all architectures; Linux 5.12."""
SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "ppc64le": 203}
CAPABILITIES_VERSION_3 = 0x20080522
LAST_CAPABILITY = 63
USER = 65534
"""User and group number inside: nobody."""

libc = ctypes.CDLL(None, use_errno=True)


def enter(troubled: int, tell: int, inside: "Callable[[int, int], object]") -> None:
    """Become the guard of a cage; never returns. The first process in it is unfurnished yet: a process in namespaces of its own.

    `troubled`: see sandbox.supervisor.supervise. `tell`: a descriptor that is told the number of the first process, and closed.
    `inside`: called in the first process, never returns; given `troubled` and the descriptor that the script's status is written to.

    Raises:
        OSError: the machine allows no such cage.
    """
    user, group = os.geteuid(), os.getegid()
    check(libc.unshare(NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS | NEWCGROUP), "unshare")
    write("/proc/self/setgroups", "deny")
    write("/proc/self/uid_map", f"{USER} {user} 1")
    write("/proc/self/gid_map", f"{USER} {group} 1")
    die_with_parent()  # the new credentials have cleared it
    told, status = os.pipe()
    first = os.fork()
    if first == 0:
        try:
            os.close(told)
            os.close(tell)
            die_with_parent()
            libc.sethostname(b"sandbox", 7)
            bring_loopback_up()
            mount("none", "/", None, MS_REC | MS_PRIVATE)
            inside(troubled, status)
        except BaseException as error:
            os.write(troubled, f"no cage could be made for the script: {error}\n".encode())
        os._exit(1)
    os.write(tell, struct.pack("i", first))
    for descriptor in (tell, troubled, status):
        os.close(descriptor)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guard(first, told)


def guard(first: int, told: int) -> None:
    """Wait for the first process, and end in the way that it tells."""
    os.waitpid(first, 0)
    answer = os.read(told, 4)
    if len(answer) < 4:
        end_by(signal.SIGKILL)
    code = os.waitstatus_to_exitcode(struct.unpack("i", answer)[0])
    if code < 0:
        end_by(-code)
    os._exit(code)


def end_by(number: int) -> None:
    """End this process by a signal."""
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pause()


def close() -> None:
    """The furnished cage is closed for this process and all that it starts: nothing can be changed any more, no privileges are left."""
    write("/proc/sys/user/max_user_namespaces", "0", optional=True)
    # Some of /proc is the machine's, and its owner needs no capability to write to it.
    set_attributes("/proc", ATTR_RDONLY, recursive=False)
    give_up_privileges()


def be_first(troubled: int, status: int, script: "Callable[[], object]") -> None:
    """Start the script, reap until it has ended, and end with all that is left."""
    pid = os.fork()
    if pid == 0:
        os.close(status)
        os.setsid()
        script()
        os._exit(127)
    os.close(troubled)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        ended, how = os.waitpid(-1, 0)
        if ended == pid:
            os.write(status, struct.pack("i", how))
            os._exit(0)


def furnish(layout: "dict[str, Any]") -> None:
    """Build the new root and make it this process's.

    `layout`: the fields of sandbox.layout.Layout, and `root`, an empty folder, and `work`.
    """
    root = layout["root"]
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=16m")
    writable = {target for _, target in layout["writable"]}
    for source, target in sorted(layout["read_only"] + layout["writable"], key=lambda pair: pair[1].split("/")):
        bind(source, root + target)
        set_attributes(root + target, ATTR_NOSUID | ATTR_NODEV | (0 if target in writable else ATTR_RDONLY), recursive=True)
    for says, path in layout["links"]:
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        os.symlink(says, root + path)
    furnish_dev(layout)
    os.makedirs(root + "/proc", exist_ok=True)
    mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    os.chdir(root)
    check(libc.syscall(SYS_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount of the old root")
    set_attributes("/", ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, recursive=False)
    os.chdir(layout["work"])


def furnish_dev(layout: "dict[str, Any]") -> None:
    """A /dev of its own."""
    dev = layout["root"] + "/dev"
    os.makedirs(dev, exist_ok=True)
    mount("tmpfs", dev, "tmpfs", MS_NOSUID, "mode=0755,size=1m")
    for device in layout["devices"]:
        bind(device, layout["root"] + device)
    for name, says in (("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        os.symlink(says, f"{dev}/{name}")
    os.mkdir(f"{dev}/shm")
    set_attributes(dev, ATTR_RDONLY | ATTR_NOSUID, recursive=False)
    mount("tmpfs", f"{dev}/shm", "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={layout['shared_memory']}")


def bind(source: str, target: str) -> None:
    """Show a folder or file at another place, made if need be."""
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    mount(source, target, None, MS_BIND | MS_REC)


def set_attributes(path: str, attributes: int, recursive: bool) -> None:
    """Add attributes to a mount, or to all below it too."""
    wanted = struct.pack("QQQQ", attributes, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    done = libc.syscall(SYS_MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), flags, wanted, ctypes.c_size_t(len(wanted)))
    check(done, f"mount_setattr of {path}")


def mount(source: str, target: str, kind: "str | None", flags: int, data: str = "") -> None:
    """mount(2)."""
    names = [os.fsencode(source), os.fsencode(target), kind.encode() if kind else None]
    check(libc.mount(*names, ctypes.c_ulong(flags), data.encode()), f"mount of {source} on {target}")


def bring_loopback_up() -> None:
    """So that a script's own processes can speak to each other through localhost."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        request = struct.pack("16sh14x", b"lo", 1 | 64)  # IFF_UP | IFF_RUNNING
        fcntl.ioctl(handle, 0x8914, request)  # SIOCSIFFLAGS


def give_up_privileges() -> None:
    """No capability is left, and no program can give one."""
    for capability in range(LAST_CAPABILITY + 1):
        if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0:
            break
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    check(libc.capset(struct.pack("Ii", CAPABILITIES_VERSION_3, 0), bytes(24)), "capset")
    # Else the supervisor, if it is an ordinary user's, could not see how much memory this uses.
    libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)
    die_with_parent()


def limit_processes(most: int) -> None:
    """Of this user namespace; before Linux 5.14 the limit would count all processes of the user. It does not bind root."""
    version = tuple(int(part) for part in os.uname().release.split("-")[0].split(".")[:2])
    if version >= (5, 14):
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def die_with_parent() -> None:
    """SIGKILL when the parent ends."""
    check(libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0), "PR_SET_PDEATHSIG")


def write(path: str, text: str, optional: bool = False) -> None:
    """Write to a file of the kernel's."""
    try:
        with open(path, "w") as file:
            file.write(text)
    except OSError:
        if not optional:
            raise


def check(result: int, what: str) -> None:
    """Raise the error of a call to the C library."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
