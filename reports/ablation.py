"""The report of one ablation study: which block matters, by how much, and what its refinement gained. Text, data and picture."""

import json
from pathlib import Path
from typing import Any

from pydantic import Field

from journal import Operator, Record, Run, Status, Study, Tree, write_atomically
from reports import charts, text
from reports.summary import gain


class AblationLine(Record):
    """One variant: the base with a block switched off or replaced."""

    block: str
    variant: str = Field(description="what was switched off")
    candidate: int
    score: float | None
    delta: float | None = Field(description="how much worse the variant is than the base, in the metric's units; > 0: the block helps")
    standard_error: float | None = Field(description="of the delta, paired bootstrap over held-out rows")
    share: float | None = Field(description="|delta| of the sum of all |delta| of the study, 0..1")
    seconds: float
    status: Status


class Trial(Record):
    """One refinement of the block that the study chose."""

    candidate: int
    title: str
    plan: str
    score: float | None
    gain: float | None = Field(description="by how much it is better than the base, in the metric's units; none: failed or not finished")
    status: str = Field(description="a Status, or 'unfinished'")


class AblationReport(Record):
    """One study with all its numbers; Markdown, JSON, chart and HTML show these and no others."""

    study: int
    track: int
    step: int
    metric: str
    greater_is_better: bool
    base: int = Field(description="number of the candidate that was taken apart")
    base_title: str
    base_score: float
    rows: tuple[AblationLine, ...] = Field(description="by |delta|, largest first; variants without a delta last")
    target: str | None = Field(description="the block chosen for refinement; none: nothing left to try")
    plan: str = Field(description="the first plan for it")
    trials: tuple[Trial, ...] = Field(description="refinements of the target so far, in order, their repairs included")
    gained: float | None = Field(description="gain of the best trial; negative: none beat the base; none: no trial has a score")
    summary: str

    @property
    def stopped_early(self) -> bool:
        """Whether some variants were measured on their first folds only."""
        return any(row.delta is not None and row.score is None for row in self.rows)


def ablation_report(run: Run, study: Study) -> AblationReport:
    """Gather a study's numbers from the journal."""
    tree = run.tree()
    base = next((node for node in tree.nodes if node.number == study.base), None)
    trials = _trials(tree, study)
    rows = (
        AblationLine(
            block=row.block,
            variant=row.title,
            candidate=row.candidate,
            score=row.score,
            delta=row.delta,
            standard_error=row.standard_error,
            share=row.share,
            seconds=row.seconds,
            status=row.status,
        )
        for row in sorted(study.rows, key=lambda row: -1.0 if row.delta is None else abs(row.delta), reverse=True)
    )
    return AblationReport(
        study=study.number,
        track=study.track,
        step=study.step,
        metric=run.info.metric,
        greater_is_better=run.info.greater_is_better,
        base=study.base,
        base_title=base.candidate.title if base else "",
        base_score=study.base_score,
        rows=tuple(rows),
        target=study.target,
        plan=study.plan,
        trials=trials,
        gained=max((trial.gain for trial in trials if trial.gain is not None), default=None),
        summary=study.summary,
    )


def _trials(tree: Tree, study: Study) -> tuple[Trial, ...]:
    """Refinements of the study's step, and the repairs of those that broke."""
    found: dict[int, Trial] = {}
    for node in tree.track(study.track).nodes:
        candidate = node.candidate
        refined = candidate.operator is Operator.REFINE and candidate.step == study.step
        repaired = candidate.operator is Operator.DEBUG and any(parent in found for parent in candidate.parents)
        if refined or repaired:
            found[node.number] = Trial(
                candidate=node.number,
                title=candidate.title,
                plan=candidate.plan,
                score=node.score,
                gain=gain(tree, node.score, study.base_score),
                status=node.outcome,
            )
    return tuple(found.values())


def ablation_json(run: Run, study: Study) -> dict[str, Any]:
    """The study as plain data; the keys are the fields of AblationReport, AblationLine and Trial."""
    return ablation_report(run, study).model_dump(mode="json")


