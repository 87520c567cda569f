"""The two pictures, as SVG: Vega-Lite written with Altair, drawn by vl-convert, no browser and no network."""

import re
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

import altair as alt
import vl_convert

from reports import text

# Hues of Okabe and Ito, which are told apart by colour-blind readers, on white and on near-black; shapes say the same again.
OPERATORS = {
    "draft": ("#0072B2", "circle"),
    "merge": ("#56B4E9", "square"),
    "refine": ("#009E73", "triangle-up"),
    "improve": ("#009E73", "triangle-right"),
    "crossover": ("#56B4E9", "diamond"),
    "debug": ("#CC79A7", "triangle-down"),
    "ensemble": ("#E69F00", "diamond"),
    "ablate": ("#8C8C8C", "circle"),
}
HELPS, HURTS = "#0072B2", "#D55E00"
UNSCORED = {"failed": ("#D55E00", "cross"), "stopped early": ("#8C8C8C", "triangle-left")}
"""Evaluated candidates without a score that can be compared, which stand along the foot."""
_INK = "currentColor"  # takes the page's colour, light or dark; black where the file stands alone
_EMPTY = re.compile(r'<g [^>]*role="graphics-symbol"[^>]*(?:/>|></g>)')
"""A layer without points, such as that along the foot where nothing failed: a symbol without a name, to a screen reader."""
_LINK = re.compile(r'<a xlink:href="[^"#]*(#[^"]*)"')


@dataclass(frozen=True)
class Bar:
    """One variant of an ablation study that has a delta."""

    label: str
    delta: float
    error: float | None
    chosen: bool


@dataclass(frozen=True)
class Point:
    """One evaluated candidate, in the order in which evaluations ended."""

    order: int
    number: int
    kind: str
    """An operator; of UNSCORED one, where there is no score."""
    score: float | None
    best: float | None
    """The best score so far, this one included; none: nothing valid yet."""
    label: str
    """What hovering, and a screen reader, shows."""


def ablation_bars(bars: list[Bar], metric: str, background: str | None = "white") -> str:
    """Bars of delta with error bars, in the order given. No bar at all gives an empty string's worth of axes, never an error."""
    rows = [
        {
            "row": f"{position:03d}{text.one_line(bar.label, 60)}",
            "delta": bar.delta,
            "low": bar.delta - (bar.error or 0.0),
            "high": bar.delta + (bar.error or 0.0),
            "effect": "helps" if bar.delta > 0 else "does not help",
            "about": f"{text.one_line(bar.label)}: {text.delta(bar.delta, bar.error)}{', chosen for refinement' if bar.chosen else ''}",
        }
        for position, bar in enumerate(bars)
    ]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("row:N", title=None, sort=None, axis=alt.Axis(labelExpr="slice(datum.label, 3)", labelLimit=360, ticks=False, domain=False))
    )
    colour = alt.Color("effect:N", legend=None, scale=alt.Scale(domain=["helps", "does not help"], range=[HELPS, HURTS]))
    title = f"{text.one_line(metric, 30)}: worse without it → (± standard error)"
    drawn = base.mark_bar(height=14).encode(
        x=alt.X("delta:Q", title=title, axis=alt.Axis(grid=True, tickCount=6)), color=colour, description=alt.Description("about:N")
    )
    error = base.mark_rule(strokeWidth=1.5, aria=False).encode(x="low:Q", x2="high:Q")
    widest = max((len(str(row["row"])) - 3 for row in rows), default=0)
    room = {"left": 8 + widest, "top": 5, "right": 12, "bottom": 5}  # for readers whose fonts are wider than those measured here
    return svg(alt.layer(drawn, error).properties(width=420, height=alt.Step(26), padding=room), background)


