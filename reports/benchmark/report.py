"""The report of a benchmark: HTML, Markdown, CSV, the profiles as a picture, and MLE-bench's JSON."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import altair as alt
import jinja2
from markdown_it import MarkdownIt

from journal import write_atomically
from reports import charts, text
from reports.benchmark import tables
from reports.benchmark.cells import Bench, cell_run, read_bench
from reports.benchmark.compare import Comparison, Profile, compare
from reports.benchmark.grades import grading_report, submissions_jsonl
from reports.benchmark.measure import SUBMISSION, Measurement, measure_bench
from reports.benchmark.tables import Names
from reports.benchmark.troubles import Troubles, troubles
from reports.html import TEMPLATES

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#F0E442")
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
PAGE = "report.html"
PLAIN = "report.md"
LEGEND = (
    "IQM: interquartile mean of test scores, normalised by competition: 1 is the best run of this benchmark, 0 the worst or an"
    " invalid one. In brackets 95 % intervals of a stratified bootstrap over runs (Agarwal et al. 2021): they say nothing of other"
    " competitions, and with one seed nothing at all. Rank share: the share of the leaderboard that is not ahead. Gap: by how much"
    " the validation flattered. Oracle adds: what the best choice among a run's candidates would have gained. Both are in units of"
    " the range of test scores."
)


@dataclass(frozen=True)
class BenchReport:
    """What the files are written from."""

    bench: Bench
    measurements: tuple[Measurement, ...]
    comparison: Comparison
    troubles: Troubles

    @property
    def names(self) -> Names:
        return Names([row.contender for row in self.comparison.overall])


def bench_report(out: Path, notify: Callable[[str], None] = lambda _: None) -> BenchReport:
    """Measure and compare whatever is there.

    Raises:
        RunFolderError: there is no benchmark, or a run cannot be read.
    """
    bench = read_bench(out)
    measurements = measure_bench(out, bench, notify)
    runs = [run for cell in bench.cells if (run := cell_run(out, cell)) is not None]
    return BenchReport(bench, tuple(measurements), compare([each.measured for each in measurements]), troubles(runs))


def write_bench_report(out: Path, notify: Callable[[str], None] = lambda _: None) -> Path:
    """Write all of it into the benchmark's folder; gives the page. Raises as `bench_report` does."""
    found = bench_report(out, notify)
    comparison, names = found.comparison, found.names
    picture = profiles_chart(comparison.profiles, names, "white") if comparison.profiles else ""
    files = {
        PLAIN: bench_markdown(found),
        PAGE: bench_html(found),
        "profiles.svg": picture,
        "runs.csv": tables.to_csv([each.measured for each in found.measurements]),
        "overall.csv": tables.to_csv(comparison.overall),
        "competitions.csv": tables.to_csv(comparison.competitions),
        "pairs.csv": tables.to_csv(comparison.pairs),
        "operators.csv": tables.to_csv(found.troubles.yields),
        "grading_report.json": json.dumps(grading_report(each.grade for each in found.measurements if each.grade), indent=2),
    }
    for name, content in files.items():
        write_atomically(out / name, content.encode())
    return out / PAGE


def export_mlebench(out: Path) -> str:
    """JSON lines for `mlebench grade`: a line for each finished run, also for one without a submission, which counts as invalid.

    Raises:
        RunFolderError: there is no benchmark.
    """
    runs = [(cell, cell_run(out, cell)) for cell in read_bench(out).cells]
    finished = [(cell, run) for cell, run in runs if run is not None and run.finished is not None]
    return submissions_jsonl((cell.competition, run.folder / SUBMISSION) for cell, run in finished)


def bench_markdown(found: BenchReport, picture: str = "profiles.svg") -> str:
    """The report as Markdown; `picture` is the address of the profiles' picture."""
    comparison, names, bench = found.comparison, found.names, found.bench
    parts = [f"# Benchmark: {text.cell(bench.name)}\n", _facts(found)]
    if not comparison.overall:
        return "\n".join([*parts, "No run is finished yet.\n"])
    drawn = [f"![Performance profiles]({picture})\n"] if picture else []
    parts += [
        "## Over all competitions\n",
        tables.overall_table(comparison.overall, names),
        _legend(comparison),
        "## What it took\n",
        tables.effort_table(comparison.overall, names),
        "## Competition by competition\n",
        tables.competition_tables(comparison.competitions, names),
        "## In pairs\n",
        "On the same competition and seed; P over all pairs of runs on a competition, ties counting half.\n",
        tables.pairs_table(comparison.pairs, names),
        "## Performance profiles\n",
        "The share of runs whose normalised score is above a threshold, every competition with the same weight.\n",
        *drawn,
        tables.profile_table(comparison, names),
        "## What failed, and what helped\n",
        _troubles(found.troubles),
    ]
    return "\n".join(parts)


