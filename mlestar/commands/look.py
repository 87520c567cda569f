"""Commands that read runs: runs, show, report, ablation; and finish, which asks a running one to end."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlestar.errors import UserError
from mlestar.options import AsJson, RunName, RunsDir

if TYPE_CHECKING:
    from rich.console import Console

    from journal import Node, Run, Study

SHOWN_CANDIDATES = 20
"""Candidates that `show` lists in a terminal; --json and the report have all."""

SORTS = {"age": "", "score": "score", "test": "grade", "time": "seconds", "candidates": "candidates"}
"""Orders of `runs`, and the key of the row that they look at."""
STATES = ("finished", "no-solution", "running", "waiting", "interrupted")


def runs(
    competition: Annotated[str | None, typer.Option("--competition", help="Of this competition only.", show_default=False)] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", help=f"In this state only: {', '.join(STATES)}.", show_default=False),
    ] = None,
    sort: Annotated[str, typer.Option("--sort", help="By age, score (best first), test (best first), time or candidates.")] = "age",
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """List the runs, the oldest first."""
    from journal import find_runs
    from mlestar.formats import console, print_json

    if sort not in SORTS:
        raise UserError(f"--sort: {sort!r} is no order — the orders are {', '.join(SORTS)}")
    if state is not None and state not in STATES:
        raise UserError(f"--state: {state!r} is no state — the states are {', '.join(STATES)}")
    found = [run for run in find_runs(runs_dir) if competition is None or run.info.competition == competition]
    pairs = [(run, row) for run in found if (row := _run_row(run))["state"] == (state or row["state"]).replace("-", "_")]
    if sort != "age":
        pairs.sort(key=lambda pair: _order(pair[0], pair[1], sort))
    rows = [row for _, row in pairs]
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(f"no runs in {runs_dir} yet; start one with `mlestar run COMPETITION` or `mlestar demo`")
        return
    from reports import text

    cells = [
        (
            text.one_line(row["id"], 40),
            text.one_line(row["competition"], 40),
            row["state"].replace("_", " "),
            row["metric"],
            text.score(row["first_score"]),
            text.score(row["score"]),
            text.score(row["grade"]),
            str(row["candidates"]),
            text.duration(row["seconds"]),
        )
        for row in rows
    ]
    print_table(console(), ("run", "competition", "state", "metric", ">first", ">score", ">test", ">candidates", ">time"), cells)


def show(
    run: RunName,
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="A candidate's number: its plan, scores, error and script.", show_default=False)
    ] = None,
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Show what a run came to, or one of its candidates."""
    from journal import open_run
    from mlestar.formats import console, print_json
    from mlestar.places import run_folder
    from mlestar.summary import print_summary, summary_json
    from reports import scores_table

    found = open_run(run_folder(run, runs_dir))
    if number is not None:
        _show_candidate(found, number, as_json)
        return
    rows = scores_table(found)
    if as_json:
        print_json({**summary_json(found), "table": rows})
        return
    out = console()
    print_summary(found, out)
    if rows:
        out.print()
        _print_candidates(found, rows, out)