def score_timeline(points: list[Point], metric: str, greater_is_better: bool) -> str:
    """Every evaluated candidate as a point that links to `#c<number>`, the best score so far as a line, along the foot what has none.

    Scores far beyond the rest on the bad side are drawn at the edge; otherwise one of them would flatten all others.
    """
    height = 280
    worst_shown, best_shown = _window([point.score for point in points if point.score is not None], greater_is_better)
    rows = [
        {
            "order": point.order,
            "operator": point.kind,
            "score": point.score,
            "best": point.best,
            "about": text.visible(point.label),
            "link": f"#c{point.number}",
        }
        for point in points
    ]
    kinds = {point.kind for point in points}
    looks = [(*look, name) for name, look in (OPERATORS | UNSCORED).items() if name in kinds]
    names = [name for _, _, name in looks]
    legend = alt.Legend(title=None, orient="top", symbolOpacity=1, symbolStrokeWidth=2)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "order:Q", title="evaluation, in the order in which they ended", axis=alt.Axis(tickMinStep=1, grid=False), scale=_padded(points)
        ),
    )
    scores = alt.Y(
        "score:Q",
        title=f"{text.one_line(metric, 40)} ({'higher' if greater_is_better else 'lower'} is better)",
        scale=alt.Scale(domain=sorted((worst_shown, best_shown)), clamp=True, zero=False, nice=False, padding=12),
    )
    line = base.mark_line(interpolate="step-after", strokeWidth=1.5, opacity=0.6, aria=False).encode(y=alt.Y("best:Q"))
    marks = base.mark_point(filled=True, size=110, opacity=0.95, strokeWidth=1.5).encode(
        color=alt.Color("operator:N", legend=legend, scale=alt.Scale(domain=names, range=[colour for colour, _, _ in looks])),
        shape=alt.Shape("operator:N", legend=legend, scale=alt.Scale(domain=names, range=[shape for _, shape, _ in looks])),
        href=alt.Href("link:N"),
        description=alt.Description("about:N"),
    )
    measured = marks.transform_filter("datum.score !== null").encode(y=scores)
    unscored = marks.transform_filter("datum.score === null").encode(y=alt.value(height - 4))
    chart = alt.layer(line.transform_filter("datum.best !== null"), measured, unscored).properties(width=880, height=height)
    return svg(chart, None)


def _padded(points: list[Point]) -> alt.Scale:
    return alt.Scale(domain=[0.5, max(len(points), 1) + 0.5], nice=False)


def _window(scores: list[float], greater_is_better: bool) -> tuple[float, float]:
    """(worst, best) score that the axis shows: all of them, but at the bad end no further than the usual fence of a box plot."""
    if not scores:
        return 0.0, 1.0
    sign = 1.0 if greater_is_better else -1.0
    upward = sorted(sign * score for score in scores)
    low, high = upward[0], upward[-1]
    if len(upward) >= 5:
        first, _, third = quantiles(upward, n=4)
        fence = first - 3.0 * max(third - first, (high - first) / 3)
        low = max(low, fence)
    margin = 0.05 * (high - low) or 0.05 * abs(high) or 1.0
    return sign * (low - margin), sign * (high + margin)


def svg(chart: alt.LayerChart | alt.FacetChart, background: str | None) -> str:
    """The chart as the text of an SVG, in the house's look; `background` none: the page's own."""
    spec = chart.to_dict()
    spec.pop("$schema", None)
    svg: str = vl_convert.vegalite_to_svg(spec, config=_theme(background))
    return _EMPTY.sub("", _LINK.sub(r'<a href="\1"', svg))


def _theme(background: str | None) -> dict[str, Any]:
    axis = {
        "labelColor": _INK,
        "titleColor": _INK,
        "tickColor": _INK,
        "domainColor": _INK,
        "gridColor": _INK,
        "gridOpacity": 0.12,
        "domainOpacity": 0.4,
        "tickOpacity": 0.4,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
    }
    return {
        "background": background,
        "font": "Helvetica, Arial, sans-serif",
        "view": {"stroke": None},
        "axis": axis,
        "line": {"color": _INK},
        "rule": {"color": _INK},
        "legend": {"labelColor": _INK, "labelFontSize": 12, "symbolSize": 90},
    }
