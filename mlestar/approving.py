"""Asking a person in a terminal what a run waits for."""

from collections.abc import Sequence
from pathlib import Path

import typer

from flows.approval import target_answer
from journal import Answered, ModelCard, Question, Run, open_run
from mlestar.errors import UserError
from retrieval import CardError, read_card


def record(folder: Path, *answers: Answered) -> Run:
    """Write answers into a run's journal.

    Raises:
        RunFolderError: another process works on the run.
    """
    run = open_run(folder)
    run.open_for_writing()
    try:
        for answer in answers:
            run.append(answer)
    finally:
        run.close()
    return run


def as_given(question: Question, block: str | None, plan: str | None, cards: Sequence[Path]) -> Answered:
    """An answer from options; what is none stays as proposed.

    Raises:
        UserError: an option does not belong to this question, or the solution has no such block.
        CardError: a card is broken.
    """
    if block is not None and (question.subject != "target" or block not in question.blocks):
        known = ", ".join(question.blocks) or "none, this question is about something else"
        raise UserError(f"--block: {block!r} cannot be chosen — the blocks are: {known}")
    if plan is not None and question.subject == "cards":
        raise UserError("--plan: model cards are asked for — give --card or --yes")
    if cards and question.subject != "cards":
        raise UserError("--card: cards are drafted at the beginning only — give --block, --plan or --yes")
    if question.subject == "target":
        return target_answer(question, block or question.block or "", plan or "")
    return Answered(question=question.id, plan=plan, cards=tuple(read_card(path) for path in cards))


def ask(question: Question) -> Answered:
    """Show what is proposed; an empty answer keeps it."""
    typer.echo(f"\n{_heading(question)}\n{question.text}")
    if question.subject == "cards":
        return Answered(question=question.id, cards=_ask_cards())
    block = question.block or ""
    if question.subject == "target":
        block = _ask_block(question)
    typer.echo(f"plan: {question.plan}")
    plan = typer.prompt("another plan, or empty", default="", show_default=False).strip()
    if question.subject == "target":
        return target_answer(question, block, plan)
    return Answered(question=question.id, plan=plan or None)


def _heading(question: Question) -> str:
    return {"cards": "Models to draft from:", "target": "The block to refine next:", "plan": "What to try next:"}[question.subject]


def _ask_block(question: Question) -> str:
    typer.echo(f"blocks: {', '.join(question.blocks)}")
    while True:
        block: str = typer.prompt("block", default=question.block).strip()
        if block in question.blocks:
            return block
        typer.echo(f"there is no block {block!r}")


def _ask_cards() -> tuple[ModelCard, ...]:
    while True:
        path = typer.prompt("file of a model card of your own, or empty", default="", show_default=False).strip()
        if not path:
            return ()
        try:
            return (read_card(Path(path)),)
        except (CardError, OSError) as error:
            typer.echo(str(error))
