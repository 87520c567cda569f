"""What is not written in competition.yaml is read off the files: one function a question."""

import re
from collections.abc import Collection, Sequence
from itertools import takewhile
from pathlib import Path

import pandas as pd

from competitions.custom import SCRIPT
from competitions.errors import Ambiguity, CompetitionError
from competitions.evidence import metric_from_words
from competitions.masks import parse_runs
from competitions.metric import Prediction
from competitions.model import ProvidedFile, Role, Task
from competitions.sources import YAML, Tables, header_of, is_table, shared_tables

LABEL_WORDS = frozenset({"label", "labels", "target", "targets", "answer", "answers"})
FEW_CLASSES = 20
"""A whole-number target with at most so many values is taken for classes, unless the metric says otherwise."""
GLANCE = 2_000
SPAN = 0.9
"""Share of the rows whose target must be a part of a column."""


def provided_files(folder: Path, private: Collection[Path] = ()) -> tuple[ProvidedFile, ...]:
    """Every file and folder in the data folder with its role, by its name; what is or holds something private is left out."""
    given = [path for path in folder.iterdir() if not any(one.is_relative_to(path) for one in private)]
    paths = sorted(path.name for path in given if not path.name.startswith((".", "__MACOSX")))
    tables = [path for path in paths if is_table(folder / path)]
    roles: dict[str, Role] = {}
    samples = sorted((path for path in tables if re.search(r"submission", path, re.IGNORECASE)), key=_sample_preference)
    roles |= dict.fromkeys(samples[:1], "sample_submission")
    rest = [path for path in tables if path not in roles]
    for role in ("train", "test"):
        roles |= dict.fromkeys(_named_for(role, rest), role)
    roles |= dict.fromkeys([path for path in paths if path.lower() in ("description.md", "description.txt")][:1], "description")
    return tuple(ProvidedFile(path=path, role=roles.get(path, "shared")) for path in paths if path not in (YAML, SCRIPT))


def _named_for(role: str, paths: Sequence[str]) -> list[str]:
    """The table that is called by its role, or else the one that has it in its name; one with labels only if there is no other."""
    words = {path: re.split(r"[^a-z]+", path.split(".")[0].lower()) for path in paths}
    exact = [path for path in paths if words[path] == [role]]
    named = [path for path in paths if set(words[path]) & ({"train", "training"} if role == "train" else {"test", "testing"})]
    plain = [path for path in named if not set(words[path]) & LABEL_WORDS]
    for found in (exact, plain, named if role == "train" else []):
        if len(found) == 1:
            return found
    return []


def labels_file(
    folder: Path, files: Sequence[ProvidedFile], train: pd.DataFrame, test: pd.DataFrame | None, sample: pd.DataFrame
) -> str | None:
    """The one further table that has what the sample submission asks for and the training table lacks; none where train has it.

    Raises:
        CompetitionError: there are several such tables.
    """
    known = {*(test if test is not None else sample[[name for name in sample if name in train]]).columns}
    if any(name not in known for name in train.columns):
        return None
    asked = [name for name in sample.columns if name not in known]
    found = []
    for path in shared_tables(folder, [file for file in files if "/" not in file.path]):
        header = header_of(path)
        labelled = bool(set(re.split(r"[^a-z]+", path.name.split(".")[0].lower())) & LABEL_WORDS)
        if set(header) & set(train.columns) and (set(header) & set(asked) or (labelled and set(header) - set(train.columns))):
            found.append(path.relative_to(folder).as_posix())
    if len(found) > 1:
        raise CompetitionError(folder, "files", found, f"several tables may hold the labels; give one of them the role labels in {YAML}")
    return found[0] if found else None


def _sample_preference(path: str) -> tuple[bool, int, str]:
    return not re.search(r"sample", path, re.IGNORECASE), len(path), path


def id_columns(tables: Tables) -> tuple[str, ...]:
    """The sample submission's columns that the test table has; none: rows are matched by their order."""
    return tuple(name for name in tables.sample.columns if name in tables.test.columns)


def target_columns(tables: Tables, prediction: Sequence[str], folder: Path) -> tuple[str, ...]:
    """What is to be predicted: the prediction columns that train has, one or all; else a train-only column.

    Where the prediction columns are classes, it is the column that has them as its values, however spelled; else the only one.

    Raises:
        CompetitionError: no column of train fits the sample submission.
    """
    if not prediction:
        raise CompetitionError(folder, "sample submission", "every column is in the test table too", "add the column to be predicted")
    direct = tuple(name for name in prediction if name in tables.train.columns)
    if len(direct) == len(prediction):
        return direct
    only = [name for name in tables.train.columns if name not in tables.test.columns]
    labelled = [name for name in only if spelled_alike(prediction, set(tables.train[name])) is not None]
    if len(prediction) > 1 and len(labelled) == 1:
        return (labelled[0],)
    if len(prediction) == 1 and len(only) == 1:
        return (only[0],)
    if choices := labelled or (only if len(prediction) == 1 else []):
        raise Ambiguity(
            folder, "target_columns", f"any of {choices[:10]} may be meant by {list(prediction)[:10]} of the sample submission",
            f"name one in {YAML}, such as 'target_columns: [{choices[0]}]'",
        )  # fmt: skip
    raise CompetitionError(
        folder, "target_columns", f"no column of the training table fits {list(prediction)} of the sample submission", f"name it in {YAML}"
    )


