"""What the snapshots of the prompts are rendered with: a fixed competition, and one example of every value they ask for.

A template that asks for a new value gets an example of it here.
"""

from pathlib import Path
from typing import Any

from competitions import Brief, load_competition, make_brief, make_example
from engineers import Attempt, Member
from engineers.llm import Machine
from journal import AblationRow, ModelCard, Solution, Status, Study


def example_values(folder: Path) -> dict[str, Any]:
    """By the names that the templates use."""
    brief = make_brief(load_competition(make_example("wine-recognition", folder) / "prepared" / "public"))
    return {"brief": brief, "seconds": 600.0, "memory": 8 * 2**30, **_briefing(brief), **_scripts(), **_lists()}


def _briefing(brief: Brief) -> dict[str, Any]:
    machine = Machine("CPU: 1 thread for a script. GPU: none.", ("numpy 2.4", "lightgbm 4.7"))
    described = {"description": brief.description.strip(), "summary": "", "columns": brief.columns[:4], "further": 9}
    return {"machine": machine, **described, "target": "first 36.15%, second 39.23%", "samples": True, "sample": 100}


def _scripts() -> dict[str, Any]:
    script = Solution.parse("# %% load\nx = 1\n# %% model\ny = x\n# %% write\nprint(y)\n")
    other = Solution.parse("# %% load\nx = 2\n# %% write\nprint(x)\n")
    block = {"block": "model", "source": "y = x", "plan": "Use the square.", "provides": ["y"]}
    named = {"script": script, "base": script, "reference": other, "first": script, "second": other}
    return {**named, **block, "titles": script.titles, "open": ["model", "write"], "refined": ["load"]}


def _lists() -> dict[str, Any]:
    rows = (
        AblationRow(block="model", title="plain", candidate=1, status=Status.OK, score=0.2, delta=0.1, standard_error=0.01),
        AblationRow(block="load", title="less", candidate=2, status=Status.CRASHED),
    )
    members = [Member(1001, "m1001", "LightGBM", 0.1, "x = 1"), Member(2001, "m2001", "linear", 0.2, "")]
    return {
        "study": Study(number=1, action="1.0003", track=1, step=1, base=1001, base_score=0.1, rows=rows),
        "attempts": [Attempt("Use the cube.", 0.12, Status.OK, 0.1), Attempt("Use nothing.", None, Status.TIMED_OUT, 0.1)],
        "card": ModelCard(name="LightGBM", family="gradient boosting", why="It fits.", code="import lightgbm", source="own knowledge"),
        "documents": [{"title": "Boosting", "url": "https://example.org/boosting", "text": "Trees, one after the other."}],
        "members": members,
        "correlations": "      1001  2001\n1001  1.00  0.90\n2001  0.90  1.00",
        "shown": members[:1],
        "hidden": 1,
        "dropped": 3,
        "count": 3,
        "known": ["CatBoost"],
        "downloads": False,
        "earlier": ["The model matters most."],
        "tried": ["I took the line out."],
        "unopened": ["extra.csv"],
        "error": "crashed: KeyError: 'x'",
        "complaint": "It is empty.",
    }
