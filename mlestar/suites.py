"""A suite: a YAML file that says which runs a benchmark is made of.

    competitions: [$COMPETITIONS]            # folders of competitions, single ones, names of bundled examples; beside this file or absolute
    policies: [mle-star, greedy, {name: greedy-20, policy: greedy, options: {num_drafts: 20}}, worst_first.py]
    engineers: [recipes, 'openai:gpt-5', {name: local, model: 'openai:qwen', base_url: 'http://127.0.0.1:8000/v1', recipes: false}]
    budgets: [2m, {name: long, time: 1h, max_cost: 5}]
    seeds: [1, 2]
    settings: {threads: 2}                   # of every run

An entry of an axis is short for some of a run's settings, or gives them under a name. Everything is checked before anything is run.
"""

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from mlestar.durations import parse_duration
from mlestar.errors import UserError

if TYPE_CHECKING:
    from journal import Settings
    from reports.benchmark import Bench, Cell

Overrides = dict[str, Any]
UNSHARED: Overrides = {"store": False, "blind_search": True}
"""Unless the suite says otherwise: who finds a script measured already has more time than others, and the web knows the answers."""


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


Entries = Annotated[list[str | dict[str, Any]], BeforeValidator(_as_list), Field(min_length=1)]


class Suite(BaseModel):
    """The file as it is written."""

    model_config = ConfigDict(extra="forbid")

    name: str = ""
    competitions: Annotated[list[str], BeforeValidator(_as_list), Field(min_length=1)]
    policies: Entries = ["mle-star"]
    engineers: Entries = ["recipes"]
    budgets: Entries
    seeds: Annotated[list[int], BeforeValidator(_as_list), Field(min_length=1)] = [0]
    settings: dict[str, Any] = {}


def read_suite(path: Path) -> "Bench":
    """The benchmark of a suite, every value checked.

    Raises:
        UserError: the file, a field or a value cannot be used, or a competition cannot.
    """
    from competitions import CompetitionError, load_competition
    from reports.benchmark import Bench

    suite = _parse(path)
    try:
        loaded = [(folder, load_competition(folder)) for folder in _folders(path, suite.competitions)]
    except CompetitionError as error:
        raise UserError(f"{path}: competitions: {error}") from error
    _check_unique(path, "competitions", [competition.id for _, competition in loaded], "give each its own id in competition.yaml")
    _check_unique(path, "seeds", list(map(str, suite.seeds)), "name each once")
    axes = [
        _axis(path, "policies", suite.policies, lambda entry: _policy(path, entry)),
        _axis(path, "engineers", suite.engineers, lambda entry: _named({} if entry == "recipes" else {"model": entry}, entry)),
        _axis(path, "budgets", suite.budgets, lambda entry: _named(_time(path, "budgets", {"time": entry}), entry)),
    ]
    cells = tuple(
        _cell(path, suite, (competition.id, folder), (policy, engineer, budget), seed)
        for seed in suite.seeds
        for folder, competition in loaded
        for budget in axes[2]
        for engineer in axes[1]
        for policy in axes[0]
    )
    return Bench(name=suite.name or path.stem, cells=cells)


def _parse(path: Path) -> Suite:
    import yaml

    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"suite: {str(path)!r} cannot be read: {error.strerror} — give a YAML file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: this is no YAML: {error} — see docs/benchmarks/bench.md for an example") from error
    try:
        return Suite.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in ("str", "dict[str,any]")) or "the whole file"
        remedy = f"the fields are: {', '.join(Suite.model_fields)}" if first["type"] == "extra_forbidden" else first["msg"]
        value = "missing" if first["type"] == "missing" else repr(first["input"])
        raise UserError(f"{path}: {where}: {value} — {remedy}") from error


def _folders(path: Path, entries: Iterable[str]) -> list[Path]:
    """The competitions' folders: an entry is one, or a folder of some."""
    from mlestar.places import competition_folder

    found: list[Path] = []
    for entry in entries:
        expanded = Path(os.path.expandvars(entry)).expanduser()
        beside = path.parent / expanded
        folder = (beside if beside.exists() else competition_folder(str(expanded))).resolve()
        inside = sorted(each for each in folder.iterdir() if _declares(each)) if folder.is_dir() and not _declares(folder) else []
        found += inside or [folder]
    return found


def _declares(folder: Path) -> bool:
    """Whether it is a competition by its layout: ours, or MLE-bench's."""
    return (folder / "competition.yaml").is_file() or (folder / "prepared" / "public").is_dir()


def _axis(path: Path, field: str, entries: Sequence[str | Overrides], expand: Any) -> list[tuple[str, Overrides]]:
    """(name, settings) of each entry."""
    from reports.benchmark import slug

    made: list[tuple[str, Overrides]] = []
    for entry in entries:
        if isinstance(entry, str):
            made.append(expand(entry))
            continue
        given = dict(entry)
        name = given.pop("name", None)
        if not isinstance(name, str) or not name:
            raise UserError(f"{path}: {field}: {entry!r} has no name — add `name: …`, under which it is reported")
        if "options" in given:
            options = given.pop("options")
            if not isinstance(options, Mapping):
                raise UserError(f"{path}: {field}.options: {options!r} — write {{name: value, …}}")
            given["policy_options"] = tuple(f"{key}={value}" for key, value in options.items())
        made.append((name, _time(path, field, given)))
    _check_unique(path, field, [slug(name) for name, _ in made], "give each a name of its own")
    return made


def _named(overrides: Overrides, entry: str) -> tuple[str, Overrides]:
    return entry, overrides


def _policy(path: Path, entry: str) -> tuple[str, Overrides]:
    if entry.endswith(".py"):
        return Path(entry).stem, {"policy": str((path.parent / entry).resolve())}
    return entry, {"policy": entry}


def _time(path: Path, field: str, given: Overrides) -> Overrides:
    """`time: 2m` as seconds."""
    if "time" not in given:
        return given
    rest = {key: value for key, value in given.items() if key != "time"}
    return {**rest, "seconds": parse_duration(str(given["time"]), f"{path}: {field}")}


def _check_unique(path: Path, field: str, names: list[str], remedy: str) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise UserError(f"{path}: {field}: {twice[0]!r} is there twice — {remedy}")


def _cell(path: Path, suite: Suite, competition: tuple[str, Path], choice: Sequence[tuple[str, Overrides]], seed: int) -> "Cell":
    from reports.benchmark import Cell

    (policy, of_policy), (engineer, of_engineer), (budget, of_budget) = choice
    common = _time(path, "settings", suite.settings)
    settings = _settings(path, {**UNSHARED, **common, **of_budget, **of_engineer, **of_policy, "seed": seed})
    return Cell(
        competition=competition[0],
        folder=str(competition[1]),
        policy=policy,
        engineer=engineer,
        budget=budget,
        seed=seed,
        settings=settings,
    )


def _settings(path: Path, given: Overrides) -> "Settings":
    """A run's settings; the policy and its options are tried."""
    from journal import Settings
    from policies import PolicyError, make_policy

    try:
        settings = Settings(**given)
        make_policy(settings)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        remedy = f"a run's settings are: {', '.join(Settings.model_fields)}" if first["type"] == "extra_forbidden" else first["msg"]
        raise UserError(f"{path}: {field}: {first['input']!r} — {remedy}") from error
    except PolicyError as error:
        raise UserError(f"{path}: policies: {re.sub(r'^--policy(-option)?: ', '', str(error))}") from error
    if settings.seconds is None and settings.evaluations is None:
        raise UserError(f"{path}: budgets: no run would have a time or a number of evaluations — give one, such as 2m")
    return settings
