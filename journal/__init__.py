"""The journal: the records of a run, the run folder, and the tree of candidates that is derived from them."""

from journal.entries import (
    Answered,
    Asked,
    Decided,
    Evaluated,
    Executed,
    Fetched,
    Finished,
    Judged,
    Postponed,
    Proposed,
    Questioned,
    Retrieved,
    Started,
    Studied,
)
from journal.errors import RunFolderError
from journal.files import write_atomically
from journal.info import RunInfo
from journal.record import Record
from journal.records import (
    AblationRow,
    Action,
    Candidate,
    Complexity,
    Evaluation,
    Fidelity,
    FoldResult,
    Memory,
    ModelCard,
    Operator,
    Question,
    Status,
    Study,
)
from journal.run import Run, find_runs, open_run
from journal.settings import Settings
from journal.solution import Block, Solution, SolutionError, changed_blocks
from journal.syntax import parse_python
from journal.tree import Node, Tree

__all__ = [
    "AblationRow",
    "Action",
    "Answered",
    "Asked",
    "Block",
    "Candidate",
    "Complexity",
    "Decided",
    "Evaluated",
    "Evaluation",
    "Executed",
    "Fetched",
    "Fidelity",
    "Finished",
    "FoldResult",
    "Judged",
    "Memory",
    "ModelCard",
    "Node",
    "Operator",
    "Postponed",
    "Proposed",
    "Question",
    "Questioned",
    "Record",
    "Retrieved",
    "Run",
    "RunFolderError",
    "RunInfo",
    "Settings",
    "Solution",
    "SolutionError",
    "Started",
    "Status",
    "Studied",
    "Study",
    "Tree",
    "changed_blocks",
    "find_runs",
    "open_run",
    "parse_python",
    "write_atomically",
]
