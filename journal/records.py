"""The records of a run: what the journal holds, line by line. Immutable; everything else is derived from them."""

from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from journal.record import Record
from journal.settings import Settings

SCHEMA_VERSION = 1

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
        description="stopped after its first folds, as it would hardly be better than the incumbent: the score is that of these folds",
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
    score: float | None = None
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


class Started(Record):
    """A process began, or took up again, the work on the run."""

    kind: Literal["started"] = "started"
    settings: Settings
    resumed: bool = False


class Retrieved(Record):
    """The retrieval step is done."""

    kind: Literal["retrieved"] = "retrieved"
    cards: tuple[tuple[ModelCard, ...], ...] = Field(description="for each track, in the order in which it drafts them")


class Fetched(Record):
    """Pretrained weights that a model card names were fetched, or could not be."""

    kind: Literal["fetched"] = "fetched"
    weights: str = Field(description="'organisation/name'")
    seconds: float = 0.0
    error: str = Field("", description="why they could not be had; empty: they are on the machine")


class Decided(Record):
    """The policy chose what comes next."""

    kind: Literal["decided"] = "decided"
    actions: tuple[Action, ...]


class Proposed(Record):
    """What an action came to: candidates, or none and the reason."""

    kind: Literal["proposed"] = "proposed"
    action: str
    candidates: tuple[Candidate, ...] = ()
    reason: str = ""


class Executed(Record):
    """A candidate ran on one view."""

    kind: Literal["executed"] = "executed"
    candidate: int
    fidelity: Fidelity
    result: FoldResult


class Evaluated(Record):
    """A candidate is measured."""

    kind: Literal["evaluated"] = "evaluated"
    candidate: int
    evaluation: Evaluation


class Studied(Record):
    """An ablation study is concluded."""

    kind: Literal["studied"] = "studied"
    study: Study


class Asked(Record):
    """A chat model was asked once; prompt and answer lie in llm/<number>.json."""

    kind: Literal["asked"] = "asked"
    number: int
    agent: str = Field(description="the prompt: 'init', 'coder', 'debugger' …")
    role: str = Field("coder", description="planner, coder or judge")
    model: str = ""
    action: str = Field("", description="the action it served; none: before the search")
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float | None = Field(None, description="US dollars; none: unknown, never to be read as nothing")
    seconds: float = 0.0
    useful: bool = Field(True, description="false: no answer, or one that was sent back with a complaint")
    cached: bool = Field(False, description="an earlier, equal request had been answered: nothing was spent")
    estimated: bool = Field(False, description="the provider gave no count of tokens: the upper bound stands")


class Judged(Record):
    """A candidate that was to become the best of its track was read by the leakage judge."""

    kind: Literal["judged"] = "judged"
    candidate: int
    leaks: bool
    block: str | None = None
    reason: str = ""


class Postponed(Record):
    """An evaluation that was not started: by what earlier executions took, it cannot end in the time that is left. More time starts it."""

    kind: Literal["postponed"] = "postponed"
    candidate: int
    track: int
    expected: float = Field(description="seconds that it would take")
    left: float = Field(description="seconds that the track had left")
    budget: float = Field(description="seconds of the whole run as they were then")


class Question(Record):
    """A proposal that a person confirms or changes before the run goes on."""

    id: str = Field(description="of the action; 'cards' before the first")
    subject: Subject
    text: str = Field(description="what is proposed and why, for the person")
    blocks: tuple[str, ...] = Field((), description="target: the blocks that may be chosen")
    block: str | None = None
    plan: str = ""


class Questioned(Record):
    """The run waits for a person."""

    kind: Literal["questioned"] = "questioned"
    question: Question


class Answered(Record):
    """What the person said; what is none stays as proposed."""

    kind: Literal["answered"] = "answered"
    question: str = Field(description="its id")
    block: str | None = None
    plan: str | None = None
    cards: tuple[ModelCard, ...] = Field((), description="cards: to be drafted first")


class Finished(Record):
    """The end of a run. `grade` is there only where private answers lie beside the competition."""

    kind: Literal["finished"] = "finished"
    chosen: int | None
    score: float | None
    first_score: float | None = Field(None, description="of the first valid solution")
    grade: float | None = None
    reason: str = Field("", description="why the run ended: 'search complete', 'time', 'evaluations', 'finish requested'")


Entry: TypeAlias = Annotated[
    Started
    | Retrieved
    | Fetched
    | Decided
    | Proposed
    | Executed
    | Evaluated
    | Studied
    | Asked
    | Judged
    | Postponed
    | Questioned
    | Answered
    | Finished,
    Field(discriminator="kind"),
]


class Line(Record):
    """One line of journal.jsonl."""

    schema_version: int = SCHEMA_VERSION
    time: float = Field(description="seconds since the epoch")
    entry: Entry
