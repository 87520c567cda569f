"""Ensemble: a solution on the stacking view, proposed with all earlier plans and scores in sight."""

import asyncio
from collections.abc import Sequence

from engineers import Attempt, Member, Proposal
from ensembles import correlations, member_prefix
from journal import Action, Operator, Status
from nodes.context import Context
from nodes.stacking import member_predictions


async def ensemble(context: Context, action: Action) -> Sequence[Proposal]:
    tree = context.run.tree()
    nodes = [tree.node(number) for number in action.parents]
    members = [
        Member(node.number, member_prefix(node.number), node.candidate.title, node.score or 0.0, str(context.run.solution(node.number)))
        for node in nodes
    ]
    best = tree.best(nodes)
    attempts = [
        Attempt(node.candidate.plan, node.score, node.evaluation.status if node.evaluation else Status.KILLED, best.score if best else None)
        for node in tree.made_by(Operator.ENSEMBLE)
        if node.candidate.parents == action.parents
    ]
    alike = await asyncio.to_thread(correlations, member_predictions(context, action.parents), context.views.competition)
    proposal = await context.engineer.ensemble(members, alike, attempts)
    return [proposal] if proposal else []
