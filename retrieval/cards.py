"""Model cards that a user writes by hand: Markdown files with YAML front matter and the code in a fenced block."""

import re
from pathlib import Path

import yaml

from journal import ModelCard
from retrieval.pretrained import is_name

FRONT = re.compile(r"\A---[ \t]*\n(.*?)\n---[ \t]*\n(.*)\Z", re.DOTALL)
FENCE = re.compile(r"^```(?:python|py)[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
REQUIRED = ("name", "family", "why")
FIELDS = (*REQUIRED, "source", "weights")


class CardError(ValueError):
    """A user's model card is not as it must be; the message names the file, the field and the remedy."""


def read_cards(folder: Path) -> tuple[ModelCard, ...]:
    """All cards (*.md) of a folder, sorted by file name.

    Raises:
        CardError: there is no such folder, or a card is broken.
    """
    if not folder.is_dir():
        raise CardError(f"{folder}: no such folder; give the folder that holds your model cards (*.md)")
    return tuple(read_card(path) for path in sorted(folder.glob("*.md")) if path.name.lower() != "readme.md")


def read_card(path: Path) -> ModelCard:
    """One card. Without a `source` its path is the source.

    Raises:
        CardError: as `parse_card` does, or the file is no text.
    """
    try:
        return parse_card(path.read_text("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise CardError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start}); save the file as UTF-8") from error


def parse_card(text: str, place: str) -> ModelCard:
    """A card's text; `place`: where it came from, its source unless it names one.

    Raises:
        CardError: no front matter, a field is missing, empty or unknown, or there is not exactly one fenced Python block.
    """
    match = FRONT.match(text.replace("\r\n", "\n"))
    if match is None:
        raise CardError(
            f"{place}: no front matter; begin the file with '---', the lines {', '.join(f'{name}: …' for name in REQUIRED)}, and '---'"
        )
    fields = _fields(place, match[1])
    blocks: list[str] = FENCE.findall(match[2])
    if len(blocks) != 1:
        raise CardError(f"{place}: {len(blocks)} fenced Python blocks; put all of the code into one block between ```python and ```")
    if not blocks[0].strip():
        raise CardError(f"{place}: the Python block is empty; put example code into it")
    named = fields.pop("weights", "")
    return ModelCard(**{"source": place, **fields}, code=blocks[0], weights=_weights(place, named))


def _weights(place: str, named: str) -> tuple[str, ...]:
    """Names of Hugging Face models, with commas between them."""
    words = [word.strip() for word in named.split(",") if word.strip()]
    for word in words:
        if not is_name(word):
            raise CardError(
                f"{place}: field 'weights': {word!r} is no model of Hugging Face's; write organisation/name, with commas between"
            )
    return tuple(words)


def _fields(place: str, front: str) -> dict[str, str]:
    try:
        values = yaml.safe_load(front)
    except yaml.YAMLError as error:
        raise CardError(f"{place}: the front matter is no YAML ({str(error).splitlines()[0]}); quote values that hold a colon") from error
    if not isinstance(values, dict):
        raise CardError(f"{place}: the front matter holds no fields; write lines such as 'name: CatBoost'")
    for name in values:
        if name not in FIELDS:
            raise CardError(f"{place}: unknown field {name!r}; known are: {', '.join(FIELDS)}")
    for name in REQUIRED:
        if not str(values.get(name) or "").strip():
            raise CardError(f"{place}: field {name!r} is missing or empty; write a line '{name}: …' in the front matter")
    return {
        name: ", ".join(map(str, value)) if isinstance(value, list) else str(value).strip()
        for name, value in values.items()
        if value is not None
    }
