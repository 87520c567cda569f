"""The seam of the sources of model cards: the web, a catalogue, a folder."""

from typing import Protocol

from competitions.brief import Brief
from journal import ModelCard
from retrieval.recipes import card, rank


class Source(Protocol):
    """Where model cards come from."""

    @property
    def name(self) -> str:
        """What run records call it: 'catalogue'."""
        ...

    async def search(self, brief: Brief, query: str, count: int) -> tuple[ModelCard, ...]:
        """Up to `count` cards, the most promising first; none where nothing is found. An empty query leaves the search to the brief."""
        ...


class Catalogue:
    """The built-in recipes as a source: ranked for the competition; a query keeps the recipes that hold one of its words."""

    def __init__(self, seed: int = 0):
        self.seed = seed

    @property
    def name(self) -> str:
        return "catalogue"

    async def search(self, brief: Brief, query: str, count: int) -> tuple[ModelCard, ...]:
        words = query.lower().split()
        found = [one for one in rank(brief) if not words or any(word in f"{one.name} {one.family} {one.why}".lower() for word in words)]
        return tuple(card(one, brief, self.seed) for one in found[:count])
