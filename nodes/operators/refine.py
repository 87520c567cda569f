"""Refine: rewrite the target block only, by the study's first plan, then by plans that know what was tried before."""

from collections.abc import Sequence

from engineers import Attempt, Proposal
from journal import Action, Operator, Study, Tree
from nodes.approval import approved_plan
from nodes.context import Context
from nodes.operators.attempts import attempt


async def refine(context: Context, action: Action) -> Sequence[Proposal]:
    tree = context.run.tree().track(action.track)
    study = next(study for study in tree.studies if study.step == action.step)
    base = context.run.solution(action.parents[0])
    if study.target is None:
        return []
    plan: str | None = study.plan
    if (action.attempt or 1) > 1:
        plan = await context.engineer.plan(base, study.target, attempts_on(tree, study, context.run.settings.debug_rounds))
        plan = approved_plan(context, action, study.target, plan) if plan else None
    source = await context.engineer.rewrite(base, study.target, plan) if plan else None
    if plan is None or source is None:
        return []
    return [Proposal(f"{study.target}: {_headline(plan)}", plan, str(base.replace(study.target, source)), study.target)]


def attempts_on(tree: Tree, study: Study, debug_rounds: int) -> tuple[Attempt, ...]:
    """All attempts on any target that is the study's block, the earlier steps' included: a plan must differ from all before."""
    steps = {each.step for each in tree.studies if each.target == study.target}
    nodes = [node for node in tree.made_by(Operator.REFINE) if node.candidate.step in steps]
    return tuple(attempt(tree, node, debug_rounds) for node in nodes)


def _headline(plan: str, longest: int = 60) -> str:
    """The plan's first sentence, short."""
    sentence = plan.split(". ", maxsplit=1)[0].rstrip(".")
    return sentence if len(sentence) <= longest else sentence[: longest - 1].rsplit(" ", 1)[0] + "…"
