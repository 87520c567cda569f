"""Recipes: which model families suit a competition, and the whole scripts that they start with."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import BaseModel, ConfigDict

from competitions.brief import Brief
from journal import Block, ModelCard, Solution
from retrieval.blocks import MODEL, Alternative, BlockType, block_types, model_block
from retrieval.needs import Needs, Shape, comparable_texts, group_column, shape_of
from retrieval.pretrained import weights_for
from retrieval.setup import setup_cell

SOURCE = "catalogue:"
SECONDS = 120.0
"""What one model of a script may take, unless the run says otherwise."""


class Recipe(BaseModel):
    """One model family of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    folder: str
    family: str
    why: str
    rank: dict[Shape, int]
    needs: Needs = Needs()

    @property
    def block(self) -> BlockType:
        """Its model cell."""
        return model_block(self.name, self.folder)


@cache
def recipes() -> tuple[Recipe, ...]:
    """All recipes of the catalogue."""
    entries = yaml.safe_load(files("retrieval").joinpath("catalogue/recipes.yaml").read_text("utf-8"))
    return tuple(Recipe.model_validate(entry) for entry in entries)


def rank(brief: Brief) -> tuple[Recipe, ...]:
    """The recipes that suit the competition, best first; each family once before any family a second time."""
    shape = shape_of(brief)
    suited = sorted((one for one in recipes() if shape in one.rank and one.needs.met(brief)), key=lambda one: one.rank[shape])

    def turn(position: int) -> int:
        return sum(earlier.family == suited[position].family for earlier in suited[:position])

    return tuple(suited[position] for position in sorted(range(len(suited)), key=turn))


def compose(recipe: Recipe, brief: Brief, seed: int = 0, choice: Mapping[str, str] | None = None, seconds: float = SECONDS) -> Solution:
    """A whole, standalone script: every block that suits the competition with the alternative it starts with, and one model cell.

    `choice` names another alternative for some blocks, by block title. `seconds`: what one model may take; networks fit their number of
    passes to it.

    Raises:
        KeyError: `choice` names a block or an alternative that is not there.
    """
    wanted = dict(choice or {})
    cells = [Block("setup", setup(brief, seed, seconds))]
    for kind in block_types():
        block = kind or recipe.block
        alternative = block.first(brief)
        if alternative is None:
            continue
        if block.title in wanted:
            alternative = named(block, wanted.pop(block.title))
        cells.append(Block(block.title, alternative.source))
    if wanted:
        raise KeyError(
            f"no block {next(iter(wanted))!r} in a script for {brief.id!r}; there are: {', '.join(cell.title for cell in cells)}"
        )
    return Solution.parse(str(Solution(tuple(cells))))


def setup(brief: Brief, seed: int = 0, seconds: float = SECONDS) -> str:
    """Source of the cell `setup` of a recipe."""
    dates = [column.name for column in brief.columns if column.kind == "date"]
    texts = [column.name for column in brief.columns if column.kind == "text"]
    further: dict[str, object] = {"DATE_COLUMNS": dates, "TEXT_COLUMNS": [name for name in texts if name not in brief.id_columns]}
    further |= {"TARGETS": list(brief.targets or (brief.target,)), "LABELS_FILE": brief.labels_file}
    further["SECONDS"] = round(seconds)
    further |= {"PICTURES": [(one.path, one.pattern) for one in brief.pictures]}
    if Needs(texts=2).met(brief):
        further["TEXT_PAIR"] = list(comparable_texts(brief))
    if group := group_column(brief):
        further["GROUP_COLUMN"] = group
    if brief.time_column:
        further["TIME_COLUMN"] = brief.time_column
    if Needs(kinds=("text",), weights="text").met(brief):
        further["TEXT_WEIGHTS"] = weights_for("text")
    if Needs(pictures=True, weights="pictures").met(brief):
        further["PICTURE_WEIGHTS"] = weights_for("pictures")
    if brief.image_shape:
        further["IMAGE_SHAPE"] = brief.image_shape
    if brief.prediction == "ranking":
        further["MOST_RANKED"] = brief.most_ranked
    if brief.task == "text":
        further["SPAN_OF"] = brief.span_of
    if brief.row_files:
        sides = {one.role: (one.path, one.pattern) for one in brief.row_files}
        further["ROW_FILES"] = [sides[role] for role in ("train_files", "test_files") if role in sides]
    if brief.pixels is not None:
        further |= _of_restoration(brief)
    return setup_cell(brief, seed, **further)


def _of_restoration(brief: Brief) -> dict[str, object]:
    """Where the pictures lie and how the submission names their pixels."""
    assert brief.pixels is not None and brief.label_pictures is not None
    places = {one.role: (one.path, one.pattern) for one in brief.row_files}
    found: dict[str, object] = {"TRAIN_PICTURES": places["train_files"], "TEST_PICTURES": places["test_files"]}
    found["LABEL_PICTURES"] = (brief.label_pictures.path, brief.label_pictures.pattern)
    return found | {"ID_PATTERN": brief.pixels.id_pattern, "FIRST_PIXEL": brief.pixels.first, "SCALE": brief.pixels.scale}


def named(block: BlockType, name: str) -> Alternative:
    """The block's alternative of this name.

    Raises:
        KeyError: there is none.
    """
    for alternative in block.everything:
        if alternative.name == name:
            return alternative
    raise KeyError(f"block {block.title!r} has no alternative {name!r}; there are: {', '.join(one.name for one in block.everything)}")


def type_of(title: str) -> BlockType | None:
    """The catalogue's block of this title; none: the catalogue has no such block."""
    kinds = [*(kind for kind in block_types() if kind is not None), *(recipe.block for recipe in recipes())]
    return next((kind for kind in kinds if kind.title == title), None)


def is_model(title: str) -> bool:
    """Whether a cell of this title adds a model."""
    return title.startswith(MODEL)


def card(recipe: Recipe, brief: Brief, seed: int = 0, seconds: float = SECONDS) -> ModelCard:
    """The recipe as a model card; its code is a whole solution."""
    return ModelCard(
        name=recipe.name,
        family=recipe.family,
        why=f"{recipe.why} {_data(brief)}",
        code=str(compose(recipe, brief, seed, seconds=seconds)),
        source=SOURCE + recipe.folder,
    )


def _data(brief: Brief) -> str:
    """The data in one sentence."""
    if brief.image_shape:
        height, width = brief.image_shape
        return f"Here: {brief.train_rows:,} pictures of {height} × {width} pixels, {_goal(brief)}."
    counts = {kind: sum(column.kind == kind for column in brief.columns) for kind in ("number", "category", "boolean", "text", "date")}
    columns = ", ".join(f"{count} of kind {kind}" for kind, count in counts.items() if count)
    gaps = sum(column.missing > 0 for column in brief.columns)
    return f"Here: {brief.train_rows:,} rows, columns {columns or 'none'}{f', {gaps} with gaps' if gaps else ''}, {_goal(brief)}."


def _goal(brief: Brief) -> str:
    return f"{len(brief.classes)} classes, judged by {brief.metric}" if brief.classes else f"a number, judged by {brief.metric}"
