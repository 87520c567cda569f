"""Approval in a deployment: the flow run is suspended, so that it holds no worker, until somebody fills in its form on Prefect's pages."""

from pathlib import Path
from typing import Any, Literal

from prefect import get_run_logger
from prefect.flow_runs import asuspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment
from pydantic import Field, create_model

from journal import Answered, ModelCard, Question, Run
from retrieval import CardError, parse_card


class CardsForm(RunInput):
    """Own model cards, or none."""

    card: str = Field("", description="A model card to be drafted first, in Markdown as docs/approval.md shows; empty: none.")


class PlanForm(RunInput):
    """A plan to be confirmed or edited."""

    plan: str = Field(description="What is to be done; edit it as you like.")


class TargetForm(RunInput):
    """A block to be refined, and how."""

    block: str = Field(description="The block that is refined next.")
    plan: str = Field(description="What is done with it first; for another block, leave it as it is and a plan is made.")


async def answer_in_form(folder: Path) -> None:
    """Answer what a run asks, question by question: by the form where it was filled in, else the flow run is suspended here.

    A flow run that belongs to no deployment cannot be suspended; its questions stay open, for `mlestar approve`.

    Raises:
        prefect.exceptions.Pause: the flow run is suspended; it is carried out anew when the form is sent.
    """
    if deployment.id is None:
        return
    for question in Run(folder).questions:
        answer = await _form_of(question)
        run = Run(folder)
        run.open_for_writing()
        try:
            run.append(answer)
        finally:
            run.close()


async def _form_of(question: Question) -> Answered:
    text = f"**{question.subject}**\n\n{question.text}"
    if question.subject == "cards":
        sent = await asuspend_flow_run(wait_for_input=CardsForm.with_initial_data(description=text), key=_key(question))
        return Answered(question=question.id, cards=_card(sent.card))
    if question.subject == "plan":
        form = await asuspend_flow_run(wait_for_input=PlanForm.with_initial_data(description=text, plan=question.plan), key=_key(question))
        return Answered(question=question.id, plan=form.plan)
    target = await asuspend_flow_run(
        wait_for_input=_target_form(question).with_initial_data(description=text, block=question.block, plan=question.plan),
        key=_key(question),
    )
    return target_answer(question, target.block, target.plan)


def _key(question: Question) -> str:
    """Prefect's keys have no dots."""
    return question.id.replace(".", "-")


def target_answer(question: Question, block: str, plan: str) -> Answered:
    """A plan that was left as it stood belongs to the block that was proposed; another block gets a plan of its own."""
    kept = plan.strip() in ("", question.plan.strip())
    return Answered(question=question.id, block=block, plan=None if kept else plan)


def _target_form(question: Question) -> type[TargetForm]:
    """The form with this solution's blocks to choose from."""
    choice: Any = Literal.__getitem__(question.blocks)
    return create_model("TargetForm", __base__=TargetForm, block=(choice, TargetForm.model_fields["block"]))


def _card(text: str) -> tuple[ModelCard, ...]:
    if not text.strip():
        return ()
    try:
        return (parse_card(text, "the form"),)
    except CardError as error:
        get_run_logger().warning("the card is left out: %s", error)
        return ()
