"""What the nodes need from outside, handed to them through LangGraph's runtime context; the graph's state holds nothing but ids."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Protocol

from competitions import Brief, Predictions, Views, ViewSource
from engineers import Engineer, EngineerError
from evaluation import PREDICTIONS, execution_name, load_predictions
from journal import Action, Candidate, Evaluation, Fidelity, Postponed, Run, Study
from nodes.clock import Clock
from policies import Budget, Policy


class Evaluate(Protocol):
    """How a candidate is evaluated: by the evaluator itself, or wrapped into a task of a flow."""

    async def __call__(
        self, candidate: Candidate, views: ViewSource, fidelity: Fidelity = "search", folds: Sequence[int | None] | None = None
    ) -> Evaluation: ...


@dataclass
class Context:
    """One run, as its nodes see it."""

    run: Run
    brief: Brief
    views: Views
    cache: Path
    engineer: Engineer
    policy: Policy
    ensembling: Policy
    evaluate: Evaluate
    clock: Clock
    at_once: int = 1
    """Executions that can run at the same time; an evaluation is only expected to take longer with fewer."""
    fetch: Callable[[str], Coroutine[Any, Any, str]] | None = None
    """Fetches pretrained weights by their name; gives why it could not, or nothing. None: the user has not allowed it."""
    on_study: Callable[[Study], None] | None = None
    """Called with every concluded ablation study."""
    on_evaluation: Callable[[Candidate, Evaluation], Awaitable[None]] | None = None
    """Called with every finished evaluation of a candidate."""
    out_of_order: asyncio.Condition = field(default_factory=asyncio.Condition)
    """Actions of one batch propose at once, but are recorded in their order: numbers must not depend on timing."""
    publishing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Tracks find better candidates at the same time; final/submission.csv is one."""
    broken: str = ""
    """Why the engineer cannot go on; empty: it can."""
    broken_tracks: set[int] = field(default_factory=set)
    """Tracks that met this: they propose nothing more. The others go on until they ask the engineer themselves."""
    stopped_tracks: set[int] = field(default_factory=set)
    """Tracks in which a person is asked."""

    def budget(self, track: int) -> Budget:
        """What a track may still use. Evaluations are dealt out to the tracks beforehand, so that none depends on another's pace."""
        return Budget(self._evaluations_left(track), self.clock.seconds_left(track), self.clock.seconds_in_all(track))

    def time_is_up(self, track: int) -> bool:
        """Whatever runs is stopped and must wait for a resumption: the time is up, or somebody asked for the end."""
        left = self.clock.seconds_left(track)
        return self.run.finish_requested or (left is not None and left <= 0)

    def out_of_time(self, track: int) -> bool:
        """Nothing more is decided: the time is up, or what the track wants next does not fit into what is left."""
        return self.time_is_up(track) or bool(postponed(self.run, track))

    def give_up(self, error: EngineerError, *tracks: int) -> None:
        """The engineer cannot go on in these tracks; what they have made is still evaluated."""
        self.broken = self.broken or str(error)
        self.broken_tracks |= set(tracks)

    def rng(self, track: int) -> Random:
        """The same lots at the same point of the search, whatever happened to the process in between."""
        settings, made = self.run.settings, len(self.run.tree().track(track).actions)
        return Random(f"{settings.seed}/{track}/{made}")

    def predictions(self, number: int, fidelity: Fidelity = "search", folds: Sequence[int | None] | None = None) -> list[Predictions]:
        """What a candidate predicted, fold by fold."""
        folder = self.run.candidate_folder(number)
        folds = range(self.run.info.folds) if folds is None else folds
        return [load_predictions(folder / execution_name(fidelity, fold) / PREDICTIONS) for fold in folds]

    def _evaluations_left(self, track: int) -> int | None:
        total = self.run.settings.evaluations
        if total is None:
            return None
        used = len(self.run.tree().track(track).nodes)
        return evaluation_share(self.run.settings.tracks, self.run.settings.ensemble_rounds, total, track) - used


def evaluation_share(tracks: int, ensemble_rounds: int, total: int, track: int) -> int:
    """Evaluations of one track (0: the ensembling phase): a fifth at most is kept for ensembles, the rest is dealt out evenly."""
    kept = min(ensemble_rounds, total // 5)
    if track == 0:
        return kept
    share, extra = divmod(total - kept, tracks)
    return share + (1 if track <= extra else 0)


def pending_actions(run: Run, track: int) -> tuple[Action, ...]:
    """Decided, but nothing came of them yet: the process died in between, or they are about to be carried out."""
    tree = run.tree().track(track)
    return tuple(action for action in tree.actions if action.id not in tree.closed)


def pending_candidates(run: Run, track: int) -> tuple[Candidate, ...]:
    """Made, but not evaluated yet, and not postponed."""
    waiting = postponed(run, track)
    found = (node.candidate for node in run.tree().track(track).nodes if node.evaluation is None)
    return tuple(candidate for candidate in found if candidate.number not in waiting)


def postponed(run: Run, track: int) -> frozenset[int]:
    """Candidates whose evaluation did not fit into the time that was left, unless the run has been given more since."""
    budget = run.settings.seconds
    entries = (entry for entry in run.entries(Postponed) if entry.track == track)
    return frozenset(entry.candidate for entry in entries if budget is not None and entry.budget >= budget)
