"""A run as pandas frames, and how it looks in a notebook."""

from html import escape
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from journal.run import Run

SHOWN = 15
"""Candidates in a notebook's display."""
CANDIDATES = ("track", "operator", "title", "block", "step", "parents", "plan", "status", "score", "seconds", "error")
EVALUATIONS = ("candidate", "fold", "status", "score", "seconds", "peak_memory", "stored", "error")
ABLATIONS = (
    "study",
    "track",
    "step",
    "base",
    "block",
    "title",
    "candidate",
    "status",
    "score",
    "delta",
    "standard_error",
    "share",
    "seconds",
)


def candidates(run: "Run") -> pd.DataFrame:
    """One row a candidate in the order of the search, indexed by number; seconds: script time of all folds."""
    rows = []
    for node in run.tree().nodes:
        made, evaluation = node.candidate, node.evaluation
        status = str(node.outcome)
        seconds, error = (evaluation.seconds, evaluation.error) if evaluation else (None, "")
        about = (made.track, str(made.operator), made.title, made.block, made.step, made.parents, made.plan)
        rows.append((node.number, *about, status, node.score, seconds, error))
    return pd.DataFrame(rows, columns=["number", *CANDIDATES]).set_index("number")


def evaluations(run: "Run") -> pd.DataFrame:
    """One row a candidate and fold of its evaluation; peak_memory in bytes."""
    rows = [
        (node.number, fold.fold, str(fold.status), fold.score, fold.seconds, fold.peak_memory, fold.stored, fold.error)
        for node in run.tree().nodes
        for fold in (node.evaluation.folds if node.evaluation else ())
    ]
    return pd.DataFrame(rows, columns=list(EVALUATIONS))


def ablations(run: "Run") -> pd.DataFrame:
    """One row a variant of every study; delta: how much worse it is than the study's base, in the metric's units."""
    rows = [
        {"study": study.number, "track": study.track, "step": study.step, "base": study.base, **row.model_dump(mode="json")}
        for study in sorted(run.tree().studies, key=lambda study: study.number)
        for row in study.rows
    ]
    return pd.DataFrame(rows, columns=list(ABLATIONS))


def html(run: "Run") -> str:
    """What a notebook shows of a run: how it ended, and its best candidates."""
    frame = candidates(run)
    ranked = frame.sort_values("score", ascending=not run.info.greater_is_better, na_position="last", kind="stable")
    finished = run.finished
    state = (f"ended: {finished.reason or 'done'}" if finished else "is going on") if finished or run.held else "was interrupted"
    counts = f"{len(frame)} candidates, {int((frame['status'] == 'ok').sum())} valid"
    head = f"<b>{escape(run.info.competition)}</b> {escape(run.info.id)}: {escape(state)}; {escape(run.info.metric)}, {counts}"
    shown = ranked.head(SHOWN)[["track", "operator", "title", "block", "status", "score", "seconds"]]
    return f"<div><p>{head}</p>{shown.to_html(escape=True, na_rep='')}</div>"
