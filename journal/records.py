"""What a run is made of: actions, candidates, evaluations, studies, model cards. Immutable; the journal's entries hold them."""

from enum import StrEnum
from typing import Literal, TypeAlias

from pydantic import Field

from journal.record import Record

Fidelity: TypeAlias = Literal["smoke", "search", "full"]
Memory: TypeAlias = Literal["none", "siblings", "ancestors", "all"]
Complexity: TypeAlias = Literal["simple", "normal", "advanced"]
Subject: TypeAlias = Literal["cards", "target", "plan"]


class Status(StrEnum):
    """How one execution, or a whole evaluation, ended. Anything but OK is a failure of the candidate, never of the run."""

    OK = "ok"
    CRASHED = "crashed"
    TIMED_OUT = "timed_out"
    OUT_OF_MEMORY = "out_of_memory"
    INVALID_SUBMISSION = "invalid_submission"
    KILLED = "killed"
    LEAKING = "leaking"
    """It ran, but uses what it must not: a judge's verdict, with what to repair as the error."""


class Operator(StrEnum):
    """How a candidate is made. TARGET makes none: it reads a finished ablation study and chooses the block to refine. STOP ends a track."""

    DRAFT = "draft"
    MERGE = "merge"
    DEBUG = "debug"
    ABLATE = "ablate"
    TARGET = "target"
    REFINE = "refine"
    IMPROVE = "improve"
    CROSSOVER = "crossover"
    ENSEMBLE = "ensemble"
    STOP = "stop"


class Action(Record):
    """One decision of a policy. Its id is its position ("2.0014": track 2, fourteenth), so decisions never depend on timing."""

    id: str = ""
    track: int = Field(0, ge=0, description="1..L; 0 is the ensembling phase")
    operator: Operator
    parents: tuple[int, ...] = ()
    files: tuple[str, ...] = Field((), description="improve: the provided files to be made use of")
    reason: str = Field("", description="stop: why")
    card: int | None = Field(None, description="draft: index of the track's model card")
    step: int | None = Field(None, description="ablate, target, refine: the outer step, from 1")
    incumbent: int | None = Field(None, description="the candidate that it races against; none: it is measured on all folds, come what may")
    memory: Memory = Field(
        "siblings", description="improve, crossover: which earlier attempts the engineer sees; each includes those before"
    )
    complexity: Complexity | None = Field(
        None, description="improve, crossover: how much may be changed at once; none: the engineer's choice"
    )
    lot: float | None = Field(None, ge=0, lt=1, description="target: drawn for a block to be refined without a study")
    attempt: int | None = Field(None, description="debug, refine, improve, ensemble: which attempt on its parents, from 1")


class Candidate(Record):
    """A solution in the search tree; its code lies in candidates/<number>/solution.py."""

    number: int
    action: str
    track: int
    operator: Operator
    parents: tuple[int, ...] = ()
    title: str = Field(description="a few words: 'LightGBM', 'without dates'")
    plan: str = Field("", description="what was meant, in sentences")
    block: str | None = Field(None, description="the block that was replaced or switched off, where it was one block")
    step: int | None = None
    digest: str = Field(description="SHA-256 of the code")


class FoldResult(Record):
    """One execution on one view."""

    fold: int | None = Field(description="0..k-1; none: the final view, which has no held-out rows")
    status: Status
    score: float | None = None
    seconds: float = 0.0
    peak_memory: int = Field(0, description="bytes, the whole process tree")
    error: str = Field("", description="what went wrong, bounded")
    files_opened: tuple[str, ...] | None = Field(None, description="provided files that were opened; none: not observed")
    files_unopened: tuple[str, ...] = Field((), description="provided files that would help and were not opened")
    stored: bool = Field(False, description="taken from the store, not run")


class Evaluation(Record):
    """A candidate on the folds of a fidelity: the mean of the fold scores, or the first failure in fold order."""

    fidelity: Fidelity
    folds: tuple[FoldResult, ...]
    status: Status
    score: float | None = None
    raced: bool = Field(
        False,
        description="stopped after its first folds, which told enough: it would hardly be the best. The score is that of these folds",
    )

    @property
    def seconds(self) -> float:
        """Script time of all folds, seconds."""
        return sum(fold.seconds for fold in self.folds)

    @property
    def files_unopened(self) -> tuple[str, ...]:
        """Provided files that no fold opened."""
        first, *others = (set(fold.files_unopened) for fold in self.folds) if self.folds else [set()]
        return tuple(sorted(first.intersection(*others)))

    @property
    def error(self) -> str:
        return next((fold.error for fold in self.folds if fold.status is not Status.OK), "")


class AblationRow(Record):
    """One variant of a study, compared with the study's base on the same held-out rows, in the metric's own units."""

    block: str
    title: str
    candidate: int
    status: Status
    score: float | None = Field(None, description="over all folds; none: it failed, or was stopped when its effect was clear")
    delta: float | None = Field(None, description="how much worse the variant is than the base; negative: it is better")
    standard_error: float | None = Field(None, description="of the delta, paired bootstrap over held-out rows")
    share: float | None = Field(None, description="of the sum of absolute deltas of the study")
    seconds: float = 0.0


class Study(Record):
    """A finished ablation study and what was concluded from it."""

    number: int = Field(description="over the whole run, from 1, in the order of tracks and steps")
    action: str
    track: int
    step: int
    base: int
    base_score: float
    rows: tuple[AblationRow, ...]
    summary: str = ""
    target: str | None = Field(None, description="the block to refine; none: nothing left to try")
    plan: str = Field("", description="the first plan for the target")


class ModelCard(Record):
    """A retrieved model: what a draft starts from."""

    name: str
    family: str = Field(description="two cards of one family are likely to make the same mistakes: 'gradient boosting', 'linear' …")
    why: str = Field(description="why it fits this competition, one or two sentences")
    code: str = Field(description="example code; a whole solution where the source is the catalogue")
    source: str = Field(description="where it came from: a URL, a path, or 'catalogue:<name>'")
    weights: tuple[str, ...] = Field((), description="Hugging Face models whose pretrained weights the code loads: 'organisation/name'")


class Question(Record):
    """A proposal that a person confirms or changes before the run goes on."""

    id: str = Field(description="of the action; 'cards' before the first")
    subject: Subject
    text: str = Field(description="what is proposed and why, for the person")
    blocks: tuple[str, ...] = Field((), description="target: the blocks that may be chosen")
    block: str | None = None
    plan: str = ""
