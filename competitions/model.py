"""What a competition is: `competition.yaml`, validated."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from competitions.rowfiles import ROW_ROLES, Members

Task = Literal["binary", "multiclass", "regression", "multilabel", "tags", "text", "mask"]
"""`multilabel`: several targets of two classes each; several numbers are a regression too. `tags`: a cell holds any number of classes, with
blanks between. `text`: a text. `mask`: the run lengths of a mask. Where the target is a picture, it is a regression of its pixels."""
RowRole = Literal["train_files", "test_files", "label_files"]
Role = Literal["train", "test", "sample_submission", "labels", "description", "shared"] | RowRole
Split = Literal["stratified", "plain", "grouped", "time", "blocks", "given", "custom"]


class Model(BaseModel):
    """A frozen value; unknown fields are an error, so that a misspelt one is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ProvidedFile(Model):
    """One file of the input folder and what it is for.

    `shared` files (or folders) are in every view, unaltered. `labels`: the target in a table of its own. A folder or archive whose
    members belong to rows has `members` and is named once for each kind: `train_files` follow their rows, under the names of
    `test_files` where those are held out; `label_files` are absent for held-out rows.
    """

    path: str = Field(description="below the data folder, '/'-separated; a file or a folder")
    role: Role
    members: str | None = Field(None, description="files of rows: a member's name, such as 'train/{id}.jpg' or '{id}/'; see rowfiles")


class Validation(Model):
    """How held-out rows are drawn; `evidence` says why. `custom`: by the split of competition.py."""

    split: Split
    folds: int | None = Field(None, description="none: by the size of the data")
    column: str | None = Field(None, description="grouped: the group; time, blocks: the order; given: the fold")
    evidence: str = ""


class Pixels(Model):
    """Where the target of a row is a picture, and the submission has a row for each of its pixels.

    The tables then have one row a picture, named in the one id column; there need be no file of the training table.
    """

    id_pattern: str = Field(description="a submission's id, such as '{image}_{row}_{column}'")
    first: int = Field(1, description="what the first row and column are called: 0 or 1")
    scale: float = Field(255.0, description="the submission's values times this are the target pictures' grey values")


class Competition(Model):
    """A competition: everything that mlestar must know of it. Its data lie in `folder`; its answers, if any, elsewhere."""

    id: str
    description: str = Field("", description="the text of the description")
    metric: str = Field(description="a name from competitions.metrics.METRICS; custom: the score of competition.py")
    metric_evidence: str = Field("", description="the words of the description that name the metric, or why it was chosen")
    task: Task
    id_columns: tuple[str, ...] = Field((), description="none: rows are matched by their order")
    target_columns: tuple[str, ...] = Field(
        description="columns of the training table that are predicted; of several, the score is the mean"
    )
    prediction_columns: tuple[str, ...] = Field(description="columns of the submission beside the ids: the targets, or one column a class")
    classes: tuple[str, ...] = Field(
        (), description="classification: labels as text, from all of train; in the order of their columns, else sorted"
    )
    positive_class: str | None = Field(None, description="binary: whose probability a single column holds")
    pixels: Pixels | None = Field(None, description="the target of a row is a picture, its label file")
    files: tuple[ProvidedFile, ...]
    validation: Validation
    folder: Path = Field(description="the data folder", exclude=True)
    answers: Path | None = Field(None, description="private answers; only grading reads them", exclude=True)
    leaderboard: Path | None = Field(None, exclude=True)
    script: Path | None = Field(None, description="a split or a score of the user's own; see competitions.custom", exclude=True)

    @property
    def target(self) -> str:
        """The column of the training table that is predicted; the first of several."""
        return self.target_columns[0]

    @property
    def targets(self) -> tuple["Competition", ...]:
        """One competition a target: what is scored on its own. Of one target, this one."""
        if len(self.target_columns) == 1:
            return (self,)
        task: Task = "binary" if self.task == "multilabel" else self.task
        pairs = zip(self.target_columns, self.prediction_columns, strict=True)
        return tuple(
            self.model_copy(update={"target_columns": (target,), "prediction_columns": (column,), "task": task}) for target, column in pairs
        )

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
    def train_path(self) -> str | None:
        """The training table's file; none where pictures are the targets, and the training table is the list of them."""
        return next((file.path for file in self.files if file.role == "train"), None)

    @property
    def test_path(self) -> str:
        """The file that names the test rows: the test table, or the sample submission where there is none."""
        return self.path("test") if any(file.role == "test" for file in self.files) else self.path("sample_submission")

    @property
    def row_files(self) -> tuple[Members, ...]:
        """The folders and archives whose members belong to rows."""
        return tuple(Members(file.path, file.role, str(file.members)) for file in self.files if file.role in ROW_ROLES)

    @property
    def shared(self) -> tuple[str, ...]:
        """Paths of the files and folders that are in every view, unaltered: shared ones and the description."""
        return tuple(file.path for file in self.files if file.role in ("shared", "description"))

    def class_of(self, column: str) -> str:
        """The class whose probability a prediction column holds."""
        if len(self.prediction_columns) == 1 and self.positive_class is not None:
            return self.positive_class
        return column if column in self.classes else self.classes[self.prediction_columns.index(column)]
