"""What a run is doing, told from its journal's lines one after the other: a pure fold, used by the live display."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from journal import (
    Action,
    Answered,
    Asked,
    Candidate,
    Decided,
    Evaluated,
    Evaluation,
    Executed,
    Fetched,
    Finished,
    Judged,
    Operator,
    Postponed,
    Proposed,
    Questioned,
    Record,
    Retrieved,
    RunInfo,
    Settings,
    Started,
    Status,
    Studied,
    Study,
)
from journal.entries import Line
from mlestar.formats import compared, format_gain, size
from reports.text import duration, one_line
from reports.text import score as format_score

MAKING = {
    Operator.DRAFT: "drafting",
    Operator.MERGE: "merging",
    Operator.DEBUG: "repairing",
    Operator.ABLATE: "ablation study",
    Operator.TARGET: "choosing the block to refine",
    Operator.REFINE: "refining",
    Operator.IMPROVE: "improving",
    Operator.CROSSOVER: "crossing",
    Operator.ENSEMBLE: "ensembling",
}


@dataclass(frozen=True)
class Event:
    """One line of the display."""

    text: str
    style: str = ""


@dataclass
class Progress:
    """The state of a run after the lines that were fed so far."""

    info: RunInfo
    settings: Settings
    open: dict[str, Action] = field(default_factory=dict)
    """Actions that were decided and have come to nothing yet, by id."""
    waiting: dict[int, int] = field(default_factory=dict)
    """Candidates that are being evaluated: how many folds are done."""
    begun: dict[int, float] = field(default_factory=dict)
    """When each of them was proposed, seconds since the epoch."""
    took: list[float] = field(default_factory=list)
    """Seconds from proposal to score of the valid candidates so far, all but those from the store."""
    candidates: dict[int, Candidate] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    best: int | None = None
    evaluated: int = 0
    failed: int = 0
    retrieving: bool = True
    calls: int = 0
    """Of chat models."""
    tokens: int = 0
    cost: float | None = 0.0
    """US dollars; none: a call has no known price."""
    ended: bool = False
    used: float = 0.0
    """Seconds of work up to the last line."""
    last_time: float | None = None
    _steps: dict[int, tuple[Operator, int | None]] = field(default_factory=dict)

    def feed(self, line: Line) -> list[Event]:
        """Take in the next line; what is worth telling about it."""
        self.used += line.worked(self.last_time)
        self.last_time = line.time
        handlers: dict[type[Record], Callable[[Any], list[Event]]] = {
            Started: self._started,
            Retrieved: self._retrieved,
            Fetched: self._fetched,
            Decided: self._decided,
            Proposed: self._proposed,
            Executed: self._executed,
            Evaluated: self._evaluated,
            Studied: self._studied,
            Asked: self._asked,
            Judged: self._judged,
            Postponed: self._postponed,
            Questioned: self._questioned,
            Answered: self._answered,
            Finished: self._finished,
        }
        return handlers[type(line.entry)](line.entry)

    @property
    def best_score(self) -> float | None:
        return None if self.best is None else self.scores[self.best]

    @property
    def first(self) -> float | None:
        """The score of the first valid draft, by the drafts' positions in the search, not by which was evaluated first."""
        drafts = [candidate for candidate in map(self.candidates.get, self.scores) if candidate and candidate.operator is Operator.DRAFT]
        return self.scores[min(drafts, key=lambda each: each.action).number] if drafts else None

    def seconds(self, now: float) -> float:
        """Wall-clock of the run up to `now`, in seconds since the epoch."""
        running = self.last_time is not None and not self.ended
        return self.used + (max(0.0, now - self.last_time) if running and self.last_time is not None else 0.0)

    @property
    def expected(self) -> float | None:
        """Seconds that an evaluation takes, by the median of those so far; none: no score yet."""
        return median(self.took) if self.took else None

    def doing(self, now: float) -> list[str]:
        """What is under way at `now`, seconds since the epoch; a phrase each."""
        if self.ended:
            return []
        if self.retrieving:
            return ["retrieving models"]
        usual = f" of about {duration(self.expected)}" if self.expected is not None else ""
        evaluating = [
            f"evaluating {number} {one_line(self.candidates[number].title, 32)} "
            f"({done} of {self.info.folds} folds, {duration(max(0.0, now - self.begun[number]))}{usual})"
            for number, done in self.waiting.items()
        ]
        return evaluating + [action_line(action) for action in self.open.values()]

    def _started(self, entry: Started) -> list[Event]:
        self.settings, self.ended = entry.settings, False
        return [Event("resumed")] if entry.resumed else []

    def _retrieved(self, entry: Retrieved) -> list[Event]:
        self.retrieving = self.settings.allow_downloads and any(card.weights for cards in entry.cards for card in cards)
        return [
            Event(f"track {track}: models {', '.join(one_line(card.name, 40) for card in cards) or 'none'}", "cyan")
            for track, cards in enumerate(entry.cards, start=1)
        ]

    def _fetched(self, entry: Fetched) -> list[Event]:
        if entry.error:
            return [Event(f"weights {entry.weights} could not be fetched: {one_line(entry.error, 200)}", "yellow")]
        return [Event(f"weights {entry.weights} are on the machine ({duration(entry.seconds)})", "cyan")]

    def _decided(self, entry: Decided) -> list[Event]:
        self.retrieving = False
        events = []
        for action in entry.actions:
            self.open[action.id] = action
            step = (action.operator, action.step)
            if action.operator is not Operator.DEBUG and self._steps.get(action.track) != step:
                self._steps[action.track] = step
                events.append(Event(action_line(action), "cyan"))
        return events

    def _proposed(self, entry: Proposed) -> list[Event]:
        action = self.open.pop(entry.action, None)
        for candidate in entry.candidates:
            self.candidates[candidate.number] = candidate
            self.waiting[candidate.number] = 0
            self.begun[candidate.number] = self.last_time or 0.0
        if entry.candidates or not entry.reason:
            return []
        what = action_line(action) if action else entry.action
        return [Event(f"{what}: nothing to try: {one_line(entry.reason)}", "yellow")]

    def _executed(self, entry: Executed) -> list[Event]:
        if entry.candidate in self.waiting and entry.fidelity != "smoke":
            self.waiting[entry.candidate] += 1
        return []

    def _studied(self, entry: Studied) -> list[Event]:
        self.open.pop(entry.study.action, None)
        return [Event(study_line(entry.study), "cyan")]

    def _asked(self, entry: Asked) -> list[Event]:
        self.calls += 1
        self.tokens += entry.prompt_tokens + entry.answer_tokens
        self.cost = None if self.cost is None or entry.cost is None else self.cost + entry.cost
        return []

    def _judged(self, entry: Judged) -> list[Event]:
        return [Event(f"{entry.candidate:>6}  leaks, says the judge: {one_line(entry.reason, 100)}", "yellow")] if entry.leaks else []

    def _postponed(self, entry: Postponed) -> list[Event]:
        expected, left = (duration(seconds) for seconds in (entry.expected, entry.left))
        return [Event(f"{entry.candidate:>6}  not started: it would take about {expected}, and {left} are left", "yellow")]

    def _questioned(self, entry: Questioned) -> list[Event]:
        question = entry.question
        return [Event(f"waits for your word on {question.subject} {one_line(question.block or '', 40)}".rstrip(), "yellow")]

    def _answered(self, entry: Answered) -> list[Event]:
        said = entry.block or entry.plan or ", ".join(card.name for card in entry.cards) or "as proposed"
        return [Event(f"a person answered: {one_line(said, 100)}", "cyan")]

    def _finished(self, entry: Finished) -> list[Event]:
        self.ended = True
        self.open.clear()
        self.waiting.clear()
        return [Event(f"ended: {one_line(entry.reason) or 'done'}")]

    def _evaluated(self, entry: Evaluated) -> list[Event]:
        number, evaluation = entry.candidate, entry.evaluation
        if evaluation.fidelity == "smoke" and evaluation.status is Status.OK:
            return []
        self.waiting.pop(number, None)
        candidate = self.candidates.get(number)
        self.evaluated += 1
        head = f"{number:>6}  {candidate.operator if candidate else '':<9}  {one_line(candidate.title if candidate else '', 48):<48}"
        if evaluation.status is not Status.OK or evaluation.score is None:
            self.failed += 1
            return [Event(f"{head}  {str(evaluation.status).replace('_', ' ')}: {one_line(evaluation.error, 100)}", "red")]
        if evaluation.raced:
            return [Event(f"{head}  {format_score(evaluation.score):>9}  stopped early, no better on {_folds(evaluation)}", "dim")]
        self.scores[number] = evaluation.score
        if number in self.begun and not all(fold.stored for fold in evaluation.folds):
            self.took.append((self.last_time or 0.0) - self.begun[number])
        verdict, style = self._verdict(number, candidate, evaluation.score)
        return [Event(f"{head}  {format_score(evaluation.score):>9}  {verdict}", style)]

    def _verdict(self, number: int, candidate: Candidate | None, score: float) -> tuple[str, str]:
        greater = self.info.greater_is_better
        before = self.best_score
        if before is None:
            self.best = number
            return "first score", "green"
        if (score > before) if greater else (score < before):
            self.best = number
            return f"new best, {format_gain(before, score, greater)}", "green"
        if candidate is not None and candidate.operator is Operator.ABLATE:
            base = self.scores.get(candidate.parents[0]) if candidate.parents else None
            return ("" if base is None else compared(base, score, greater, "its base")), "dim"
        return compared(before, score, greater, "the best"), ""


