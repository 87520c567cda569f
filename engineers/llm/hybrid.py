"""A chat model with the recipes behind it: one recipe is drafted first, so that a valid submission is there whatever the model does."""

from collections.abc import Sequence

import pandas as pd

from engineers.llm.desk import Refused
from engineers.llm.engineer import LlmEngineer
from engineers.moves import is_ours
from engineers.protocol import Attempt, EngineerError, Member, Proposal, Review, Target, Variant
from engineers.recipes import RecipesEngineer
from journal import ModelCard, Solution, Study
from retrieval.recipes import SOURCE


class HybridEngineer:
    """The model's engineer, with recipes as a floor and as further model cards; a recipe's card is drafted as it is.

    The floor comes first, before the user's own cards; the other recipes fill up what model and user leave open.
    """

    def __init__(self, model: LlmEngineer, recipes: RecipesEngineer) -> None:
        self.model, self.recipes = model, recipes

    @property
    def name(self) -> str:
        return f"{self.model.name} + recipes"

    async def retrieve(self, count: int) -> tuple[ModelCard, ...]:
        further = await self.recipes.retrieve(count)
        floor = further[:1]
        try:
            found = await self.model.retrieve(max(1, count - 1), floor)
        except Refused:
            raise
        except EngineerError:  # the floor is drafted all the same; the next question ends the run
            found = ()
        return (*floor, *found, *further[1:])[:count]

    async def draft(self, card: ModelCard) -> Proposal | None:
        return await (self.recipes if card.source.startswith(SOURCE) else self.model).draft(card)

    async def merge(self, base: Solution, reference: Solution) -> Proposal | None:
        return await self.recipes.merge(base, reference) or await self.model.merge(base, reference)

    async def debug(self, broken: Solution, error: str, tried: Sequence[str]) -> Proposal | None:
        return await self.model.debug(broken, error, tried)

    async def variants(self, solution: Solution, earlier: Sequence[Study]) -> tuple[Variant, ...]:
        return await self.model.variants(solution, earlier)

    async def target(self, solution: Solution, study: Study, refined: Sequence[str]) -> Target | None:
        return await self.model.target(solution, study, refined)

    async def plan(self, solution: Solution, block: str, attempts: Sequence[Attempt]) -> str | None:
        return await self.model.plan(solution, block, attempts)

    async def rewrite(self, solution: Solution, block: str, plan: str) -> str | None:
        return await self.model.rewrite(solution, block, plan)

    async def use_files(self, solution: Solution, unopened: Sequence[str]) -> Proposal | None:
        return await self.model.use_files(solution, unopened)

    async def improve(self, solution: Solution, attempts: Sequence[Attempt]) -> Proposal | None:
        return await self.model.improve(solution, attempts)

    async def crossover(self, first: Solution, second: Solution) -> Proposal | None:
        return await self.model.crossover(first, second)

    async def review(self, solution: Solution) -> Review | None:
        return None if is_ours(solution) else await self.model.review(solution)

    async def ensemble(self, members: Sequence[Member], correlations: pd.DataFrame, attempts: Sequence[Attempt]) -> Proposal | None:
        return await self.model.ensemble(members, correlations, attempts)
