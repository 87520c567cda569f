"""What a search starts from: model cards, from the built-in catalogue of recipes, from a folder of the user's, or from other sources.

- `catalogue/`: the recipes as data: cells of scripts with alternatives (`blocks/`), their order (`blocks.yaml`), model families
  (`recipes.yaml`)
- `needs.py`: what a recipe or an alternative asks of a competition
- `blocks.py`: the cells and what may stand in them
- `recipes.py`: ranking the recipes for a competition and composing whole scripts
- `setup.py`: the first cell, with the competition's names as constants
- `cards.py`: model cards that a user writes by hand
- `pretrained.py`: fetching the weights that cards name; `hub_client.py` is the program that does it
- `source.py`: the seam for further sources of cards
- `web.py`: the seam for sources of documents; `tavily.py` and `arxiv.py` are such, `exclusion.py` says what is left out, `search.py` asks
  them for a run and keeps what they found
"""

from journal import ModelCard
from retrieval.blocks import Alternative, BlockType, CatalogueError, block_types
from retrieval.cards import CardError, parse_card, read_card, read_cards
from retrieval.exclusion import DomainError, Exclusion, domains
from retrieval.needs import Needs, has_long_tail, shape_of
from retrieval.pretrained import fetch, names_in
from retrieval.recipes import Recipe, card, compose, is_model, rank, recipes, type_of
from retrieval.search import WEB_FOLDER, SearchError, WebSearch, web_sources
from retrieval.setup import setup_cell
from retrieval.source import Catalogue, Source
from retrieval.web import Document, Found, WebSource

__all__ = [
    "WEB_FOLDER",
    "Alternative",
    "BlockType",
    "CardError",
    "Catalogue",
    "CatalogueError",
    "Document",
    "DomainError",
    "Exclusion",
    "Found",
    "ModelCard",
    "Needs",
    "Recipe",
    "SearchError",
    "Source",
    "WebSearch",
    "WebSource",
    "block_types",
    "card",
    "compose",
    "domains",
    "fetch",
    "has_long_tail",
    "is_model",
    "names_in",
    "parse_card",
    "rank",
    "read_card",
    "read_cards",
    "recipes",
    "setup_cell",
    "shape_of",
    "type_of",
    "web_sources",
]
