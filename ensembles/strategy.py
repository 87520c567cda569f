"""The strategies: ways to combine members, as standalone percent-cell scripts on the stacking view.

Each is a file in `strategies/` with front matter (`# name:`, `# plan:`, and where they apply `# fits:` and `# uses:`) above its own
cell; what strategies share lies in `strategies/blocks/`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from competitions import Brief
from ensembles.describe import stacking_brief
from retrieval import setup_cell

FOLDER = Path(__file__).with_name("strategies")
FRONT_MATTER = re.compile(r"^# (name|plan|fits|uses): (.+)\n", re.MULTILINE)
ORDER = (
    "greedy_selection",
    "weights_classes",
    "weights_values",
    "stacked_logistic",
    "stacked_ridge",
    "rank_mean",
    "mean",
    "geometric_mean",
    "median",
)
"""The strategies' files, the most promising first."""


@dataclass(frozen=True)
class Strategy:
    """A way to combine members; `plan` is what a person would write above the cell."""

    name: str
    plan: str
    source: str
    """Of the cell `combine`: from P_train, P_test (members × rows [× classes]) and y it makes Z_train and Z_test."""
    conditions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(field of the brief, values it may have), all of which must hold."""
    uses: tuple[str, ...] = ()
    """Kinds of further blocks that the cell needs: 'loss'."""

    def fits(self, brief: Brief) -> bool:
        """Whether it can combine predictions for this competition."""
        return all(getattr(brief, field) in values for field, values in self.conditions)


def render_strategy(strategy: Strategy, brief: Brief, prefixes: Sequence[str]) -> str:
    """The whole script that combines the members with these column prefixes.

    `brief` is the competition's own (or the stacking view's: the same script).

    Raises:
        ValueError: no members, or the strategy does not fit the brief.
    """
    if not prefixes:
        raise ValueError(f"strategy {strategy.name!r}: no members to combine; give at least one prefix")
    if not strategy.fits(brief):
        raise ValueError(f"strategy {strategy.name!r} does not fit metric {brief.metric!r} of a {brief.task} task; ask Strategy.fits first")
    cells = [("setup", setup_cell(stacking_brief(brief, prefixes), MEMBERS=list(prefixes))), ("imports", _block("imports"))]
    cells.append(("load", _block("load_classes" if brief.classes else "load_values")))
    if brief.metric == "rmsle":
        cells.append(("space", _block("log_space")))
    if "loss" in strategy.uses:
        cells.append(("loss", _block(_loss(brief))))
    cells += [("combine", strategy.source), ("decide", _block(_decision(brief))), ("write", _block(_writer(brief)))]
    return "\n".join(f"# %% {title}\n{source.strip()}\n" for title, source in cells)


def _loss(brief: Brief) -> str:
    """What a selection of members minimises on the training rows."""
    if brief.metric == "quadratic_weighted_kappa":
        return "loss_grades"
    if brief.classes:
        return "loss_ranking" if brief.metric == "roc_auc" else "loss_classes"
    return "loss_absolute" if brief.metric == "mae" else "loss_squared"


def _decision(brief: Brief) -> str:
    """How blended predictions become what the submission holds."""
    if brief.prediction == "probability":
        return "decide_probabilities"
    if not brief.classes:
        return "decide_log_values" if brief.metric == "rmsle" else "decide_values"
    if brief.metric == "quadratic_weighted_kappa":
        return "decide_ordinal"
    if len(brief.classes) == 2:
        return "decide_threshold"
    return "decide_argmax" if brief.metric == "accuracy" else "decide_prior"


def _writer(brief: Brief) -> str:
    if brief.prediction == "probability":
        return "write_probabilities"
    return "write_labels" if brief.classes else "write_values"


@cache
def _block(name: str) -> str:
    return (FOLDER / "blocks" / f"{name}.py").read_text(encoding="utf-8")


def _read(path: Path) -> Strategy:
    text = path.read_text(encoding="utf-8")
    front = dict(FRONT_MATTER.findall(text))
    return Strategy(
        name=front["name"],
        plan=front["plan"],
        source=FRONT_MATTER.sub("", text).strip(),
        conditions=tuple(_condition(part) for part in front.get("fits", "").split(" and ") if part),
        uses=tuple(front.get("uses", "").split()),
    )


def _condition(text: str) -> tuple[str, tuple[str, ...]]:
    """'task = binary | multiclass' as ('task', ('binary', 'multiclass'))."""
    field, values = text.split(" = ")
    if field not in Brief.model_fields:
        raise ValueError(f"# fits: {text}: {field!r} is no field of a brief; there are: {', '.join(Brief.model_fields)}")
    return field, tuple(values.split(" | "))


STRATEGIES: tuple[Strategy, ...] = tuple(_read(FOLDER / f"{name}.py") for name in ORDER)
"""In order of promise. Those with the same idea for classes and for values are two strategies, of which one fits."""
