"""Commands that set things side by side: diff, of two candidates of a run; compare, of several runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mlestar.errors import UserError
from mlestar.options import AsJson, RunName, RunNames, RunsDir

if TYPE_CHECKING:
    from journal import Node, Run

STYLES = {"+": "green", "-": "red", "@": "dim", " ": ""}
ENOUGH = 10_000_000
"""Characters of a difference: here nothing is left out."""


def diff(
    run: RunName,
    first: Annotated[int, typer.Argument(metavar="FIRST", help="Number of the candidate to begin with.", show_default=False)],
    second: Annotated[int, typer.Argument(metavar="SECOND", help="Number of the candidate to end with.", show_default=False)],
    runs_dir: RunsDir = Path("runs"),
    as_json: AsJson = False,
) -> None:
    """Show what changed from one candidate of a run to another, block by block, and what it gained."""
    from rich.text import Text

    from journal import open_run
    from mlestar.commands.look import candidate_node
    from mlestar.formats import console, print_json
    from mlestar.places import run_folder
    from reports import block_changes, text

    found = open_run(run_folder(run, runs_dir))
    before, after = (candidate_node(found, number) for number in (first, second))
    changes = block_changes(found.solution(first), found.solution(second), ENOUGH)
    verdict = _verdict(found, before, after)
    if as_json:
        blocks = [{"block": each.title, "kind": each.kind, "lines": [line.sign + line.text for line in each.lines]} for each in changes]
        print_json({"first": first, "second": second, **verdict, "blocks": blocks})
        return
    out = console()
    for node in (before, after):
        out.print(f"{text.number(node.number)} {text.one_line(node.candidate.title, 80)}: {text.score(node.score)}", soft_wrap=True)
    if verdict["delta"] is not None:
        error = text.delta(verdict["delta"], verdict["standard_error"])
        out.print(f"gain {error}, better on {verdict['wins']} of {text.plural(verdict['folds'], 'fold')}", soft_wrap=True)
    if not changes:
        out.print("the scripts are the same")
    for each in changes:
        out.print()
        out.print(Text(f"# %% {text.one_line(each.title)} ({each.kind})", style="bold"), soft_wrap=True)
        for line in each.lines:
            out.print(Text(f"{line.sign} {text.visible(line.text)}", style=STYLES[line.sign]), soft_wrap=True)


def compare(runs: RunNames, runs_dir: RunsDir = Path("runs"), as_json: AsJson = False) -> None:
    """Set runs side by side: scores, time, cost; and, on the same folds, by how much each answer is better than the first run's."""
    from journal import open_run
    from mlestar.commands.look import print_table
    from mlestar.formats import console, print_json
    from mlestar.places import run_folder
    from reports import text

    if len(runs) < 2:
        raise UserError("run: there is nothing to compare with — give two runs or more")
    found = [open_run(run_folder(name, runs_dir)) for name in runs]
    rows = [_row(found[0], each) for each in found]
    if as_json:
        print_json(rows)
        return
    cells = [
        (
            text.one_line(row["id"], 40),
            text.one_line(row["competition"], 40),
            row["metric"],
            text.score(row["score"]) + ("" if row["standard_error"] is None else f" ± {row['standard_error']:.2g}"),
            text.score(row["grade"]),
            "" if row is rows[0] else text.delta(row["delta"], row["delta_error"]) if row["delta"] is not None else row["why_not"],
            str(row["executions"]),
            text.duration(row["seconds"]),
            "none" if not row["calls"] else text.MISSING if row["cost"] is None else f"${row['cost']:.2f}",
        )
        for row in rows
    ]
    header = ("run", "competition", "metric", ">score", ">test", ">gain over the first", ">executions", ">time", ">cost")
    print_table(console(), header, cells)


def _verdict(run: "Run", before: "Node", after: "Node") -> dict[str, Any]:
    from reports import paired

    return paired(after, before, run.info.greater_is_better).model_dump()


def _row(base: "Run", run: "Run") -> dict[str, Any]:
    """The numbers of one run, and by how much its answer is better than the base's."""
    from reports import paired, summarise

    summary = summarise(run)
    kept = ("state", "score", "standard_error", "first_score", "grade", "candidates", "executions", "seconds", "calls", "tokens", "cost")
    names = {"id": run.info.id, "competition": run.info.competition, "metric": run.info.metric}
    row: dict[str, Any] = {**names, **{name: getattr(summary, name) for name in kept}}
    row |= {"delta": None, "delta_error": None, "wins": None, "why_not": _why_not(base, run)}
    answer, reference = _answer(run), _answer(base)
    if not row["why_not"] and answer is not None and reference is not None:
        pair = paired(answer, reference, run.info.greater_is_better)
        row |= {"delta": pair.delta, "delta_error": pair.standard_error, "wins": pair.wins}
    return row


def _why_not(base: "Run", run: "Run") -> str:
    """Why two runs' scores say nothing about one another; empty: they do."""
    for name, what in (
        ("competition", "other competition"),
        ("metric", "other metric"),
        ("folds", "other folds"),
        ("validation", "other folds"),
    ):
        if getattr(base.info, name) != getattr(run.info, name):
            return what
    if base.settings.search_rows != run.settings.search_rows or base.settings.seed != run.settings.seed:
        return "other folds"
    return "" if _answer(base) and _answer(run) else "no valid solution"


def _answer(run: "Run") -> "Node | None":
    from reports import summarise

    chosen = summarise(run).chosen
    return next((node for node in run.tree().nodes if node.number == chosen), None)
