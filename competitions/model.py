"""What a competition is: `competition.yaml`, validated."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Task = Literal["binary", "multiclass", "regression"]
Role = Literal["train", "test", "sample_submission", "description", "shared"]
Split = Literal["stratified", "plain", "grouped", "time", "blocks", "given"]


class Model(BaseModel):
    """A frozen value; unknown fields are an error, so that a misspelt one is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProvidedFile(Model):
    """One file of the input folder and what it is for. `shared` files are in every view, unaltered."""

    path: str = Field(description="below the data folder, '/'-separated")
    role: Role


class Validation(Model):
    """How held-out rows are drawn; `evidence` says why."""

    split: Split
    folds: int | None = Field(None, description="none: by the size of the data")
    column: str | None = Field(None, description="grouped: the group; time, blocks: the order; given: the fold")
    evidence: str = ""


class Competition(Model):
    """A competition: everything that mlestar must know of it. Its data lie in `folder`; its answers, if any, elsewhere."""

    id: str
    description: str = Field("", description="the text of the description")
    metric: str = Field(description="a name from competitions.metrics.METRICS")
    metric_evidence: str = Field("", description="the words of the description that name the metric, or why it was chosen")
    task: Task
    id_columns: tuple[str, ...] = Field((), description="none: rows are matched by their order")
    target_columns: tuple[str, ...] = Field(description="columns of the training table that are predicted (one here)")
    prediction_columns: tuple[str, ...] = Field(description="columns of the submission beside the ids: the target, or one column a class")
    classes: tuple[str, ...] = Field(
        (), description="classification: labels as text, sorted (numerically where they are numbers), from all of train"
    )
    positive_class: str | None = Field(None, description="binary: whose probability a single column holds")
    files: tuple[ProvidedFile, ...]
    validation: Validation
    folder: Path = Field(description="the data folder", exclude=True)
    answers: Path | None = Field(None, description="private answers; only grading reads them", exclude=True)
    leaderboard: Path | None = Field(None, exclude=True)

    @property
    def target(self) -> str:
        """The column of the training table that is predicted."""
        return self.target_columns[0]

    def path(self, role: Role) -> str:
        """The path, below the data folder, of the one file with a role.

        Raises:
            KeyError: there is none.
        """
        for file in self.files:
            if file.role == role:
                return file.path
        raise KeyError(f"competition {self.id!r} has no file with the role {role!r}")

    @property
    def shared(self) -> tuple[str, ...]:
        """Paths of the files that are in every view, unaltered: shared ones and the description."""
        return tuple(file.path for file in self.files if file.role in ("shared", "description"))

    def class_of(self, column: str) -> str:
        """The class whose probability a prediction column holds."""
        return column if len(self.prediction_columns) > 1 or self.positive_class is None else self.positive_class
