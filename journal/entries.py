"""The entries of the journal, one a line: what happened, in the order in which it did. Immutable; everything else is derived from them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from journal.record import Record
from journal.records import Action, Candidate, Evaluation, Fidelity, FoldResult, ModelCard, Question, Study
from journal.settings import Settings

SCHEMA_VERSION = 1


class Started(Record):
    """A process began, or took up again, the work on the run."""

    kind: Literal["started"] = "started"
    settings: Settings
    resumed: bool = False
    setup: float = Field(default=0.0, description="seconds that the process had worked before: it reads the tables first")


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

    def worked(self, previous: float | None) -> float:
        """Seconds of work since the line before, which was written at `previous`; those of a new process, where this is its first."""
        if isinstance(self.entry, Started):
            return self.entry.setup
        return 0.0 if previous is None else self.time - previous
