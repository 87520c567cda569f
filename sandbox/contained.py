"""The first process of a container: the supervisor of one job (sandbox/supervisor.py), reached through the container's own three streams.

Standard input is `control`: the engine closes it when the runner is gone, however it went. Standard error is `report`; the script's output
and errors go to standard output together. Standard library only, for any Python from 3.8; started with `-I -S`.
"""

# As little as can be is imported before the script, so no pathlib:
import ctypes
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sandbox import supervisor
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import supervisor

PR_SET_DUMPABLE = 4


def main(words: "list[str]") -> None:
    """Run solution.py of the working folder; the words are those of `supervisor.Orders` from the memory on."""
    control, report = os.dup(0), os.dup(2)  # not inherited: the script must not report in this process's name
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(1, 2)
    os.close(nothing)
    try:
        supervise(supervisor.Orders([str(control), str(report), str(os.getppid()), *words]))
    except BaseException as error:
        os.write(1, f"the supervisor of a job failed: {error!r}\n".encode())
        os._exit(1)


def supervise(orders: "supervisor.Orders") -> None:
    """Start the script when nothing of this process can be reached through /proc any more, though both have the same user."""
    closed, opening = os.pipe()
    post = supervisor.Post()

    def become(_: int) -> None:
        os.close(opening)
        os.read(closed, 1)
        os.close(closed)
        supervisor.limit_all(orders.memory, orders.output)
        os.execv(sys.executable, [sys.executable, "solution.py"])

    post.start(become)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    os.close(closed)
    os.close(opening)
    post.attend(orders)


if __name__ == "__main__":
    main(sys.argv[1:])