def bench_html(found: BenchReport) -> str:
    """The same on one page that needs no network; the picture is in it."""
    body = MarkdownIt("commonmark").enable("table").render(bench_markdown(found, picture=""))
    profiles = found.comparison.profiles
    picture = profiles_chart(profiles, found.names, None) if profiles else ""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.get_template("bench.html.j2")
    return page.render(title=found.bench.name, css=(TEMPLATES / "report.css").read_text(), body=body, picture=picture)


def profiles_chart(profiles: Sequence[Profile], names: Names, background: str | None) -> str:
    """A step line a contender, and its band; colours are told apart by colour-blind readers, dashes say the same again."""
    shown = [names.of(each.contender) for each in profiles]
    rows = [
        {"contender": name, "threshold": level, "share": share, "low": low, "high": high}
        for name, each in zip(shown, profiles, strict=True)
        for level, share, low, high in zip(each.thresholds, each.share, each.low, each.high, strict=True)
    ]
    looks = [(COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]) for place in range(len(shown))]
    legend = alt.Legend(title=None, orient="top", symbolStrokeWidth=2, symbolType="stroke")
    colour = alt.Color("contender:N", legend=legend, scale=alt.Scale(domain=shown, range=[colour for colour, _ in looks]))
    dash = alt.StrokeDash("contender:N", legend=legend, scale=alt.Scale(domain=shown, range=[dash for _, dash in looks]))
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("threshold:Q", title="normalised test score τ", axis=alt.Axis(grid=False), scale=alt.Scale(domain=[0, 1]))
    )
    share = alt.Y("share:Q", title="share of runs above τ", scale=alt.Scale(domain=[0, 1]))
    band = base.mark_area(opacity=0.12, interpolate="step-after", aria=False).encode(y="low:Q", y2="high:Q", color=colour)
    line = base.mark_line(interpolate="step-after", strokeWidth=2).encode(y=share, color=colour, strokeDash=dash)
    return charts.svg(alt.layer(band, line).properties(width=720, height=280), background)


def _facts(found: BenchReport) -> str:
    runs = [each.measured for each in found.measurements]
    done = [run for run in runs if run.state in ("finished", "no_solution")]
    axes = [("competition", "competitions"), ("policy", "policies"), ("engineer", "engineers"), ("budget", "budgets"), ("seed", "seeds")]
    product = " × ".join(text.plural(len({getattr(run, one) for run in runs}), one, several) for one, several in axes)
    begun = sum(run.state in ("running", "interrupted") for run in runs)
    unfinished = f", {begun} unfinished" if begun else ""
    return f"{product}; {text.plural(len(done), 'run')} of {len(runs)} finished{unfinished}.\n"


def _legend(comparison: Comparison) -> str:
    medals = " Medals are by MLE-bench's rule, with Wilson's interval." if any(row.medals for row in comparison.overall) else ""
    return f"{LEGEND}{medals}\n"


def _troubles(found: Troubles) -> str:
    repairs = found.repairs
    valid = f"First valid submission: in {len(found.first_valid)} of {text.plural(found.runs, 'run')}"
    after = f", after {text.duration(found.median_first_valid)} (median)" if found.first_valid else ""
    attempts, broken = text.plural(repairs.attempts, "attempt"), text.plural(repairs.broken, "broken candidate")
    lines = [f"{valid}{after}.", f"Repairs: {repairs.ran} of {attempts} ran; {repairs.mended} of {broken} were mended in the end."]
    errors = tables.errors_table(found) if found.errors else "No candidate failed.\n"
    how = "Improvement: rises of a run's best validation score, as a share of its first valid score, summed over runs.\n"
    return "\n".join(["".join(f"- {line}\n" for line in lines), errors, how, tables.yields_table(found)])
