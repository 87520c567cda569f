"""What a run came to, in a few lines: for the end of `run`, for `demo` and `show`."""

from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from journal import Run
from mlestar.formats import compared, size
from reports import RoleSpending, Summary, best_path, block_effects, summarise, text

SUBMISSION = Path("final") / "submission.csv"
SCRIPT = Path("final") / "solution.py"
REPORT = Path("report.html")
MOST = 3
"""Blocks that are named."""


def has_submission(run: Run) -> bool:
    """Whether the run has a valid answer on disk."""
    return summarise(run).chosen is not None and (run.folder / SUBMISSION).is_file()


def influences(run: Run) -> list[tuple[str, float]]:
    """Blocks by the largest effect an ablation study found (absolute, in the metric's units), the largest first."""
    return [(effect.block, abs(effect.delta)) for effect in block_effects(run)]


def existing_paths(run: Run) -> dict[str, Path]:
    """The results that are on disk, by what they are."""
    paths = {"submission": run.folder / SUBMISSION, "script": run.folder / SCRIPT, "report": run.folder / REPORT, "run folder": run.folder}
    return {name: path for name, path in paths.items() if path.exists()}


def summary_json(run: Run) -> dict[str, Any]:
    """The same as data: the fields of reports.Summary, what run it is, what mattered, and the paths."""
    info = run.info
    return {
        "id": info.id,
        "competition": info.competition,
        "metric": info.metric,
        "greater_is_better": info.greater_is_better,
        **summarise(run).model_dump(mode="json"),
        "path": [node.number for node in best_path(run.tree(), summarise(run).chosen)],
        "influences": [{"block": block, "effect": effect} for block, effect in influences(run)],
        "paths": {name: str(path) for name, path in existing_paths(run).items()},
    }


def print_summary(run: Run, console: Console) -> None:
    """A panel in a terminal, the same lines in a pipe."""
    lines = summary_lines(run, summarise(run))
    table = Table.grid(padding=(0, 2))
    for name, value in lines:
        table.add_row(Text(name, style="bold"), Text(value, overflow="fold"))
    if console.is_terminal:
        console.print(Panel(table, title=f"{text.one_line(run.info.competition, 60)} {run.info.id}", title_align="left", expand=False))
        return
    width = max(len(name) for name, _ in lines)
    for name, value in lines:
        console.print(Text(f"{name:<{width}}  {value}"), soft_wrap=True)


def summary_lines(run: Run, summary: Summary) -> list[tuple[str, str]]:
    """(name, value) of each line."""
    info = run.info
    lines = [("state", summary.sentence)]
    if summary.score is None:
        lines.append(("score", "no valid solution"))
    else:
        lines.append((f"{info.metric} (validation)", _scores(run, summary, summary.score)))
        lines.append(("answer", f"candidate {summary.chosen}, {text.one_line(f'{summary.operator}: {summary.title}', 100)}"))
        if len(steps := best_path(run.tree(), summary.chosen)) > 1:
            lines.append(("way there", " -> ".join(f"{text.number(node.number)} {node.candidate.operator}" for node in steps)))
    if summary.grade is not None:
        lines.append((f"{info.metric} (test)", text.score(summary.grade)))
    if mattered := influences(run)[:MOST]:
        lines.append(("mattered most", ", ".join(f"{text.one_line(block, 40)} ({size(effect)})" for block, effect in mattered)))
    counts = f"{text.plural(summary.candidates, 'candidate')}, {summary.failed} failed, {text.plural(summary.executions, 'execution')}"
    lines.append(("work", f"{counts}, {text.duration(summary.seconds)}"))
    if summary.calls:
        price = "of unknown cost" if summary.cost is None else f"${summary.cost:.2f}"
        lines.append(("model", f"{text.plural(summary.calls, 'call')}, {text.plural(summary.tokens, 'token')}, {price}"))
        lines += [(f"  {each.role}", _role_line(each)) for each in summary.roles]
    return lines + [(name, str(path)) for name, path in existing_paths(run).items()]


def _role_line(each: RoleSpending) -> str:
    price = "cost unknown" if each.cost is None else f"${each.cost:.4f}"
    tokens = f"{each.prompt_tokens:,} + {each.answer_tokens:,} tokens"
    return f"{text.plural(each.calls, 'call')} ({each.useful} of use), {tokens}, {price}, {text.duration(each.seconds)}"


def _scores(run: Run, summary: Summary, score: float) -> str:
    if summary.first_score is None:
        return text.score(score)
    gained = compared(summary.first_score, score, run.info.greater_is_better, "the first solution")
    return f"{text.score(summary.first_score)} -> {text.score(score)}, {gained}"
