"""report.html: the whole run on one page that needs no network, no server and, but for comfort, no script."""

from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from competitions import Competition
from journal import Node, Run, Tree, write_atomically
from reports import charts, text
from reports.ablation import AblationReport, ablation_report, bars, outcome, question
from reports.advice import advice
from reports.branches import tracks
from reports.data import read_data_profile, write_data_profile
from reports.ensembling import best_single, ensembles, member_correlations, members
from reports.failures import caps, failures, repairs
from reports.insights import BlockEffect, best_parent, best_path, block_effects, operator_outcomes, plan_outcomes
from reports.searches import searched
from reports.standing import competition_of, standing
from reports.summary import Summary, evaluation_times, gain, summarise

TEMPLATES = Path(__file__).parent / "templates"
FINAL_LIMIT = 150_000
"""Characters of the final script that are shown; the whole file lies in the run folder."""

COLUMNS_SHOWN = 80
"""Of the data; data.json has all."""
PLANS_SHOWN = 12
"""Plans by what they gained; all of them are with the candidates."""


def write_report(run: Run, path: Path) -> None:
    """Write the page, and before its first writing the data's profile; `path` always holds a whole page, the old or the new."""
    competition = competition_of(run)
    write_data_profile(run, competition)
    write_atomically(path, _page(run, competition).encode())


def report_html(run: Run) -> str:
    """The page of a run in whatever state: finished, failed, going on, interrupted, or with no candidate yet."""
    return _page(run, competition_of(run))


def _page(run: Run, competition: Competition | None) -> str:
    tree, summary = run.tree(), summarise(run)
    studies = [ablation_report(run, study) for study in sorted(tree.studies, key=lambda study: study.number)]
    single, made_of = best_single(tree), members(tree)
    effects = block_effects(run)
    final, final_cut = _final_script(run, summary)
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            info=run.info,
            settings=run.settings.model_dump(),
            summary=summary,
            standing=standing(run, competition),
            advice=advice(run, summary),
            highlight=_highlight(studies),
            path=[(node, _step_gain(tree, node)) for node in best_path(tree, summary.chosen)],
            effects=effects,
            effects_chart=charts.ablation_bars(_effect_bars(effects, studies), run.info.metric, None) if effects else "",
            plans=plan_outcomes(run)[:PLANS_SHOWN],
            operators=operator_outcomes(run),
            timeline=_timeline(run, tree),
            cards=tree.cards,
            searches=searched(run),
            tracks=tracks(run, summary.chosen),
            studies=[(study, charts.ablation_bars(bars(study), study.metric, None) if bars(study) else "") for study in studies],
            members=made_of,
            correlations=member_correlations(run, made_of, competition),
            single=single,
            ensembles=ensembles(run, tree, single),
            failures=failures(tree),
            repairs=repairs(tree),
            caps=caps(run),
            data=read_data_profile(run),
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
    environment.globals.update(question=question, outcome=outcome, MISSING=text.MISSING, COLUMNS_SHOWN=COLUMNS_SHOWN)
    return environment


def _highlight(studies: list[AblationReport]) -> tuple[AblationReport, Any] | None:
    """The study and row in which switching a block off did most harm."""
    harmful = [(study, row) for study in studies for row in study.rows if row.delta is not None and row.delta > 0]
    return max(harmful, key=lambda pair: pair[1].delta or 0.0, default=None)


def _effect_bars(effects: tuple[BlockEffect, ...], studies: list[AblationReport]) -> list[charts.Bar]:
    chosen = {study.target for study in studies}
    return [charts.Bar(effect.block, effect.delta, effect.standard_error, effect.block in chosen) for effect in effects]


def _step_gain(tree: Tree, node: Node) -> float | None:
    parent = best_parent(tree, node)
    return gain(tree, node.score, parent.score) if parent else None


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
                kind=node.candidate.operator if node.score is not None else "stopped early" if node.raced else "failed",
                score=node.score,
                best=best.score if best else None,
                label=_point_label(node, seconds),
            )
        )
    return charts.score_timeline(points, run.info.metric, run.info.greater_is_better) if points else ""


def _point_label(node: Node, seconds: float) -> str:
    candidate = node.candidate
    result = text.score(node.score) if node.score is not None else node.outcome.replace("_", " ")
    first = f"{text.number(candidate.number)} {text.one_line(candidate.title, 80)}: {result}"
    second = f"{candidate.operator}, after {text.duration(seconds)}"
    return "\n".join(part for part in (first, second, text.one_line(candidate.plan, 240)) if part)


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
