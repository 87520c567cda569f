"""The built-in engineer: plans over the catalogue's alternatives, without any model. Deterministic and stateless."""

from collections.abc import Sequence

import pandas as pd

from competitions.brief import Brief
from engineers import ablation, combining, repair
from engineers.moves import add_models, by_plan, is_ours, model_cells, options, untried
from engineers.protocol import Attempt, Member, Proposal, Review, Target, Variant
from journal import ModelCard, Settings, Solution, SolutionError, Study
from retrieval.blocks import MODEL
from retrieval.recipes import SECONDS, card, rank, type_of


def seconds_a_model(settings: Settings) -> float:
    """What one model of a script may take: a third of the script's time, a sixteenth of the run's at most: five folds take a third."""
    return min(settings.script_seconds / 3, (settings.seconds or float("inf")) / 16)


class RecipesEngineer:
    """Writes code by exchanging the blocks of the catalogue's scripts.

    What a block holds is found by comparing it with the catalogue's alternatives, so any script of the catalogue can be picked up
    at any point. Other people's scripts are drafted and ablated, but not rewritten.

    Args:
        brief: the competition.
        seed: goes into the scripts as SEED.
        cards: the user's own model cards; they come before the catalogue's.
        seconds: what one model of a script may take; networks fit their number of passes to it.
    """

    def __init__(self, brief: Brief, seed: int = 0, cards: Sequence[ModelCard] = (), seconds: float = SECONDS):
        self.brief = brief
        self.seconds = seconds
        self.seed = seed
        self.cards = tuple(cards)

    @property
    def name(self) -> str:
        return "recipes"

    async def retrieve(self, count: int) -> tuple[ModelCard, ...]:
        found = [*self.cards, *(card(recipe, self.brief, self.seed, self.seconds) for recipe in rank(self.brief))]
        return tuple(found[:count])

    async def draft(self, card: ModelCard) -> Proposal | None:
        try:
            Solution.parse(card.code)
        except SolutionError:
            return None
        return Proposal(card.name, card.why, card.code)

    async def merge(self, base: Solution, reference: Solution) -> Proposal | None:
        if not (is_ours(base) and is_ours(reference)):
            return None
        merged, added = add_models(base, reference)
        if not added:
            return None
        names = " and ".join(title.removeprefix(MODEL) for title in added)
        title = " + ".join(cell.title.removeprefix(MODEL) for cell in model_cells(merged))
        return Proposal(
            title,
            f"I add the {names} to the models and average the predictions of all.",
            str(merged),
            added[0] if len(added) == 1 else None,
        )

    async def debug(self, broken: Solution, error: str, tried: Sequence[str]) -> Proposal | None:
        return repair.repair(broken, self.brief, error, tried)

    async def variants(self, solution: Solution, earlier: Sequence[Study]) -> tuple[Variant, ...]:
        return ablation.variants(solution, self.brief, earlier)

    async def target(self, solution: Solution, study: Study, refined: Sequence[str]) -> Target | None:
        return ablation.target(solution, self.brief, study, refined)

    async def plan(self, solution: Solution, block: str, attempts: Sequence[Attempt]) -> str | None:
        left = untried(solution, block, self.brief, [attempt.plan for attempt in attempts])
        return left[0].plan if left else None

    async def rewrite(self, solution: Solution, block: str, plan: str) -> str | None:
        alternative = by_plan(block, plan)
        if alternative is None or block not in solution.titles or alternative.source == solution.block(block).source:
            return None
        return alternative.source

    async def use_files(self, solution: Solution, unopened: Sequence[str]) -> Proposal | None:
        del solution, unopened
        return None  # the catalogue's scripts read every table that they can use

    async def improve(self, solution: Solution, attempts: Sequence[Attempt]) -> Proposal | None:
        tried = {attempt.plan for attempt in attempts}
        ranked = [
            (position, block.title, one) for block in solution for position, one in enumerate(options(solution, block.title, self.brief))
        ]
        for _, title, alternative in sorted(ranked, key=lambda entry: entry[0]):
            if alternative.plan not in tried:
                return Proposal(f"{title}: {alternative.name}", alternative.plan, str(solution.replace(title, alternative.source)), title)
        return None

    async def crossover(self, first: Solution, second: Solution) -> Proposal | None:
        if not (is_ours(first) and is_ours(second)):
            return None
        child, models = add_models(first, second)
        shared = [block for block in second if block.title in first.titles and _is_feature(block.title)]
        taken = [block for block in shared if block.source != first.block(block.title).source]
        for block in taken:
            child = child.replace(block.title, block.source)
        if str(child) in (str(first), str(second)):
            return None
        parts = [title.removeprefix(MODEL) for title in models] + [block.title for block in taken]
        return Proposal(f"with {', '.join(parts)}", f"I take over from the other script: {', '.join(parts)}.", str(child))

    async def review(self, solution: Solution) -> Review | None:
        del solution
        return None  # the catalogue's blocks were reviewed when they were written

    async def ensemble(self, members: Sequence[Member], correlations: pd.DataFrame, attempts: Sequence[Attempt]) -> Proposal | None:
        return combining.next_ensemble(self.brief, members, correlations, attempts)


def _is_feature(title: str) -> bool:
    """Whether the block makes features: not machinery, not a model, not what follows the models."""
    kind = type_of(title)
    return kind is not None and not kind.fixed and not title.startswith(MODEL) and title not in ("target", "fit", "decide")
