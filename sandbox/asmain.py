"""Running a script in a process that was forked, so that it cannot tell: as `__main__`, from its first line to the flushing of its files.

Standard library only, for any Python from 3.8; runs in the fork server's children.
"""

# As little as can be is imported before the script, so no pathlib:
import atexit
import ctypes
import gc
import os
import random
import signal
import sys
import tempfile
import threading
import types
from importlib.machinery import SourceFileLoader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCRIPT = "solution.py"


def run_as_main(variables: "dict[str, str]", threads: int) -> None:
    """Run solution.py of the working folder and end this process as Python would; never returns.

    `variables`: the whole environment.
    """
    os.environ.clear()
    os.environ.update(variables)
    restore_signals()
    forget_the_parent(threads)
    code = 1
    try:
        code = call_main(new_main())
    finally:
        finish(code)


def new_main() -> types.ModuleType:
    """A fresh `__main__`, as `python solution.py` makes it."""
    path = os.path.abspath(SCRIPT)
    main = types.ModuleType("__main__")
    main.__dict__.update(__file__=path, __cached__=None, __builtins__=sys.modules["builtins"])
    main.__loader__ = SourceFileLoader("__main__", path)
    main.__annotations__ = {}
    KEPT.append(sys.modules["__main__"])  # its end would take the functions that are running with it
    sys.modules["__main__"] = main
    sys.argv = [SCRIPT]
    sys.orig_argv = [sys.executable, SCRIPT]
    sys.path[0] = os.path.dirname(path)
    sys.path_importer_cache.pop(sys.path[0], None)
    return main


KEPT: "list[Any]" = []


def call_main(main: types.ModuleType) -> int:
    """Execute the script; its exit status."""
    try:
        with open(main.__dict__["__file__"], "rb") as file:
            source = file.read()
        exec(compile(source, main.__dict__["__file__"], "exec", dont_inherit=True), main.__dict__)
    except SystemExit as stop:
        return exit_status(stop)
    except BaseException as error:
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next  # the lines of this file are not the script's business
        error.__traceback__ = trace
        flush()
        try:
            sys.excepthook(type(error), error, trace)
        except SystemExit as stop:
            return exit_status(stop)
        except BaseException:
            sys.__excepthook__(type(error), error, trace)
        if isinstance(error, KeyboardInterrupt):
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        return 1
    return 0


def exit_status(stop: SystemExit) -> int:
    """What sys.exit(...) means."""
    if stop.code is None:
        return 0
    if isinstance(stop.code, int):
        return stop.code & 0xFF
    flush()
    print(stop.code, file=sys.stderr)
    return 1


def finish(code: int) -> None:
    """What Python does at its end, in its order, without taking the libraries apart."""
    try:
        # Before the exit functions: joblib's would wait for its threads for ever.
        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        flush()
        # Files that the script did not close are written when they are collected.
        names = sys.modules["__main__"].__dict__
        for name in sorted(names, key=lambda name: not name.startswith("_")):
            if name != "__builtins__":
                names[name] = None
        sys.last_traceback = sys.last_value = sys.last_type = None
        gc.collect()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = code or 120
    finally:
        if not flush():
            code = code or 120
        ctypes.CDLL(None).fflush(None)  # what native libraries printed
        os._exit(code)


def flush() -> bool:
    """Flush standard output and error; whether that worked, or nothing was to be flushed."""
    fine = True
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not stream.closed:
                stream.flush()
        except Exception:
            fine = False
    return fine


def restore_signals() -> None:
    """As Python sets them at its start."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)


def forget_the_parent(threads: int) -> None:
    """What was decided when the fork server started and is each process's own matter otherwise."""
    tempfile.tempdir = None
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
    multiprocessing = sys.modules.get("multiprocessing")
    if multiprocessing is not None:
        multiprocessing.current_process().authkey = os.urandom(32)
    limiter = sys.modules.get("threadpoolctl")
    if limiter is not None and threads > 1:  # the fork server's OpenBLAS has one thread, or it would have had more of its own
        limiter.threadpool_limits(threads, user_api="blas")
