"""Target: read the finished ablation study, choose the block with the largest effect, and plan its first refinement."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.runtime import Runtime

from engineers import Engineer, EngineerError, Target
from engineers.occasion import work_on
from evaluation import Comparison, compare
from journal import AblationRow, Action, Node, Operator, Solution, Studied, Study
from nodes.approval import approved_target
from nodes.context import Context, pending_actions
from nodes.state import TrackState
from nodes.waiting import OutOfTime, in_time


async def target(state: TrackState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Record the study: the measured table, the conclusion, the chosen block (none where nothing is left to try)."""
    context = runtime.context
    action = next(action for action in pending_actions(context.run, state["track"]) if action.id == state["action"])
    work_on(action)
    study = await measured(context, action) if action.lot is None else _unmeasured(context, action)
    solution = context.run.solution(action.parents[0])
    refined = [earlier.target for earlier in context.run.tree().track(action.track).studies if earlier.target]
    try:
        if action.lot is None:
            choosing = context.engineer.target(solution, study, refined)
        else:
            choosing = drawn(context.engineer, solution, refined[-1:], action.lot)
        chosen = await in_time(choosing, context, action.track)
        chosen = await approved_target(context, action, solution, chosen)
    except OutOfTime:  # the action waits for a resumption
        return {}
    except EngineerError as error:
        context.give_up(error, action.track)
        return {}
    if chosen is not None and chosen.block in solution.titles:
        study = study.model_copy(update={"target": chosen.block, "plan": chosen.plan, "summary": chosen.summary})
    context.run.append(Studied(study=study))
    if context.on_study is not None:
        context.on_study(study)
    return {}


async def drawn(engineer: Engineer, solution: Solution, not_again: Sequence[str], lot: float) -> Target | None:
    """A block by lot instead of by a study: beginning with the one that the lot falls on, the first that the engineer has a plan for."""
    blocks = [title for title in solution.titles if title not in not_again]
    first = int(lot * len(blocks))
    for block in blocks[first:] + blocks[:first]:
        if plan := await engineer.plan(solution, block, ()):
            return Target(block, plan, "There was no study; the block was drawn by lot.")
    return None


def _unmeasured(context: Context, action: Action) -> Study:
    base, step = context.run.tree().node(action.parents[0]), action.step or 1
    return Study(
        number=_number(context, action),
        action=action.id,
        track=action.track,
        step=step,
        base=base.number,
        base_score=base.score or 0.0,
        rows=(),
    )


def _number(context: Context, action: Action) -> int:
    """Over the whole run, in the order of steps and tracks."""
    return ((action.step or 1) - 1) * context.run.info.settings.tracks + action.track


@dataclass(frozen=True)
class _Measured:
    node: Node
    comparison: Comparison | None


async def measured(context: Context, action: Action) -> Study:
    """The table: every variant against the base, paired on the same rows of the folds it came to, the largest effect first."""
    tree = context.run.tree()
    ablation = next(a for a in tree.track(action.track).actions if a.operator is Operator.ABLATE and a.step == action.step)
    base = tree.node(ablation.parents[0])
    variants = await asyncio.gather(*(asyncio.to_thread(_measure, context, base, node) for node in tree.of(ablation)))
    total = sum(abs(each.comparison.delta) for each in variants if each.comparison)
    rows = sorted((_row(each, total) for each in variants), key=lambda row: -abs(row.delta or 0.0))
    return Study(
        number=_number(context, action),
        action=action.id,
        track=action.track,
        step=action.step or 1,
        base=base.number,
        base_score=base.score or 0.0,
        rows=tuple(rows),
    )


def _measure(context: Context, base: Node, node: Node) -> _Measured:
    if node.evaluation is None or not (node.valid or node.raced):
        return _Measured(node, None)
    views, folds = context.views, [result.fold for result in node.evaluation.folds]
    pairs = context.predictions(base.number, folds=folds), context.predictions(node.number, folds=folds)
    return _Measured(node, compare(views.competition, views.answers(), *pairs))


def _row(measured: _Measured, total: float) -> AblationRow:
    candidate, evaluation, comparison = measured.node.candidate, measured.node.evaluation, measured.comparison
    if evaluation is None:
        raise ValueError(f"candidate {candidate.number} of a study is not evaluated")
    return AblationRow(
        block=candidate.block or "",
        title=candidate.title,
        candidate=candidate.number,
        status=evaluation.status,
        score=measured.node.score,
        delta=comparison.delta if comparison else None,
        standard_error=comparison.standard_error if comparison else None,
        share=abs(comparison.delta) / total if comparison and total else None,
        seconds=evaluation.seconds,
    )
