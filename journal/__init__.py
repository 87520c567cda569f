"""The journal: the records of a run, the run folder, and the tree of candidates that is derived from them."""

from journal.errors import RunFolderError
from journal.files import write_atomically
from journal.records import (
    AblationRow,
    Action,
    Candidate,
    Decided,
    Evaluated,
    Evaluation,
    Executed,
    Fidelity,
    Finished,
    FoldResult,
    ModelCard,
    Operator,
    Proposed,
    Record,
    Retrieved,
    Settings,
    Started,
    Status,
    Studied,
    Study,
)
from journal.run import Run, RunInfo, find_runs, open_run
from journal.solution import Block, Solution, SolutionError, changed_blocks
from journal.tree import Node, Tree

__all__ = [
    "AblationRow",
    "Action",
    "Block",
    "Candidate",
    "Decided",
    "Evaluated",
    "Evaluation",
    "Executed",
    "Fidelity",
    "Finished",
    "FoldResult",
    "ModelCard",
    "Node",
    "Operator",
    "Proposed",
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
    "write_atomically",
]
