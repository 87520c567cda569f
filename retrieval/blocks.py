"""The catalogue's blocks: cells of scripts and the alternatives that can stand in each of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import yaml

from competitions.brief import Brief
from retrieval.needs import Needs

FRONT_MATTER = re.compile(r"# (\w+): (.*)")
INCLUDE = re.compile(r"^#> ([\w/]+)$", re.MULTILINE)
"""A file of the same folder, or `shared/name`."""
MODEL = "model: "
"""What the titles of model cells begin with; a script may hold several of them."""
LEFT_OUT = "# This model is left out."
"""Source of a model cell that adds none."""


class CatalogueError(ValueError):
    """A file of the catalogue is not as it must be; the message names it."""


@dataclass(frozen=True)
class Alternative:
    """One source that can stand in a block."""

    name: str
    plan: str
    """What it does, in a sentence that a person would write in a notebook; empty where there is no choice."""
    source: str
    title: str = ""
    """What an ablation study calls the script with it: 'without words'."""
    light: bool = False
    """It costs less time and memory than the others."""
    needs: Needs = field(default_factory=Needs)
    starts: Needs = field(default_factory=Needs)
    """What must hold, beside `needs`, for a draft to begin with it."""


@dataclass(frozen=True)
class BlockType:
    """A cell and what may stand in it, in the order of the expected gain."""

    title: str
    alternatives: tuple[Alternative, ...]
    offs: tuple[Alternative, ...] = ()
    """The first that fits stands in for the block in an ablation study; none: the block is not switched off."""
    start: tuple[str, ...] = ()
    fixed: bool = False
    """Machinery: reading, writing; there is nothing to refine."""
    required: bool = False
    """A script needs it, even where there is no choice."""
    needs: Needs = field(default_factory=Needs)

    def holding(self, source: str) -> Alternative | None:
        """The alternative that has exactly this source; none: someone else wrote it."""
        return next((alternative for alternative in self.everything if alternative.source == source), None)

    @property
    def everything(self) -> tuple[Alternative, ...]:
        """All alternatives, those for switching off the last."""
        return (*self.alternatives, *(off for off in self.offs if off not in self.alternatives))

    def off(self, brief: Brief, models: int = 1) -> Alternative | None:
        """What stands in for the block in an ablation study of a script with so many model cells."""
        return next((one for one in self.offs if one.needs.met(brief) and models >= (one.needs.models or 0)), None)

    def fitting(self, brief: Brief, models: int = 1) -> tuple[Alternative, ...]:
        """The alternatives (those for switching off left out) that make sense for the competition and a script with so many model cells."""
        return tuple(one for one in self.alternatives if one.needs.met(brief) and models >= (one.needs.models or 0))

    def first(self, brief: Brief) -> Alternative | None:
        """What a draft begins with; none: the block has no place in this competition."""
        if not self.needs.met(brief) or not (self.required or self.fitting(brief)):
            return None
        by_name = {alternative.name: alternative for alternative in self.everything}
        wanted = [by_name[name] for name in self.start] or list(self.alternatives[:1])
        return next((one for one in wanted if one.needs.met(brief) and one.starts.met(brief)), None)


@cache
def block_types() -> tuple[BlockType | None, ...]:
    """The blocks in the order of a script; none stands where the model cells come."""
    entries = yaml.safe_load((_root() / "blocks.yaml").read_text("utf-8"))
    return tuple(None if entry["block"] == "models" else _block_type(entry) for entry in entries)


@cache
def model_block(name: str, folder: str) -> BlockType:
    """The cell of one model family: its scripts, and settings of their parameters."""
    place = _root() / "blocks" / folder
    scripts = _scripts(folder)
    plain = scripts.pop("plain")
    settings = [_set(plain, entry) for entry in yaml.safe_load((place / "settings.yaml").read_text("utf-8"))]
    ordered = (plain, *scripts.values(), *(one for one in settings if not one.light), *(one for one in settings if one.light))
    left_out = Alternative("left out", f"I leave the {name} out of the average.", LEFT_OUT, f"without the {name}", True, Needs(models=2))
    return BlockType(MODEL + name, ordered, (left_out,))


def _root() -> Traversable:
    return files("retrieval").joinpath("catalogue")


def _block_type(entry: Mapping[str, object]) -> BlockType:
    title = str(entry["block"])
    scripts = _scripts(title.replace(" ", "_"))
    names = _names(entry, "alternatives")
    offs = _names(entry, "without")
    if unknown := [name for name in (*names, *_names(entry, "start"), *offs) if name not in scripts]:
        raise CatalogueError(f"blocks.yaml, block {title!r}: no alternative {unknown[0]!r}; there are: {', '.join(scripts)}")
    rest = [name for name in scripts if name not in names and name not in offs]
    return BlockType(
        title,
        tuple(scripts[name] for name in (*names, *rest)),
        tuple(scripts[name] for name in offs),
        _names(entry, "start"),
        bool(entry.get("fixed", False)),
        bool(entry.get("required", False)),
        Needs.model_validate(entry.get("needs", {})),
    )


def _names(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise CatalogueError(f"blocks.yaml, block {entry['block']!r}, {key}: {value!r} is no list")
    return tuple(map(str, value))


def _scripts(folder: str) -> dict[str, Alternative]:
    """The alternatives of a folder by name, sorted by file."""
    place = _root() / "blocks" / folder
    paths = sorted((path for path in place.iterdir() if path.name.endswith(".py")), key=lambda path: path.name)
    alternatives = [_script(path, place) for path in paths]
    return {alternative.name: alternative for alternative in alternatives}


def _script(path: Traversable, place: Traversable) -> Alternative:
    front, code = split_front_matter(path.read_text("utf-8"))
    if "name" not in front:
        raise CatalogueError(f"{path}: the first line must be '# name: …'")
    included = INCLUDE.sub(lambda match: _included(place, match[1]), code)
    return Alternative(
        front["name"],
        front.get("plan", ""),
        included.strip("\n").rstrip(),
        front.get("title", ""),
        front.get("light") == "yes",
        Needs.model_validate(yaml.safe_load(front.get("needs", "{}"))),
        Needs.model_validate(yaml.safe_load(front.get("starts", "{}"))),
    )


def _included(place: Traversable, name: str) -> str:
    file = (_root() / "blocks").joinpath(f"{name}.py") if "/" in name else place / f"{name}.py"
    code = split_front_matter(file.read_text("utf-8"))[1]
    return INCLUDE.sub(lambda match: _included(place, match[1]), code)


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """The leading '# key: value' lines of a script, and what follows them."""
    front: dict[str, str] = {}
    lines = text.splitlines()
    while lines and (match := FRONT_MATTER.fullmatch(lines[0])):
        front[match[1]] = match[2].strip()
        del lines[0]
    return front, "\n".join(lines).strip("\n")


def _set(base: Alternative, entry: Mapping[str, object]) -> Alternative:
    """The base script with other values of keyword arguments."""
    source = base.source
    values = entry["set"]
    if not isinstance(values, dict):
        raise CatalogueError(f"settings.yaml, {entry['name']!r}: 'set' is no mapping")
    for parameter, value in values.items():
        source, count = re.subn(rf"\b{parameter}=(\([^()]*\)|\w+\([^()]*(\([^()]*\))?[^()]*\)|[^,()\s]+)", f"{parameter}={value}", source)
        if count == 0:
            raise CatalogueError(f"settings.yaml, {entry['name']!r}: the script has no parameter {parameter!r}")
    return Alternative(
        str(entry["name"]),
        str(entry["plan"]),
        source,
        light=bool(entry.get("light", False)),
        needs=Needs.model_validate(entry.get("needs", {})),
    )
