"""What a search starts from: model cards, from the built-in catalogue of recipes, from a folder of the user's, or from other sources.

- `catalogue/`: the recipes as data: cells of scripts with alternatives (`blocks/`), their order (`blocks.yaml`), model families
  (`recipes.yaml`)
- `needs.py`: what a recipe or an alternative asks of a competition
- `blocks.py`: the cells and what may stand in them
- `recipes.py`: ranking the recipes for a competition and composing whole scripts
- `setup.py`: the first cell, with the competition's names as constants
- `cards.py`: model cards that a user writes by hand
- `source.py`: the seam for further sources
"""

from journal import ModelCard
from retrieval.blocks import Alternative, BlockType, CatalogueError, block_types
from retrieval.cards import CardError, read_card, read_cards
from retrieval.needs import Needs, has_long_tail, shape_of
from retrieval.recipes import Recipe, card, compose, is_model, rank, recipes, type_of
from retrieval.setup import setup_cell
from retrieval.source import Catalogue, Source

__all__ = [
    "Alternative",
    "BlockType",
    "CardError",
    "Catalogue",
    "CatalogueError",
    "ModelCard",
    "Needs",
    "Recipe",
    "Source",
    "block_types",
    "card",
    "compose",
    "has_long_tail",
    "is_model",
    "rank",
    "read_card",
    "read_cards",
    "recipes",
    "setup_cell",
    "shape_of",
    "type_of",
]
