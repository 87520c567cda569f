"""competition.yaml: what a person declares, and writing down what was inferred."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from competitions.errors import CompetitionError
from competitions.model import Competition, Model, Pixels, ProvidedFile, Task, Validation

WRITTEN = {
    "id",
    "metric",
    "metric_evidence",
    "task",
    "id_columns",
    "target_columns",
    "prediction_columns",
    "positive_class",
    "pixels",
    "files",
    "validation",
}


class Declaration(Model):
    """competition.yaml: whatever it leaves out is inferred."""

    id: str | None = None
    description: str | None = None
    metric: str | None = None
    metric_evidence: str = "competition.yaml"
    task: Task | None = None
    id_columns: tuple[str, ...] | None = None
    target_columns: tuple[str, ...] | None = Field(None, min_length=1)
    prediction_columns: tuple[str, ...] | None = Field(None, min_length=1)
    positive_class: str | None = None
    pixels: Pixels | None = None
    files: tuple[ProvidedFile, ...] | None = None
    validation: Validation | None = None
    data: Path | None = Field(None, description="the data folder, relative to competition.yaml")
    answers: Path | None = Field(None, description="private answers, relative to competition.yaml; only grading reads them")
    leaderboard: Path | None = None
    script: Path | None = Field(None, description="a split or a score of one's own; none: competition.py beside competition.yaml")


def read_declaration(path: Path) -> Declaration:
    """What is written at this path; nothing where there is no file.

    Raises:
        CompetitionError: no YAML, an unknown field, or a value that does not fit.
    """
    if not path.is_file():
        return Declaration()
    try:
        values: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CompetitionError(path, None, " ".join(str(error).split()), "write valid YAML in UTF-8") from error
    if not isinstance(values, dict):
        raise CompetitionError(path, None, f"a {type(values).__name__}", "write fields, one a line, such as 'metric: rmse'")
    try:
        return Declaration.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        known = f"the fields are: {', '.join(Declaration.model_fields)}" if first["type"] == "extra_forbidden" else first["msg"]
        raise CompetitionError(path, field, repr(first["input"])[:200], known) from error


def write_competition_yaml(competition: Competition, path: Path) -> Path:
    """Write what is known of a competition as a competition.yaml that loads to the same; paths are kept relative where they can be."""
    values = competition.model_dump(mode="json", include=WRITTEN, exclude_none=True)
    places = {
        "data": competition.folder,
        "answers": competition.answers,
        "leaderboard": competition.leaderboard,
        "script": competition.script,
    }
    values |= {name: _relative(place, path.parent) for name, place in places.items() if place is not None}
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=120)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    return partial.replace(path)


def _relative(place: Path, start: Path) -> str:
    start = start.resolve()
    return place.relative_to(start).as_posix() if place.is_relative_to(start) else str(place)
