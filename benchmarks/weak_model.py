"""A weak model against the caps: every run must end with a valid submission, and none may spend more than it was allowed.

    python -m benchmarks.weak_model [--seeds 50] [--first 0] [--keep FOLDER]

A chat server on loopback answers at random, by the seed and the place in the search, among malformed, wrong and mediocre answers, and says
that they took up to as many tokens as the client allowed. Each seed is one run on the bundled example wine-recognition, two tracks, eight
evaluations, with a cap on the cost and one on the tokens that are drawn by the seed too. One line a seed; the last line is JSON: runs,
valid submissions, the highest shares of the caps that were spent (by the server's own count), and seconds.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.plain import solve
from competitions import Brief, grade, load_competition, make_brief, make_example
from engineers.llm.prices import Price, price_of
from journal import Asked, Operator, Run, Settings
from tests.engineers.endpoint import Failure, Reply, Request, Told, endpoint

MODEL = "openai:gpt-4o-mini"
ANSWER_TOKENS = 2_000
MAX_COST = (0.01, 0.03, 1.0)
MAX_TOKENS = (60_000, 150_000, 2_000_000)
SCRIPT = """# %% load
import csv


def read(name):
    with open(f"input/{{name}}", newline="") as file:
        return list(csv.DictReader(file))


train, test = read({train!r}), read({test!r})
COLUMNS = {columns}

# %% features
SHARE = {share}
used = COLUMNS[: max(1, int(len(COLUMNS) * SHARE))]
means = {{name: sum(float(row[name] or 0) for row in train) / len(train) for name in used}}


def features(row):
    return [float(row[name] or 0) / (abs(means[name]) or 1.0) for name in used]


# %% centroids
groups = {{}}
for row in train:
    groups.setdefault(row[{target!r}], []).append(features(row))
centroids = {{label: [sum(values) / len(rows) for values in zip(*rows)] for label, rows in groups.items()}}


def nearest(row):
    found = features(row)
    return min(centroids, key=lambda label: sum((a - b) ** 2 for a, b in zip(centroids[label], found)))


# %% write
with open("submission.csv", "w", newline="") as file:
    writer = csv.writer(file)
    writer.writerow([{id!r}, {target!r}])
    writer.writerows([row[{id!r}], nearest(row)] for row in test)
"""
FEATURES = """SHARE = 1.0
used = COLUMNS
means = dict.fromkeys(COLUMNS, 1.0)