def report(
    run: RunName,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the web browser.")] = False,
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Write a run's report anew, with a profile of its data, and say where it is."""
    import webbrowser

    from journal import open_run
    from mlestar.formats import print_json
    from mlestar.places import run_folder
    from mlestar.summary import REPORT, summary_json
    from reports import write_report

    found = open_run(run_folder(run, runs_dir))
    path = found.folder / REPORT
    write_report(found, path)
    if as_json:
        print_json({"report": str(path.resolve()), **summary_json(found)})
    else:
        typer.echo(str(path))
    if open_it and not webbrowser.open(path.resolve().as_uri()):
        raise UserError("--open: no web browser was found — open the file above yourself")


def ablation(
    run: RunName,
    number: Annotated[int | None, typer.Option("--study", help="One study only, by its number.", show_default=False)] = None,
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Show which block of the pipeline matters, as the run's ablation studies measured it."""
    from journal import open_run
    from mlestar.formats import console, print_json
    from mlestar.places import run_folder
    from reports import ablation_json, ablation_markdown

    found = open_run(run_folder(run, runs_dir))
    studies = _studies(found, number)
    if as_json:
        print_json([ablation_json(found, study) for study in studies])
        return
    if not studies:
        typer.echo(f"run {found.info.id} has no finished ablation study yet")
    out = console()
    for study in studies:
        markdown = ablation_markdown(found, study)
        if out.is_terminal:
            from rich.markdown import Markdown

            out.print(Markdown(markdown))
        else:
            typer.echo(markdown)


def finish(run: RunName, runs_dir: RunsDir = Path("runs")) -> None:
    """Ask a running run, from another terminal, to end with the best so far."""
    from journal import open_run
    from mlestar.places import run_folder
    from reports.summary import state_of

    found = open_run(run_folder(run, runs_dir))
    state = state_of(found)
    if state == "interrupted":
        raise UserError(f"run: no process is working on {found.info.id!r} — take it up with `mlestar resume {found.info.id}`")
    if state != "running":
        raise UserError(f"run: {found.info.id!r} has ended already — see `mlestar show {found.info.id}`")
    found.request_finish()
    typer.echo(f"run {found.info.id} will end with the best so far")


def _order(run: "Run", row: dict[str, Any], sort: str) -> tuple[bool, float]:
    """Best scores first, in the metric's direction; most time or candidates first; what has no such number last."""
    value = row[SORTS[sort]]
    downwards = run.info.greater_is_better or sort in ("time", "candidates")
    return value is None, 0.0 if value is None else -value if downwards else value


def _run_row(run: "Run") -> dict[str, Any]:
    from reports import summarise

    info, summary = run.info, summarise(run)
    kept = ("state", "first_score", "score", "grade", "candidates", "seconds", "reason")
    names = {"id": info.id, "competition": info.competition, "metric": info.metric, "engineer": info.engineer}
    return {**names, **{name: getattr(summary, name) for name in kept}, "note": run.settings.note, "folder": str(run.folder)}


def _studies(run: "Run", number: int | None) -> "list[Study]":
    studies = sorted(run.tree().studies, key=lambda study: study.number)
    if number is None:
        return studies
    wanted = [study for study in studies if study.number == number]
    if not wanted:
        there = ", ".join(str(study.number) for study in studies) or "none"
        raise UserError(f"--study: run {run.info.id!r} has no study {number} — there are: {there}")
    return wanted


def candidate_node(run: "Run", number: int) -> "Node":
    """A run's candidate.

    Raises:
        UserError: there is none of that number.
    """
    node = next((node for node in run.tree().nodes if node.number == number), None)
    if node is None:
        raise UserError(f"number: run {run.info.id!r} has no candidate {number} — see `mlestar show {run.info.id}`")
    return node


def _show_candidate(run: "Run", number: int, as_json: bool) -> None:
    from mlestar.formats import console, print_json

    node = candidate_node(run, number)
    code = str(run.solution(number))
    if as_json:
        evaluation = node.evaluation.model_dump(mode="json") if node.evaluation else None
        print_json({**node.candidate.model_dump(mode="json"), "evaluation": evaluation, "code": code})
        return
    out = console()
    for name, value in _candidate_lines(node):
        out.print(f"{name:<10}{value}", soft_wrap=True)
    out.print()
    if out.is_terminal:
        from rich.syntax import Syntax

        out.print(Syntax(code, "python", theme="ansi_dark", background_color="default"))
    else:
        typer.echo(code)


def _candidate_lines(node: "Node") -> list[tuple[str, str]]:
    """(name, value) of each line about a candidate."""
    from reports import text

    candidate, evaluation = node.candidate, node.evaluation
    lines = [
        ("candidate", f"{candidate.number}, {candidate.operator}, track {candidate.track}: {text.one_line(candidate.title, 100)}"),
        ("parents", ", ".join(map(str, candidate.parents)) or "none"),
        ("plan", text.one_line(candidate.plan) or "-"),
    ]
    if candidate.block:
        lines.append(("block", text.one_line(candidate.block, 100)))
    if evaluation is None:
        return [*lines, ("status", "not evaluated yet")]
    lines.append(("status", node.outcome.replace("_", " ")))
    lines.append(("score", f"{text.score(evaluation.score)}; folds {', '.join(text.score(fold.score) for fold in evaluation.folds)}"))
    lines.append(("time", text.duration(evaluation.seconds)))
    if evaluation.error:
        lines.append(("error", text.visible(evaluation.error)))
    return lines


def _print_candidates(run: "Run", rows: list[dict[str, Any]], out: "Console") -> None:
    from reports import text

    cells = [
        (
            str(row["candidate"]),
            str(row["track"]),
            str(row["operator"]),
            text.one_line(str(row["title"]), 50),
            text.one_line(str(row["block"] or ""), 24),
            text.score(row["score"]),
            text.duration(row["seconds"]),
            str(row["status"] or "unfinished").replace("_", " "),
        )
        for row in rows[:SHOWN_CANDIDATES]
    ]
    print_table(out, (">no", ">track", "operator", "title", "block", ">score", ">time", "status"), cells)
    if len(rows) > SHOWN_CANDIDATES:
        out.print(f"and {len(rows) - SHOWN_CANDIDATES} more: `mlestar show {run.info.id} --json`, or `mlestar report {run.info.id}`")


def print_table(out: "Console", header: tuple[str, ...], rows: Iterable[Sequence[str]]) -> None:
    """A table for a terminal or a pipe; columns whose title begins with '>' are numbers and stand to the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in header:
        table.add_column(title.removeprefix(">"), justify="right" if title.startswith(">") else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)
