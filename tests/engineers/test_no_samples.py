"""--no-data-samples: cells of the data that nobody could mistake are planted, and looked for in every prompt of a whole run."""

import csv
import random
from pathlib import Path

import pytest

from benchmarks.plain import solve
from competitions import load_competition, make_brief
from engineers.llm.briefing import without_messages
from journal import Settings
from tests.engineers.competent import Competent
from tests.engineers.endpoint import Reply, Request, endpoint

COLOURS = ("Zyxomma-red", "Quokka-green", "Wombat-blue")
LABELS = ("Ibex-yes", "Gnu-no")
NUMBERS = (31337.25, 27182.75, 16180.5, 14142.0)
LONGEST_ID = "Numbat-"
PLANTED = (*COLOURS, *LABELS, LONGEST_ID, *(f"{number:.5g}" for number in NUMBERS), *(f"{number:g}" for number in NUMBERS))
TELLING = """# %% load
import csv
rows = list(csv.DictReader(open("input/train.csv")))

# %% tell
print(rows[:5])
def tell():
    raise ValueError("\\n".join(f"    {row}" for row in rows[:5]))

# %% write
tell()  # broken
open("submission.csv", "w")
"""
NONSENSE = """# %% load
import csv
rows = list(csv.DictReader(open("input/test.csv")))

# %% predict
values = [row["colour"] for row in rows]  # broken

# %% write
with open("submission.csv", "w") as file:
    file.write("id,kind\\n")
    file.writelines(f"{row['id']},{value}\\n" for row, value in zip(rows, values))
"""


def make_planted(folder: Path) -> Path:
    """A table whose every cell is unmistakable."""
    rng = random.Random(0)
    folder.mkdir(parents=True)
    (folder / "description.md").write_text("# Planted\n\nPredict `kind`. The metric is **accuracy**; higher is better.\n")
    rows = [[f"{LONGEST_ID}{n}", rng.choice(COLOURS), rng.choice(NUMBERS), rng.choice(LABELS)] for n in range(120)]
    with (folder / "train.csv").open("w", newline="") as train, (folder / "test.csv").open("w", newline="") as test:
        csv.writer(train).writerows([["id", "colour", "size", "kind"], *rows[:90]])
        csv.writer(test).writerows([["id", "colour", "size"], *(row[:3] for row in rows[90:])])
    (folder / "sample_submission.csv").write_text("id,kind\n" + "".join(f"{row[0]},{LABELS[0]}\n" for row in rows[90:]))
    return folder


class Telling(Competent):
    """Its first two drafts fail with cells of the data in what they print, raise, and submit."""

    def _init(self, text: str, codes: list[str]) -> str:
        self.drafts = getattr(self, "drafts", 0) + 1
        if self.drafts > 2:
            return super()._init(text, codes)
        return f"title: telling\nplan: I look at the rows.\n```python\n{(TELLING, NONSENSE)[self.drafts - 1]}\n```"


async def prompts(folder: Path, monkeypatch: pytest.MonkeyPatch, samples: bool) -> list[Request]:
    """All questions of a run in which every part of the search is there."""
    monkeypatch.setenv("MLESTAR_CACHE", str(folder / "cache"))
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    competition = make_planted(folder / "planted")
    model = Telling(make_brief(load_competition(competition)))

    def answer(request: Request) -> Reply:
        return model(request)

    with endpoint(answer) as served:
        settings = Settings(
            model="openai:test",
            base_url=served.url,
            data_samples=samples,
            search="none",
            isolation="none",
            folds=2,
            tracks=1,
            models=4,
            outer_steps=1,
            inner_steps=1,
            ensemble_rounds=1,
        )
        run = await solve(competition, settings, folder / "runs", "1")
    assert run.finished is not None and run.finished.chosen is not None
    assert {"retriever", "init", "debugger", "ablation", "target", "coder", "ensemble_planner"} <= set(served.agents)
    return served.requests


@pytest.mark.slow
async def test_no_prompt_of_a_run_holds_a_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = await prompts(tmp_path, monkeypatch, samples=False)
    told = [
        (request.agent, cell) for request in requests for cell in PLANTED for each in request.body["messages"] if cell in each["content"]
    ]
    assert not told
    assert all("`colour`" in request.system for request in requests if not request.agent.startswith("ensembl")), "names are no cells"


@pytest.mark.slow
async def test_without_the_option_the_model_sees_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests = await prompts(tmp_path, monkeypatch, samples=True)
    assert any(cell in request.system for request in requests for cell in COLOURS)


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            'crashed: Traceback (most recent call last):\n  File "solution.py", line 3, in <module>\n    f(x)\n    ^^^^\n'
            "ValueError: Secret",
            'crashed: Traceback (most recent call last):\n  File "solution.py", line 3, in <module>\n    f(x)\n    ^^^^\n'
            "ValueError: (message withheld)",
        ),
        (
            'crashed:   File "solution.py", line 3, in f\n    g()\nKeyError: "Secret\n    Secret\nSecret"\n\nDuring handling of the above '
            'exception, another exception occurred:\n\n  File "solution.py", line 4, in g\n    h()\nmod.Odd: Secret',
            'crashed:   File "solution.py", line 3, in f\n    g()\nKeyError: (message withheld)\nDuring handling of the above '
            'exception, another exception occurred:\n  File "solution.py", line 4, in g\n    h()\nmod.Odd: (message withheld)',
        ),
        (
            "invalid_submission: column 'kind': 'Secret' is no class, nor 12.5",
            "invalid_submission: column (withheld): (withheld) is no class, nor #",
        ),
        ("timed_out: 600 s", "timed_out: # s"),
    ],
)
def test_errors_keep_their_place_and_kind_but_not_what_they_say(error: str, kept: str) -> None:
    assert without_messages(error) == kept