def _folds(evaluation: Evaluation) -> str:
    made = len(evaluation.folds)
    return "its first fold" if made == 1 else f"its first {made} folds"


def action_line(action: Action) -> str:
    """'track 1: refining, step 2, attempt 3'."""
    if not action.track:
        return "ensembling" + (f", round {action.attempt}" if action.attempt else "")
    details = [f"{name} {value}" for name, value in (("step", action.step), ("attempt", action.attempt)) if value is not None]
    return ", ".join([f"track {action.track}: {MAKING.get(action.operator, action.operator)}", *details])


def study_line(study: Study) -> str:
    """The most influential block of a study, and the block that is refined next."""
    measured = [row for row in study.rows if row.delta is not None]
    if not measured:
        return f"track {study.track}: ablation study {study.number}: no variant could be measured"
    if not any(row.delta for row in measured):
        return f"track {study.track}: ablation study {study.number}: no block has an effect"
    most = max(measured, key=lambda row: abs(row.delta or 0.0))
    error = f" ± {size(most.standard_error)}" if most.standard_error is not None else ""
    worse = (most.delta or 0.0) >= 0
    effect = f"{size(most.delta or 0.0)}{error} {'worse' if worse else 'better'} with {one_line(most.title, 40)!r}"
    aim = f"; refining {one_line(study.target, 40)!r} next" if study.target else ""
    return f"track {study.track}: ablation study {study.number}: {one_line(most.block, 40)!r} matters most ({effect}){aim}"
