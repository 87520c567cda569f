"""A model that answers every agent in the right form: what a person would, with the catalogue's blocks for ideas."""

import json
import re

from competitions import Brief
from engineers import ablation
from engineers.llm.answers import FENCE
from engineers.moves import add_models
from ensembles import STRATEGIES, render_strategy
from journal import Solution
from retrieval import compose, rank
from tests.engineers.endpoint import Request


class Competent:
    """Answers by the agent that asks; knows the competition only by its brief."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief

    def __call__(self, request: Request) -> str:
        text = request.first_question
        codes = [match[3].strip("\n") for match in FENCE.finditer(text) if match[2] == "python"]
        return str(getattr(self, f"_{request.agent}")(text, codes))

    def _summary(self, text: str, codes: list[str]) -> str:
        return "A table with a target."

    def _queries(self, text: str, codes: list[str]) -> str:
        return 'These may help:\n```json\n{"queries": ["gradient boosting on tables", "linear models on tables"]}\n```'

    def _retriever(self, text: str, codes: list[str]) -> str:
        count = int(re.search(r"Propose (\d+) models?", text)[1])
        parts = []
        for recipe in rank(self.brief)[:count]:
            parts.append(
                f"## card: {recipe.name} of mine\nfamily: {recipe.family}\nwhy: {recipe.why}\nsource: own knowledge\n"
                f"```python\n{compose(recipe, self.brief)}\n```"
            )
        return "Here they are.\n\n" + "\n\n".join(parts)

    def _init(self, text: str, codes: list[str]) -> str:
        name = re.search(r"\*\*(.+?)\*\*", text)[1]
        return _script(f"{name}", f"I use {name} alone.", codes[0])

    def _merger(self, text: str, codes: list[str]) -> str:
        merged, added = add_models(Solution.parse(codes[0]), Solution.parse(codes[1]))
        code = str(merged) if added else f"{codes[0]}\n# both"
        return _script("both", f"I add {', '.join(added) or 'nothing'}.", code)

    def _debugger(self, text: str, codes: list[str]) -> str:
        tried = text.count("\n- I take the line out")
        kept = "\n".join(line for line in codes[0].splitlines() if "RuntimeError('broken')" not in line)
        return _script("repaired", f"I take the line out, time {tried + 1}.", f"{kept}\n# repaired {tried + 1}")

    def _ablation(self, text: str, codes: list[str]) -> str:
        found = ablation.variants(Solution.parse(codes[0]), self.brief, ())
        return "\n\n".join(f"## variant: {one.title}\nblock: {one.block}\n```python\n{one.replacement}\n```" for one in found)

    def _ablation_summary(self, text: str, codes: list[str]) -> str:
        return "The first block of the table matters most."

    def _target(self, text: str, codes: list[str]) -> str:
        line = re.search(r"The blocks are: (.+)\.$", text, re.MULTILINE)[1]
        open_blocks = re.findall(r"`(.+?)`", line)
        measured = [block for block in re.findall(r"^\| (.+?) \|", text, re.MULTILINE) if block in open_blocks]
        return json.dumps({"block": (measured or open_blocks)[0], "plan": "I say more about what the block does."})

    def _planner(self, text: str, codes: list[str]) -> str:
        return f"I add remark number {text.count('Result:') + 1} to the block."

    def _coder(self, text: str, codes: list[str]) -> str:
        plan = re.search(r"^The plan: (.+)$", text, re.MULTILINE)[1]
        return f"```python\n{codes[1]}\n# {plan}\n```"

    def _data_usage(self, text: str, codes: list[str]) -> str:
        return "Nothing useful: the files hold the same rows."

    def _improve(self, text: str, codes: list[str]) -> str:
        tried = text.count("Result:")
        return _script("remark", f"I add remark {tried + 1}.", f"{codes[0]}\n# remark {tried + 1}")

    def _crossover(self, text: str, codes: list[str]) -> str:
        return _script("both", "I take the first and look at the second.", f"{codes[0]}\n# of two")

    def _ensemble_planner(self, text: str, codes: list[str]) -> str:
        fitting = [strategy for strategy in STRATEGIES if strategy.fits(self.brief)]
        return fitting[text.count("Result:") % len(fitting)].plan + (" Again." if text.count("Result:") >= len(fitting) else "")

    def _ensembler(self, text: str, codes: list[str]) -> str:
        prefixes = re.findall(r"^- columns that begin with `(\w+)`", text, re.MULTILINE)
        plan = re.search(r"^The plan: (.+)$", text, re.MULTILINE)[1]
        strategy = next(one for one in STRATEGIES if plan.startswith(one.plan) and one.fits(self.brief))
        return _script(strategy.name, plan, render_strategy(strategy, self.brief, prefixes))

    def _leakage(self, text: str, codes: list[str]) -> str:
        return '{"leaks": false, "block": "", "reason": "", "repair": ""}'


def _script(title: str, plan: str, code: str) -> str:
    return f"title: {title}\nplan: {plan}\n```python\n{code}\n```"