def features(row):
    return [float(row[name] or 0) for name in used]"""


class WeakModel:
    """Answers by lot; the same request of the same seed has the same answer, whatever else is under way."""

    def __init__(self, brief: Brief, seed: int) -> None:
        self.brief, self.seed = brief, seed
        self.prompt_tokens = self.answer_tokens = 0

    def __call__(self, request: Request) -> Reply:
        rng = Random(f"{self.seed}/{request.agent}/{request.track}/{request.step}/{request.attempt}/{request.ask}")
        kind = rng.choices(("malformed", "wrong", "mediocre"), (35, 25, 40))[0]
        script = self._spoilt(rng) if kind == "wrong" else self._script(rng)
        answer = self._malformed(rng) if kind == "malformed" else form(request.agent, script, rng, kind == "wrong")
        if isinstance(answer, Failure):
            return answer
        told = answer if isinstance(answer, Told) else Told(answer)
        usage = self._usage(request, told.text, rng)
        self.prompt_tokens += usage[0]
        self.answer_tokens += usage[1]
        return Told(told.text, told.finish, usage)

    def _usage(self, request: Request, text: str, rng: Random) -> tuple[int, int]:
        """Tokens that it says it took: what is usual, or (a tokenizer of bytes, long reasoning) as many as there can be."""
        size = sum(len(str(message["content"]).encode()) for message in request.body["messages"])
        longest = int(request.body.get("max_completion_tokens") or request.body["max_tokens"])
        usual = size // 4, min(longest, len(text) // 4 + 1)
        return rng.choices((usual, (size, longest)), (3, 1))[0]

    def _malformed(self, rng: Random) -> Reply:
        return rng.choice(
            (
                "",
                "I'm sorry, but I cannot help with that.",
                "<think>Let me see. But wait.",
                Told(f"title: x\nplan: y\n```python\n{self._script(rng)[:200]}", "length"),
                '{"block": "features", "plan": }',
                "title: x\nplan: y\n```python\ndef f(:\n```",
                "```python\nprint('validation score: 0.99')\n```",
                Failure(500, "oops"),
                Failure(429, "slow down"),
            )
        )

    def _spoilt(self, rng: Random) -> str:
        """A script in good form that fails, or predicts nonsense, once it is run."""
        script = self._script(rng)
        return rng.choice(
            (
                script.replace("groups = {}", "groups = {}\nraise ValueError('no idea')"),
                script.replace("in test)", "in test[:3])"),
                script.replace("nearest(row)]", "'nonsense']"),
                script.replace("# %% write", "# %% give up\nimport os\nos._exit(3)\n\n# %% write"),
                script.replace("import csv\n", "import csv\nimport no_such_package\n"),
            )
        )

    def _script(self, rng: Random) -> str:
        brief = self.brief
        columns = [column.name for column in brief.columns if column.name not in brief.id_columns]
        names = {"train": brief.train_file, "test": brief.test_file, "target": brief.target, "id": brief.id_columns[0]}
        return SCRIPT.format(columns=columns, share=round(rng.uniform(0.2, 1.0), 2), **names)


def form(agent: str, script: str, rng: Random, wrong: bool) -> str:
    """The answer in the form that the agent wants; wrong: about a block that is not there."""
    plan = f"I use {rng.randrange(10, 100)} percent of the columns."
    block = "nowhere" if wrong else rng.choice(("features", "centroids"))
    leak = {"leaks": rng.random() < 0.3, "block": block, "reason": "It looks odd.", "repair": "Look again."}
    if agent in ("planner", "ensemble_planner", "ablation_summary", "summary"):
        return plan
    return {
        "retriever": f"## card: centroids {rng.randrange(9)}\nfamily: linear\nwhy: simple\nsource: own\n```python\n{script}\n```",
        "ablation": f"## variant: plain\nblock: {block}\n```python\n{FEATURES}\n```",
        "target": json.dumps({"block": block, "plan": plan}),
        "coder": f"```python\n{FEATURES}\n```",
        "leakage": json.dumps(leak),
    }.get(agent, f"title: centroids\nplan: {plan}\n```python\n{script}\n```")


@dataclass(frozen=True)
class Outcome:
    """One run; shares are of the caps, `told` by the server's count, `booked` by the run's."""

    seed: int
    valid: bool
    leaking: int
    calls: int
    cost_told: float
    tokens_told: float
    cost_booked: float
    tokens_booked: float
    candidates: int
    failed: int
    by_model: int
    seconds: float
    reason: str

    def line(self) -> str:
        state = "valid" if self.valid else "NO VALID SUBMISSION"
        made = f"{self.candidates} candidates, {self.failed} failed, {self.by_model} of them the model's"
        spent = f"cost {self.cost_told:.0%} of its cap, tokens {self.tokens_told:.0%}"
        return f"seed {self.seed}: {state}, {made}; {self.calls} calls, {spent}; {self.seconds:.1f} s; {self.reason}"


async def one(seed: int, competition: Path, runs: Path) -> Outcome:
    """One run against the model of that seed."""
    rng = Random(f"caps/{seed}")
    loaded = load_competition(competition)
    model = WeakModel(make_brief(loaded), seed)
    price = price_of(MODEL)
    assert price is not None
    with endpoint(model) as served:
        settings = Settings(
            model=MODEL,
            base_url=served.url,
            max_cost=rng.choice(MAX_COST),
            max_tokens=rng.choice(MAX_TOKENS),
            answer_tokens=ANSWER_TOKENS,
            answer_seconds=30.0,
            search="none",
            isolation="none",
            tracks=2,
            models=2,
            outer_steps=1,
            inner_steps=1,
            ensemble_rounds=1,
            evaluations=8,
            folds=2,
        )
        begun = time.monotonic()
        run = await solve(competition, settings, runs, f"seed-{seed}")
        seconds = time.monotonic() - begun
    return _outcome(seed, run, model, price, seconds, _is_valid(run, competition))


def _is_valid(run: Run, competition: Path) -> bool:
    path = run.folder / "final" / "submission.csv"
    return path.is_file() and grade(load_competition(competition), path).valid_submission


def _outcome(seed: int, run: Run, model: WeakModel, price: Price, seconds: float, valid: bool) -> Outcome:
    calls, nodes, settings = list(run.entries(Asked)), run.tree().nodes, run.settings
    max_cost, max_tokens = settings.max_cost or 0.0, settings.max_tokens or 0
    recipes = {node.number for node in nodes if node.candidate.operator is Operator.DRAFT and "centroid" not in node.candidate.title}
    return Outcome(
        seed=seed,
        valid=valid,
        leaking=sum(node.outcome == "leaking" for node in nodes),
        calls=len(calls),
        cost_told=price.cost(model.prompt_tokens, model.answer_tokens) / max_cost,
        tokens_told=(model.prompt_tokens + model.answer_tokens) / max_tokens,
        cost_booked=sum(call.cost or 0.0 for call in calls) / max_cost,
        tokens_booked=sum(call.prompt_tokens + call.answer_tokens for call in calls) / max_tokens,
        candidates=len(nodes),
        failed=sum(node.failed for node in nodes),
        by_model=len(nodes) - len(recipes),
        seconds=seconds,
        reason=run.finished.reason if run.finished else "it did not end",
    )


def sum_up(outcomes: list[Outcome], seconds: float) -> dict[str, object]:
    """The last line."""
    return {
        "runs": len(outcomes),
        "valid_submissions": sum(each.valid for each in outcomes),
        "highest_share_of_cost": round(max(max(each.cost_told, each.cost_booked) for each in outcomes), 4),
        "highest_share_of_tokens": round(max(max(each.tokens_told, each.tokens_booked) for each in outcomes), 4),
        "ended_by_a_cap": sum("the cap on" in each.reason for each in outcomes),
        "model_given_up": sum("no useful answer" in each.reason for each in outcomes),
        "calls": sum(each.calls for each in outcomes),
        "candidates": sum(each.candidates for each in outcomes),
        "failed_candidates": sum(each.failed for each in outcomes),
        "longest_run_seconds": round(max(each.seconds for each in outcomes), 1),
        "seconds": round(seconds, 1),
    }


def measure(seeds: range, folder: Path) -> dict[str, object]:
    """All runs below `folder`, with a line each; equal scripts of different seeds are run once."""
    os.environ["MLESTAR_CACHE"] = str(folder / "cache")
    os.environ["MLESTAR_SLOTS"] = str(folder / "slots")  # other runs on this machine are not waited for
    os.environ.setdefault("OPENAI_API_KEY", "not-needed")
    competition = make_example("wine-recognition", folder / "competition")
    begun, outcomes = time.monotonic(), []
    for seed in seeds:
        outcomes.append(asyncio.run(one(seed, competition, folder / "runs")))
        print(outcomes[-1].line(), flush=True)
    return sum_up(outcomes, time.monotonic() - begun)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Runs with a weak model: valid submissions, and caps that hold.")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a new folder for the runs; without it they are deleted")
    options = parser.parse_args()
    place: AbstractContextManager[str] = nullcontext(str(options.keep)) if options.keep else tempfile.TemporaryDirectory()
    with place as folder:
        print(json.dumps(measure(range(options.first, options.first + options.seeds), Path(folder))))


if __name__ == "__main__":
    main()