def ablation_markdown(run: Run, study: Study, chart: str = "") -> str:
    """The study as a Markdown page: the question, the table with the most influential variant first, the choice, what it gained.

    The table draws its bars with characters, which show where pictures do not; `chart` is the address of the picture, if there is one.
    """
    report = ablation_report(run, study)
    parts = [
        f"# Ablation study {report.study}: track {report.track}, step {report.step}\n",
        question(report, text.cell(report.base_title)) + "\n",
        _rows_table(report) if report.rows else "No variant was measured.\n",
        "A delta above zero means that the solution is worse without the block as it is: the block helps. "
        "The bar is hollow where the solution is better without the block. "
        "± is the standard error of the delta over held-out rows; share is its part of the sum of all absolute deltas.\n",
    ]
    if report.stopped_early:
        parts.append("A variant without a score was stopped on its first folds, where its effect was clear: its delta is of these.\n")
    if chart and bars(report):
        parts.append(f"![Delta of each variant, with its standard error]({chart})\n")
    if report.summary:
        parts.append(f"## What it says\n\n{text.markdown(report.summary)}\n")
    parts.append(f"## What was refined\n\n{_choice(report)}\n")
    if report.trials:
        parts.append(_trials_table(report))
    return "\n".join(parts)


def question(report: AblationReport, base_title: str) -> str:
    """What was asked, in one sentence; the base's title comes ready for the page it goes on."""
    named = f" “{base_title}”" if base_title else ""
    score = f"{report.metric} {text.score(report.base_score)}, {'higher' if report.greater_is_better else 'lower'} is better"
    return f"How much does each block of candidate {text.number(report.base)}{named} ({score}) contribute to its score?"


def _rows_table(report: AblationReport) -> str:
    longest = max((abs(row.delta) for row in report.rows if row.delta is not None), default=0.0)
    return text.markdown_table(
        ("block", "variant", ">score", ">delta ± standard error", "", ">share", ">seconds", "status"),
        (
            (
                text.cell(row.block),
                text.cell(row.variant),
                text.score(row.score),
                text.delta(row.delta, row.standard_error),
                text.bar(row.delta, longest),
                text.percent(row.share),
                f"{row.seconds:.1f}",
                row.status,
            )
            for row in report.rows
        ),
    )


def _choice(report: AblationReport) -> str:
    if report.target is None:
        return "No block was chosen: nothing was left to try."
    plan = f" First plan: {text.markdown(report.plan)}" if report.plan else ""
    return f"Chosen block: **{text.cell(report.target)}**.{plan}\n\n{outcome(report)}"


def outcome(report: AblationReport) -> str:
    """What the refinement came to so far, in one sentence."""
    if not report.trials:
        return "It has not been refined yet."
    tried = text.plural(len(report.trials), "attempt")
    if report.gained is None:
        return f"After {tried} none has a score."
    if report.gained <= 0:
        return f"After {tried} none is better than the base (best: {text.signed(report.gained)} {report.metric})."
    best = max((trial for trial in report.trials if trial.gain is not None), key=lambda trial: trial.gain or 0.0)
    result = f"candidate {text.number(best.candidate)}: {text.score(best.score)}, better by {text.signed(report.gained)[1:]}"
    return f"After {tried} the best is {result}."


def _trials_table(report: AblationReport) -> str:
    return text.markdown_table(
        (">candidate", "plan", ">score", ">gain", "status"),
        (
            (
                text.number(trial.candidate),
                text.cell(trial.plan or trial.title),
                text.score(trial.score),
                text.signed(trial.gain),
                trial.status,
            )
            for trial in report.trials
        ),
    )


def ablation_chart(run: Run, study: Study) -> str:
    """The study as an SVG picture on white: one bar a variant, its length the delta, with one standard error to either side."""
    return charts.ablation_bars(bars(ablation_report(run, study)), run.info.metric)


def bars(report: AblationReport) -> list[charts.Bar]:
    """The measured variants, as the chart wants them."""
    return [
        charts.Bar(f"{row.block}: {row.variant}", row.delta, row.standard_error, row.block == report.target)
        for row in report.rows
        if row.delta is not None
    ]


def write_ablation_report(run: Run, study: Study, folder: Path) -> None:
    """Write report.md, report.json and chart.svg into `folder`, which is made if absent; each file whole or not at all."""
    files = {
        "report.md": ablation_markdown(run, study, chart="chart.svg"),
        "report.json": json.dumps(ablation_json(run, study), indent=1, ensure_ascii=False) + "\n",
        "chart.svg": ablation_chart(run, study),
    }
    for name, content in files.items():
        write_atomically(folder / name, content.encode())