def spelled_alike(columns: Sequence[str], labels: Collection[str]) -> tuple[str, ...] | None:
    """The label that each column stands for: 'prob_Setosa' or 'Class 1' for 'setosa' or '1'; none where they do not correspond."""
    if len(columns) != len(labels):
        return None
    if set(columns) == set(labels):
        return tuple(columns)
    plain = [re.sub(r"\.0+$", "", label) for label in labels]
    for names, values in ((columns, plain), (_apart(columns), plain), (_apart(columns), _apart(plain))):
        spelled = {_letters(value): label for value, label in zip(values, labels, strict=True)}
        found = [spelled.get(_letters(name)) for name in names]
        if len(set(found) - {None}) == len(columns):
            return tuple(str(label) for label in found)
    return None


def _apart(texts: Sequence[str]) -> list[str]:
    """The texts without what all of them begin and end with."""
    start = _common(texts)
    end = _common([text[start:][::-1] for text in texts])
    return [text[start : len(text) - end] for text in texts]


def _common(texts: Sequence[str]) -> int:
    """How many first letters all texts share."""
    return sum(1 for _ in takewhile(lambda marks: len(set(marks)) == 1, zip(*texts, strict=False)))


def _letters(text: str) -> str:
    return "".join(mark for mark in text.casefold() if mark.isalnum())


def looks_like_classes(target: pd.Series) -> bool:
    """Text, or few distinct whole numbers."""
    numbers = pd.to_numeric(target, errors="coerce")
    if numbers.isna().any():
        return True
    return bool(target.nunique() <= FEW_CLASSES and (numbers % 1 == 0).all())


def metric(description: str, target: pd.Series, sample: pd.DataFrame, targets: int = 1, text: bool = False) -> tuple[str, str]:
    """(metric, evidence): what the description names; else the usual one for the target and the sample's predictions.

    `text`: the target is a text rather than a class.
    """
    if found := metric_from_words(description):
        return found[0], f"the description: “{found[1]}”"
    two = target.nunique() == 2
    usual = (
        (text, "jaccard", "the target is a text"),
        (looks_like_masks(target), "dice", "the target is a mask"),
        (not looks_like_classes(target), "rmse", "the target is a number"),
        (targets > 1, "roc_auc", "there are several targets of two classes"),
        (len(sample.columns) > 1, "log_loss", "the submission has one column a class"),
        (two and not set(sample.iloc[:, 0]) <= set(target), "roc_auc", "two classes, and the sample submission holds no labels"),
        (True, "accuracy", "the submission holds labels"),
    )
    name, reason = next((name, reason) for fits, name, reason in usual if fits)
    return name, f"the description names no metric; {reason}"


def task(kind: Prediction, target: pd.Series, targets: int = 1) -> Task:
    """By what the metric measures; of classes, by their number."""
    if kind in ("number", "text", "pixel"):
        kinds: dict[str, Task] = {"number": "regression", "text": "text", "pixel": "mask"}
        return kinds[kind]
    if targets > 1:
        return "multilabel"
    if kind == "ranking":
        return "tags" if target.str.strip().str.contains(r"\s").any() else "multiclass"
    return "binary" if target.nunique() == 2 else "multiclass"


def span_of(tables: Tables, target: str) -> str | None:
    """The column of text that the target is a part of, in nearly every row; none: there is no such."""
    cells = tables.train[target].head(GLANCE)
    if cells.nunique() <= FEW_CLASSES or pd.to_numeric(cells, errors="coerce").notna().mean() > SPAN:
        return None
    for name in tables.test.columns:
        if name in tables.train.columns:
            within = [part.strip() in whole for part, whole in zip(cells, tables.train[name].head(GLANCE), strict=True)]
            if sum(within) >= SPAN * len(within):
                return str(name)
    return None


def looks_like_masks(target: pd.Series) -> bool:
    """Run lengths, of which some have more than one run; a cell may be empty."""
    try:
        runs = [parse_runs(cell) for cell in target.head(GLANCE)]
    except ValueError:
        return False
    return any(len(one) > 1 for one in runs)


def classes(target: pd.Series, tags: bool = False) -> tuple[str, ...]:
    """The labels as text, sorted numerically where they are numbers; `tags`: a cell holds several, with blanks between."""
    labels = sorted({label for cell in target for label in cell.split()} if tags else set(target))
    numbers = pd.to_numeric(pd.Series(labels, dtype=str), errors="coerce")
    if numbers.isna().any():
        return tuple(labels)
    return tuple(label for _, label in sorted(zip(numbers, labels, strict=True)))


def check_shared(folder: Path, files: Sequence[ProvidedFile], ids: Sequence[str], target: str, prediction: Sequence[str] = ()) -> None:
    """A further table with ids and target, or with the ids and one column a class, would hand the labels to every candidate.

    Raises:
        CompetitionError: there is such a table.
    """
    for path in shared_tables(folder, files):
        header = header_of(path)
        classes = len(prediction) > 1 and set(prediction) <= set(header) and "submission" not in path.name.lower()
        if (target in header or classes) and all(name in header for name in ids):
            raise CompetitionError(path, target, "a further table with ids and target", "move it out of the data folder")
