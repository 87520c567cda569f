"""The tables of a benchmark's report, as Markdown and as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from journal import Record
from reports import text
from reports.benchmark.compare import Comparison, Contender, OnCompetition, Overall, Pair
from reports.benchmark.statistics import Estimate
from reports.benchmark.troubles import Troubles


class Names:
    """Contenders by as much of (policy, engineer, budget) as tells them apart."""

    def __init__(self, contenders: Iterable[Contender]) -> None:
        axes = list(zip(*contenders, strict=True))
        self._telling = [place for place, values in enumerate(axes) if len(set(values)) > 1] or [0]

    def of(self, contender: Contender) -> str:
        return " · ".join(contender[place] for place in self._telling)


def overall_table(rows: Sequence[Overall], names: Names) -> str:
    """The contenders, the best interquartile mean first."""
    header = ("contender", ">runs", ">valid", ">any medal", ">IQM", ">rank share", ">gap", ">oracle adds")
    ordered = sorted(rows, key=lambda row: -row.iqm.value)
    return text.markdown_table(
        header,
        (
            (
                text.cell(names.of(row.contender)),
                str(row.runs),
                text.percent(row.valid / row.runs),
                _percents(row.medals),
                _estimate(row.iqm),
                _estimate(row.rank_share),
                text.signed(row.gap, 2),
                text.signed(row.oracle_gain, 2),
            )
            for row in ordered
        ),
    )


def effort_table(rows: Sequence[Overall], names: Names) -> str:
    """What the contenders took: means over runs, sums of tokens and dollars."""
    header = ("contender", ">wall-clock", ">script time", ">candidates", ">first valid after", ">tokens", ">cost")
    return text.markdown_table(
        header,
        (
            (
                text.cell(names.of(row.contender)),
                text.duration(row.seconds),
                text.duration(row.script_seconds),
                f"{row.candidates:.1f}",
                text.duration(row.first_valid_seconds),
                f"{row.tokens:,}",
                text.MISSING if row.cost is None else f"${row.cost:.2f}",
            )
            for row in rows
        ),
    )


def competition_tables(rows: Sequence[OnCompetition], names: Names) -> str:
    """A table a competition."""
    header = ("contender", ">valid", ">test", ">worst … best", ">validation", ">gap", ">oracle adds", "medals", ">rank share")
    parts = []
    for competition in dict.fromkeys(row.competition for row in rows):
        here = [row for row in rows if row.competition == competition]
        direction = "higher" if here[0].greater_is_better else "lower"
        parts.append(f"### {text.cell(competition)} ({here[0].metric}, {direction} is better)\n")
        parts.append(
            text.markdown_table(
                header,
                (
                    (
                        text.cell(names.of(row.contender)),
                        f"{row.valid} of {row.runs}",
                        text.score(row.test),
                        text.MISSING if row.test is None else f"{text.score(row.test_low)} … {text.score(row.test_high)}",
                        text.score(row.validation),
                        text.signed(row.gap, 2),
                        text.signed(row.oracle_gain, 2),
                        ", ".join(row.medals) or text.MISSING,
                        text.MISSING if row.rank_share is None else f"{row.rank_share:.3f}",
                    )
                    for row in here
                ),
            )
        )
    return "\n".join(parts)


def pairs_table(rows: Sequence[Pair], names: Names) -> str:
    """Who beats whom."""
    header = ("first", "second", ">wins", ">ties", ">losses", ">P(first beats second)")
    return text.markdown_table(
        header,
        (
            (
                text.cell(names.of(row.first)),
                text.cell(names.of(row.second)),
                str(row.wins),
                str(row.ties),
                str(row.losses),
                _estimate(row.probability),
            )
            for row in rows
        ),
    )


def errors_table(found: Troubles) -> str:
    """Kinds of errors."""
    rows = ((text.cell(error.kind), str(error.candidates), str(error.runs), str(error.repaired)) for error in found.errors)
    return text.markdown_table(("error", ">candidates", ">runs", ">repaired at once"), rows)


def yields_table(found: Troubles) -> str:
    """What the operators bring, over all contenders."""
    header = ("operator", ">candidates", ">valid", ">improvements", ">improvement", ">script time", ">per hour", ">cost", ">per dollar")
    return text.markdown_table(
        header,
        (
            (
                each.operator,
                str(each.candidates),
                text.percent(each.valid / each.candidates),
                str(each.improvements),
                text.percent(each.improvement),
                text.duration(each.seconds),
                text.percent(each.per_hour),
                text.MISSING if each.cost is None else f"${each.cost:.2f}",
                text.percent(each.per_dollar),
            )
            for each in found.yields
        ),
    )


def profile_table(comparison: Comparison, names: Names) -> str:
    """The performance profiles at a few thresholds."""
    profiles = comparison.profiles
    shown = [place for place, _ in enumerate(profiles[0].thresholds) if place % 10 == 0][:-1] if profiles else []
    header = ("share of runs above", *(f">{profiles[0].thresholds[place]:.1f}" for place in shown)) if profiles else ("none",)
    rows = ((text.cell(names.of(each.contender)), *(text.percent(each.share[place]) for place in shown)) for each in profiles)
    return text.markdown_table(header, rows)


def to_csv(rows: Sequence[Record]) -> str:
    """Flat columns: an estimate as three, a contender as three; none is an empty cell."""
    flat = [_flat(row.model_dump(mode="json")) for row in rows]
    columns = list(dict.fromkeys(name for row in flat for name in row))
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return file.getvalue()


def _flat(row: dict[str, object]) -> dict[str, object]:
    flat: dict[str, object] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= {name if key == "value" else f"{name}_{key}": each for key, each in value.items()}
        elif name in ("contender", "first", "second") and isinstance(value, list):
            prefix = "" if name == "contender" else f"{name}_"
            flat |= {f"{prefix}{axis}": each for axis, each in zip(("policy", "engineer", "budget"), value, strict=True)}
        elif isinstance(value, list):
            flat[name] = " ".join(map(str, value))
        else:
            flat[name] = value
    return flat


def _estimate(value: Estimate | None) -> str:
    return text.MISSING if value is None else f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"


def _percents(value: Estimate | None) -> str:
    return text.MISSING if value is None else f"{value.value:.0%} [{value.low:.0%}, {value.high:.0%}]".replace("%", " %")
