"""A run and its folder. The journal is the only truth: the tree is rebuilt from it, and a crash loses at most the work in flight."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import IO, TYPE_CHECKING, Self, TypeVar

from pydantic import ValidationError

from journal.entries import (
    Answered,
    Decided,
    Entry,
    Evaluated,
    Executed,
    Finished,
    Line,
    Proposed,
    Questioned,
    Retrieved,
    Started,
    Studied,
)
from journal.errors import RunFolderError
from journal.files import write_atomically
from journal.info import INFO, RunInfo, read_info
from journal.record import Record
from journal.records import Candidate, FoldResult, Question
from journal.settings import Settings
from journal.solution import Solution
from journal.tree import Node, Tree

if TYPE_CHECKING:
    from pandas import DataFrame

JOURNAL = "journal.jsonl"
FINISH = "finish.request"

T = TypeVar("T", bound=Record)


class Run:
    """One run folder, open for reading or, with `lock`, for writing. Entries already written are kept in memory in order."""

    def __init__(self, folder: Path) -> None:
        """Read a run folder. A last line that a crash left half-written is passed over.

        Raises:
            RunFolderError: the folder is no run folder, or a line of its journal cannot be read.
        """
        self.folder = folder
        self.info = read_info(folder)
        self.lines: list[Line] = []
        self._offset = 0
        self._writer: IO[bytes] | None = None
        self.refresh()

    @classmethod
    def create(cls, folder: Path, info: RunInfo) -> Self:
        """Make a new run folder.

        Raises:
            RunFolderError: it exists, or there is no space or permission.
        """
        try:
            folder.mkdir(parents=True)
            for part in ("candidates", "final"):
                (folder / part).mkdir()
            (folder / JOURNAL).touch()
            write_atomically(folder / INFO, info.model_dump_json(indent=1).encode())
        except OSError as error:
            raise RunFolderError(folder, f"cannot be made: {error.strerror or error}", "choose another place with --runs-dir") from error
        return cls(folder)

    def refresh(self) -> None:
        """Read what has been written since, for a run that goes on in another process."""
        with (self.folder / JOURNAL).open("rb") as file:
            file.seek(self._offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                self._offset += len(raw)
                self.lines.append(self._parse(raw))

    def open_for_writing(self) -> None:
        """Take the run for this process, cut off a half-written last line.

        Raises:
            RunFolderError: another process has it, or it cannot be written.
        """
        try:
            writer = (self.folder / JOURNAL).open("r+b")
        except OSError as error:
            raise RunFolderError(self.folder, f"the journal cannot be written: {error.strerror}", "check its permissions") from error
        try:
            fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            writer.close()
            raise RunFolderError(self.folder, "another process is working on this run", "wait for it, or `mlestar finish` it") from error
        self.refresh()
        writer.truncate(self._offset)
        writer.seek(0, os.SEEK_END)
        self._writer = writer

    def close(self) -> None:
        """Give the run back; further reading stays possible."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def append(self, entry: Entry) -> None:
        """Write one record and flush it to the operating system: a killed process loses nothing of it.

        Raises:
            RunFolderError: there is no space. What was written of the line is cut off by the next writer.
        """
        if self._writer is None:
            raise RuntimeError(f"run {self.info.id} is not open for writing")
        line = Line(time=time(), entry=entry)
        raw = line.model_dump_json().encode() + b"\n"
        try:
            self._writer.write(raw)
            self._writer.flush()
        except OSError as error:
            raise RunFolderError(self.folder, f"cannot be written: {error.strerror}", "make room, then `mlestar resume` it") from error
        self._offset += len(raw)
        self.lines.append(line)

    # What the journal says.

    def entries(self, kind: type[T]) -> Iterator[T]:
        """The records of one kind, in the order in which they were written."""
        return (line.entry for line in self.lines if isinstance(line.entry, kind))

    def tree(self) -> Tree:
        """The search so far, in the order of actions: the same however the work overlapped in time."""
        evaluations = {entry.candidate: entry.evaluation for entry in self.entries(Evaluated)}
        proposals = list(self.entries(Proposed))
        studies = [entry.study for entry in self.entries(Studied)]
        candidates = [candidate for proposal in proposals for candidate in proposal.candidates]
        return Tree(
            self.info.greater_is_better,
            next((entry.cards for entry in self.entries(Retrieved)), ()),
            tuple(sorted((action for entry in self.entries(Decided) for action in entry.actions), key=lambda action: action.id)),
            tuple(Node(each, evaluations.get(each.number)) for each in sorted(candidates, key=lambda each: (each.action, each.number))),
            tuple(sorted(studies, key=lambda study: study.action)),
            frozenset(proposal.action for proposal in proposals) | {study.action for study in studies},
        )

    def executions(self, candidate: int, fidelity: str) -> dict[int | None, FoldResult]:
        """Finished executions of a candidate, by fold."""
        wanted = (entry for entry in self.entries(Executed) if entry.candidate == candidate and entry.fidelity == fidelity)
        return {entry.result.fold: entry.result for entry in wanted}

    def answer(self, question: str) -> Answered | None:
        """What a person said to a question; none: not yet."""
        return next((entry for entry in self.entries(Answered) if entry.question == question), None)

    @property
    def questions(self) -> tuple[Question, ...]:
        """What a person is asked and has not answered yet; the run goes no further there before."""
        return tuple(entry.question for entry in self.entries(Questioned) if self.answer(entry.question.id) is None)

    @property
    def finished(self) -> Finished | None:
        """How the run ended; none while it goes on, was killed, or was taken up again."""
        last = next((line.entry for line in reversed(self.lines) if isinstance(line.entry, Finished | Started)), None)
        return last if isinstance(last, Finished) else None

    @property
    def held(self) -> bool:
        """Whether a process works on the run: a writer locks the journal for as long as it lives, so a lock of our own is refused."""
        try:
            with (self.folder / JOURNAL).open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        return False

    @property
    def settings(self) -> Settings:
        """As last started: a resumed run may have a larger budget than run.json says."""
        return next((line.entry.settings for line in reversed(self.lines) if isinstance(line.entry, Started)), self.info.settings)

    def seconds_used(self) -> float:
        """Wall-clock of the run so far, the time in which no process worked on it left out."""
        used, previous = 0.0, None
        for line in self.lines:
            used += line.worked(previous)
            previous = line.time
        return used

    # The same for notebooks; pandas is loaded only there.

    def candidates(self) -> "DataFrame":
        """A frame with one row a candidate, indexed by number."""
        from journal import frames

        return frames.candidates(self)

    def evaluations(self) -> "DataFrame":
        """A frame with one row a candidate and fold."""
        from journal import frames

        return frames.evaluations(self)

    def ablations(self) -> "DataFrame":
        """A frame with one row a variant of an ablation study."""
        from journal import frames

        return frames.ablations(self)

    def _repr_html_(self) -> str:
        from journal import frames

        return frames.html(self)

    # What lies beside it.

    def candidate_folder(self, number: int) -> Path:
        return self.folder / "candidates" / f"{number:04d}"

    def write_solution(self, candidate: Candidate, solution: Solution) -> None:
        """Put a candidate's script into its folder; comes before its record, so that a recorded candidate always has one."""
        folder = self.candidate_folder(candidate.number)
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / "solution.py", str(solution).encode())

    def solution(self, number: int) -> Solution:
        return Solution.parse((self.candidate_folder(number) / "solution.py").read_text())

    @property
    def finish_requested(self) -> bool:
        """Somebody asked, from this or another process, to end with the best so far."""
        return (self.folder / FINISH).exists()

    def request_finish(self) -> None:
        (self.folder / FINISH).touch()

    def withdraw_finish(self) -> None:
        (self.folder / FINISH).unlink(missing_ok=True)

    def _parse(self, raw: bytes) -> Line:
        try:
            return Line.model_validate_json(raw)
        except ValidationError as error:
            number = len(self.lines) + 1
            raise RunFolderError(
                self.folder / JOURNAL, f"line {number} cannot be read: {error.errors()[0]['msg']}", "written by another version?"
            ) from error


def open_run(folder: Path | str) -> Run:
    """Open a run for reading, also while another process works on it."""
    return Run(Path(folder))


def find_runs(root: Path) -> list[Run]:
    """All runs below `root`/<competition>/, the oldest first; folders that cannot be read are passed over."""
    runs = []
    for path in sorted(root.glob(f"*/*/{INFO}"), key=lambda path: path.stat().st_mtime):
        try:
            runs.append(Run(path.parent))
        except RunFolderError:
            continue
    return runs
