"""Approval: a person confirms or changes what the engineer proposes, where the settings ask for it."""

from collections.abc import Sequence

from langgraph.types import interrupt

from engineers import Target
from journal import Action, Answered, ModelCard, Question, Questioned, Solution
from nodes.context import Context

CARDS = "cards"


def approved_cards(context: Context, cards: Sequence[ModelCard]) -> Sequence[ModelCard]:
    """The person's own cards before those that were found."""
    if context.run.settings.approve == "nothing":
        return cards
    found = "\n".join(f"{card.name} ({card.family}): {card.why}" for card in cards) or "none"
    return [*_answer(context, Question(id=CARDS, subject="cards", text=found)).cards, *cards]


async def approved_target(context: Context, action: Action, solution: Solution, proposed: Target | None) -> Target | None:
    """The block and the first plan as the person wants them; for another block without a plan the engineer makes one."""
    if context.run.settings.approve == "nothing" or proposed is None:
        return proposed
    question = Question(
        id=action.id,
        subject="target",
        text=proposed.summary,
        blocks=tuple(solution.titles),
        block=proposed.block,
        plan=proposed.plan,
    )
    answer = _answer(context, question)
    block, plan = answer.block or proposed.block, answer.plan
    if plan is None:
        plan = proposed.plan if block == proposed.block else await context.engineer.plan(solution, block, ())
    return Target(block, plan, proposed.summary) if plan else None


def approved_plan(context: Context, action: Action, block: str, plan: str) -> str:
    """A further plan for the block, as the person wants it."""
    if context.run.settings.approve != "plans":
        return plan
    answer = _answer(context, Question(id=action.id, subject="plan", text=f"A further plan for {block}.", block=block, plan=plan))
    return plan if answer.plan is None else answer.plan


def _answer(context: Context, question: Question) -> Answered:
    """What the person said. Until then the graph stops here, to be carried out anew; all before it is in the journal."""
    run = context.run
    answer = run.answer(question.id)
    if answer is None:
        if question not in run.questions:
            run.append(Questioned(question=question))
        answer = interrupt(question.model_dump(mode="json"))
    return answer
