"""report.html: the whole run on one page that needs no network, no server and, but for comfort, no script."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from journal import Node, Operator, Run, Status, Tree, write_atomically
from reports import charts, text
from reports.ablation import AblationReport, ablation_report, bars, outcome, question
from reports.branches import best_single, tracks
from reports.summary import Summary, evaluation_times, gain, summarise

TEMPLATES = Path(__file__).parent / "templates"
FINAL_LIMIT = 150_000
"""Characters of the final script that are shown; the whole file lies in the run folder."""
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning))\b")


@dataclass(frozen=True)
class Failure:
    """Candidates that failed in the same way."""

    kind: str
    status: Status
    numbers: tuple[int, ...]
    repaired: int
    """How many of them have a repair that ran."""
    example: str


@dataclass(frozen=True)
class Ensemble:
    """One ensemble proposal."""

    node: Node
    gain: float | None
    """Over the best single candidate, in the metric's units."""
    weights: tuple[tuple[str, float], ...]


def write_report(run: Run, path: Path) -> None:
    """Write the page; `path` holds the old page or the whole new one at every moment."""
    write_atomically(path, report_html(run).encode())


def report_html(run: Run) -> str:
    """The page of a run in whatever state: finished, failed, going on, interrupted, or with no candidate yet."""
    tree, summary = run.tree(), summarise(run)
    studies = [ablation_report(run, study) for study in sorted(tree.studies, key=lambda study: study.number)]
    single = best_single(tree)
    final, final_cut = _final_script(run, summary)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            info=run.info,
            settings=run.settings.model_dump(),
            summary=summary,
            highlight=_highlight(studies),
            timeline=_timeline(run, tree),
            cards=tree.cards,
            tracks=tracks(run, summary.chosen),
            studies=[(study, charts.ablation_bars(bars(study), study.metric, None) if bars(study) else "") for study in studies],
            members=_members(tree),
            single=single,
            ensembles=_ensembles(run, tree, single),
            failures=_failures(tree),
            final=final,
            final_cut=final_cut,
        )
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    shown = (
        text.visible,
        text.one_line,
        text.score,
        text.signed,
        text.delta,
        text.percent,
        text.duration,
        text.memory,
        text.number,
        text.plural,
    )
    environment.filters.update({function.__name__: function for function in shown})
    environment.globals.update(question=question, outcome=outcome, MISSING=text.MISSING)
    return environment


def _highlight(studies: list[AblationReport]) -> tuple[AblationReport, Any] | None:
    """The study and row in which switching a block off did most harm."""
    harmful = [(study, row) for study in studies for row in study.rows if row.delta is not None and row.delta > 0]
    return max(harmful, key=lambda pair: pair[1].delta or 0.0, default=None)


def _timeline(run: Run, tree: Tree) -> str:
    """The chart of scores, or nothing where nothing was evaluated."""
    nodes = {node.number: node for node in tree.nodes}
    points: list[charts.Point] = []
    best: Node | None = None
    for number, seconds in evaluation_times(run).items():
        node = nodes.get(number)
        if node is None:
            continue
        best = tree.best([*([best] if best else []), node])
        points.append(
            charts.Point(
                order=len(points) + 1,
                number=number,
                operator=node.candidate.operator,
                score=node.score,
                best=best.score if best else None,
                label=_point_label(node, seconds),
            )
        )
    return charts.score_timeline(points, run.info.metric, run.info.greater_is_better) if points else ""


def _point_label(node: Node, seconds: float) -> str:
    candidate, status = node.candidate, node.evaluation.status if node.evaluation else "unfinished"
    result = text.score(node.score) if node.score is not None else status.replace("_", " ")
    first = f"{text.number(candidate.number)} {text.one_line(candidate.title, 80)}: {result}"
    second = f"{candidate.operator}, after {text.duration(seconds)}"
    return "\n".join(part for part in (first, second, text.one_line(candidate.plan, 240)) if part)


def _members(tree: Tree) -> list[Node]:
    """Every candidate that an ensemble was made of, best first."""
    numbers = {number for node in tree.made_by(Operator.ENSEMBLE) for number in node.candidate.parents}
    members = [node for node in tree.nodes if node.number in numbers]
    return sorted(members, key=lambda node: (node.score is None, (-1 if tree.greater_is_better else 1) * (node.score or 0.0)))


def _ensembles(run: Run, tree: Tree, single: Node | None) -> list[Ensemble]:
    return [
        Ensemble(node, gain(tree, node.score, single.score) if single else None, _weights(run, node.number))
        for node in tree.made_by(Operator.ENSEMBLE)
    ]


def _weights(run: Run, number: int) -> tuple[tuple[str, float], ...]:
    """What the ensemble's script wrote as weights.json, largest first; a script may write anything, so anything else is passed over."""
    try:
        content = json.loads((run.candidate_folder(number) / "weights.json").read_bytes()[:65_536])
    except (OSError, ValueError):
        return ()
    if not isinstance(content, dict):
        return ()
    numbers = {str(name): float(weight) for name, weight in content.items() if isinstance(weight, int | float)}
    return tuple(sorted(numbers.items(), key=lambda pair: -abs(pair[1])))


def _failures(tree: Tree) -> list[Failure]:
    """Failed candidates by kind, the most frequent first."""
    repaired = {parent for node in tree.made_by(Operator.DEBUG) if node.valid for parent in node.candidate.parents}
    kinds: dict[tuple[Status, str], list[Node]] = {}
    for node in tree.nodes:
        if node.failed and node.evaluation is not None:
            kinds.setdefault((node.evaluation.status, _kind(node.evaluation.error)), []).append(node)
    failures = [
        Failure(
            kind=kind or status.replace("_", " "),
            status=status,
            numbers=tuple(node.number for node in nodes),
            repaired=sum(node.number in repaired for node in nodes),
            example=_last_line(nodes[0].evaluation.error if nodes[0].evaluation else ""),
        )
        for (status, kind), nodes in kinds.items()
    ]
    return sorted(failures, key=lambda failure: -len(failure.numbers))


def _last_line(error: str) -> str:
    return next((line.strip() for line in reversed(error.splitlines()) if line.strip()), "")


def _kind(error: str) -> str:
    """The exception's name at the start of the last line, if there is one."""
    match = _EXCEPTION.match(_last_line(error))
    return match[1] if match else ""


def _final_script(run: Run, summary: Summary) -> tuple[str, int]:
    """(the final script, how many characters were cut off); before the end, the script of the best candidate so far."""
    path = run.folder / "final" / "solution.py"
    if not path.is_file() and summary.chosen is not None:
        path = run.candidate_folder(summary.chosen) / "solution.py"
    try:
        code = path.read_text(errors="replace")
    except OSError:
        return "", 0
    return code[:FINAL_LIMIT], max(0, len(code) - FINAL_LIMIT)
