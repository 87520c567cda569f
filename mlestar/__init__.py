"""mlestar: an agent that enters machine-learning competitions.

Given a competition, it returns a valid submission, the standalone script that made it, and a report of what matters and why.

    import mlestar

    run = mlestar.solve("path/to/competition", mlestar.Settings(seconds=600, seed=1))
    print(run.finished.score, run.folder / "final" / "submission.csv")

The names below are loaded when they are first used, so that `import mlestar` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from competitions import (
        EXAMPLES,
        Competition,
        CompetitionError,
        Grade,
        grade,
        load_competition,
        make_example,
        write_competition_yaml,
    )
    from journal import Run, RunFolderError, Settings, Solution, SolutionError, find_runs, open_run
    from mlestar.errors import UserError
    from mlestar.solving import resume, solve
    from reports import write_report

__all__ = [
    "EXAMPLES",
    "Competition",
    "CompetitionError",
    "Grade",
    "Run",
    "RunFolderError",
    "Settings",
    "Solution",
    "SolutionError",
    "UserError",
    "find_runs",
    "grade",
    "load_competition",
    "make_example",
    "open_run",
    "resume",
    "solve",
    "write_competition_yaml",
    "write_report",
]

_HOME = {
    "competitions": (
        "EXAMPLES",
        "Competition",
        "CompetitionError",
        "Grade",
        "grade",
        "load_competition",
        "make_example",
        "write_competition_yaml",
    ),
    "journal": ("Run", "RunFolderError", "Settings", "Solution", "SolutionError", "find_runs", "open_run"),
    "mlestar.errors": ("UserError",),
    "mlestar.solving": ("resume", "solve"),
    "reports": ("write_report",),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("mlestar")
    if name not in _MODULE:
        raise AttributeError(f"module 'mlestar' has no attribute {name!r}")
    value: object = getattr(import_module(_MODULE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
