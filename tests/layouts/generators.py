"""Small competitions in the layouts that real ones come in. Each training row carries something unique that must not reach a view in which
the row is held out: its own value of the target, or a secret in a column or file that the test side does not have."""

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

TRAIN, TEST = 60, 20
WORDS = ["ship", "river", "stone", "light", "green", "seven", "quiet", "lamp", "north", "paper", "glass", "winter"]


@dataclass(frozen=True)
class Layout:
    """A competition's folder and what is true of it."""

    folder: Path
    secrets: tuple[tuple[str, ...], ...]
    """For each training row: texts, and contents of files as text, which nothing in a view may contain where the row is held out."""
    expected: Mapping[str, object] = field(default_factory=dict)
    """Fields of the competition that must be inferred so; 'split' and 'column' are those of its validation."""


def csv(frame: pd.DataFrame, delimiter: str = ",") -> bytes:
    return frame.to_csv(index=False, sep=delimiter, lineterminator="\n").encode()


def zipped(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def write(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def rows(count: int, first: int = 0) -> pd.DataFrame:
    rng = random.Random(first + 1)
    ids = [f"r{number:04}x" for number in range(first, first + count)]
    return pd.DataFrame({"id": ids, "a": [rng.random() for _ in ids], "b": [rng.choice(WORDS) for _ in ids]})


def unique_number(row: int) -> str:
    """A target that is a number and occurs once."""
    return f"{(row * 37 % 101) + 0.5}{row:05}7"


def secret(row: int) -> str:
    return f"known-only-afterwards-{row:05}"


def numbers(count: int) -> list[str]:
    return [unique_number(row) for row in range(count)]


def own(values: list[str]) -> tuple[tuple[str, ...], ...]:
    return tuple((value,) for value in values)


def sample(test: pd.DataFrame, **constants: object) -> bytes:
    return csv(test[["id"]].assign(**constants))


def json_records(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)

    def record(line: dict[str, object], row: int) -> dict[str, object]:
        return line | {"age": row * 10.50, "tags": ["x", {"y": row}], "site": None if row % 3 else "north"}

    seen = [
        {"upvotes_later": 1000 + row, "reply_later": secret(row), "got": row % 2 == 0} | record(line, row)
        for row, line in enumerate(train.to_dict("records"))
    ]
    unseen = [record(line, row) for row, line in enumerate(test.to_dict("records"))]
    files = {
        "train.json": json.dumps(seen),
        "test.json": json.dumps(unseen),
        "sampleSubmission.csv": sample(test, got=0),
        "description.md": "Evaluation: area under the ROC curve.",
    }
    expected = {"target_columns": ("got",), "task": "binary", "metric": "roc_auc", "positive_class": "true"}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def json_lines_gz(folder: Path) -> Layout:
    train, test, y = rows(TRAIN), rows(TEST, TRAIN), numbers(TRAIN)
    lines = [f'{{"id": "{line.id}", "a": {line.a}, "y": {value}}}' for line, value in zip(train.itertuples(), y, strict=True)]
    unseen = [f'{{"id": "{line.id}", "a": {line.a}}}' for line in test.itertuples()]
    files = {
        "train.jsonl.gz": gzip.compress("\n".join(lines).encode()),
        "test.jsonl.gz": gzip.compress("\n".join(unseen).encode()),
        "sample_submission.csv": sample(test, y=0),
    }
    return Layout(write(folder, files), own(y), {"target_columns": ("y",), "metric": "rmse"})


def parquet(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    for table in (train, test):
        table["when"] = pd.to_datetime("2020-02-02 02:02:02") + pd.to_timedelta(table.index % 7, unit="D")
    train = train.assign(y=[row % 2 for row in range(TRAIN)], later=[secret(row) for row in range(TRAIN)])
    files: dict[str, bytes | str] = {"sample_submission.csv": sample(test, y=0)}
    for name, table in (("train.parquet", train), ("test.parquet", test)):
        content = io.BytesIO()
        table.to_parquet(content, index=False, compression=None)
        files[name] = content.getvalue()
    expected = {"target_columns": ("y",), "task": "binary"}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def zipped_tsv(folder: Path) -> Layout:
    train, test, y = rows(TRAIN), rows(TEST, TRAIN), numbers(TRAIN)
    files = {
        "train.tsv.zip": zipped({"train.tsv": csv(train.assign(y=y), "\t")}),
        "test.tsv.zip": zipped({"test.tsv": csv(test, "\t")}),
        "sampleSubmission.csv": sample(test, y=0),
        "description.md": "Scored by the mean absolute error.",
    }
    return Layout(write(folder, files), own(y), {"metric": "mae", "task": "regression", "split": "plain", "id_columns": ("id",)})


def no_id(folder: Path) -> Layout:
    train, test, y = rows(TRAIN).drop(columns="id"), rows(TEST, TRAIN).drop(columns="id"), numbers(TRAIN)
    files = {"train.csv": csv(train.assign(y=y)), "test.csv": csv(test), "sample_submission_null.csv": "y\n" + "0\n" * TEST}
    return Layout(write(folder, files), own(y), {"id_columns": (), "metric": "rmse"})


def text_as_key(folder: Path) -> Layout:
    phrases = [" ".join(WORDS[(row + step) % 12] for step in range(3)) + f" {row // 2}" for row in range(TRAIN + TEST)]
    phrases = phrases[: TRAIN + TEST]
    train = pd.DataFrame({"text": phrases[:TRAIN], "c": range(TRAIN)})
    test = pd.DataFrame({"text": [text[: text.rindex(" ")] for text in phrases[TRAIN:]], "c": range(TEST)})
    y = numbers(TRAIN)
    files = {"train.csv": csv(train.assign(score=y)), "test.csv": csv(test), "sample_submission.csv": csv(test[["text"]].assign(score=0))}
    return Layout(write(folder, files), own(y), {"id_columns": ("text",), "target_columns": ("score",)})


def pairs_of_texts(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    for table in (train, test):
        table["question1"] = ["what is the " + b for b in table["b"]]
        table["question2"] = ["why would a " + b + " be so" for b in table["b"]]
    train = train.assign(is_duplicate=[row % 2 for row in range(TRAIN)], reviewer=[secret(row) for row in range(TRAIN)])
    files = {
        "train.csv": csv(train),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, is_duplicate=0.5),
        "description.md": "# Evaluation\n\nSubmissions are judged by log loss.",
    }
    expected = {"metric": "log_loss", "task": "binary", "split": "stratified", "positive_class": "1"}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def png(pixels: np.ndarray, kind: str = "png") -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(content, kind)
    return content.getvalue()


def picture(row: int, kind: str = "png") -> bytes:
    """A small picture that is no other row's."""
    return png(np.random.default_rng(row).integers(0, 256, (8, 8, 3)), kind)


def a_column_a_class(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    train = train.assign(kind=[["Red Fox", "wolf", "BEAR"][row % 3] for row in range(TRAIN)])
    chances = {"p_bear": 0.4, "p_red_fox": 0.3, "p_wolf": 0.3}
    train.insert(1, "noted", [secret(row) for row in range(TRAIN)])
    files = {"train.csv": csv(train), "test.csv": csv(test), "sample_submission.csv": sample(test, **chances)}
    expected = {"target_columns": ("kind",), "classes": ("BEAR", "Red Fox", "wolf"), "metric": "log_loss", "task": "multiclass"}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def two_targets(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    first, second = numbers(TRAIN), [f"9{value}" for value in numbers(TRAIN)]
    files = {
        "train.csv": csv(train.assign(energy=first, gap=second)),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, energy=0.1, gap=1.5),
        "description.md": "Submissions are evaluated on the column-wise root mean squared logarithmic error.",
    }
    expected = {"target_columns": ("energy", "gap"), "metric": "rmsle", "task": "regression", "split": "plain"}
    return Layout(write(folder, files), tuple(zip(second, strict=True)), expected)


def multi_label(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    kinds = ["toxic", "rude", "spam"]
    train = train.assign(**{kind: [(row // (place + 1)) % 2 for row in range(TRAIN)] for place, kind in enumerate(kinds)})
    train["moderator"] = [secret(row) for row in range(TRAIN)]
    files = {
        "train.csv": csv(train),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, **dict.fromkeys(kinds, 0.5)),
        "description.md": "The score is the mean column-wise ROC AUC.",
    }
    expected = {"target_columns": tuple(kinds), "metric": "roc_auc", "task": "multilabel", "classes": ("0", "1")}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def images_in_folders(folder: Path) -> Layout:
    train, test, y = rows(TRAIN)[["id"]], rows(TEST, TRAIN)[["id"]], numbers(TRAIN)
    masks = [picture(row + 10_000) for row in range(TRAIN)]
    files: dict[str, bytes | str] = {"train.csv": csv(train.assign(y=y)), "sample_submission.csv": sample(test, y=0)}
    files |= {f"train_images/{name}.png": picture(row) for row, name in enumerate(train["id"])}
    files |= {f"train_masks/{name}.png": masks[row] for row, name in enumerate(train["id"])}
    files |= {f"test_images/{name}.png": picture(TRAIN + row) for row, name in enumerate(test["id"])}
    secrets = tuple((value, mask.decode("latin-1")) for value, mask in zip(y, masks, strict=True))
    kinds = {("train_images", "train_files"), ("test_images", "test_files"), ("train_masks", "label_files")}
    return Layout(write(folder, files), secrets, {"row_files": kinds, "id_columns": ("id",)})


def images_in_zips(folder: Path) -> Layout:
    train, test = rows(TRAIN)[["id"]], rows(TEST, TRAIN)[["id"]]
    train["id"], test["id"] = train["id"] + ".jpg", test["id"] + ".jpg"
    y = numbers(TRAIN)
    files = {
        "train.csv": csv(train.assign(y=y)),
        "sample_submission.csv": sample(test, y=0),
        "train.zip": zipped({f"train/{name}": picture(row, "jpeg") for row, name in enumerate(train["id"])}),
        "test.zip": zipped({f"test/{name}": picture(TRAIN + row, "jpeg") for row, name in enumerate(test["id"])}),
    }
    return Layout(write(folder, files), own(y), {"row_files": {("train.zip", "train_files"), ("test.zip", "test_files")}})


def a_folder_a_row(folder: Path) -> Layout:
    y = numbers(TRAIN)
    train, test = pd.DataFrame({"case": range(1, TRAIN + 1)}), pd.DataFrame({"case": range(1, TEST + 1), "ward": "w"})
    files: dict[str, bytes | str] = {
        "train.csv": csv(train.assign(ward="w", y=y)),
        "test.csv": csv(test),
        "sample_submission.csv": csv(test[["case"]].assign(y=0)),
    }
    for side, count, first in (("train", TRAIN, 0), ("test", TEST, TRAIN)):
        for row in range(count):
            files |= {f"{side}/{row + 1}/slice-{number}.bin": picture(first + row) + bytes([number]) for number in range(3)}
    return Layout(write(folder, files), own(y), {"row_files": {("train", "train_files"), ("test", "test_files")}, "id_columns": ("case",)})


def disjoint_groups(folder: Path) -> Layout:
    train, test, y = rows(TRAIN), rows(TEST, TRAIN), numbers(TRAIN)
    train["patient"], test["patient"] = [f"p{row // 3}" for row in range(TRAIN)], [f"q{row // 3}" for row in range(TEST)]
    files = {"train.csv": csv(train.assign(y=y)), "test.csv": csv(test), "sample_submission.csv": sample(test, y=0)}
    return Layout(write(folder, files), own(y), {"split": "grouped", "column": "patient"})


def dated(days: list[int], first: int) -> pd.DataFrame:
    return rows(len(days), first).assign(day=[f"{pd.Timestamp('2021-03-01') + pd.Timedelta(days=day):%Y-%m-%d}" for day in days])


def future(folder: Path) -> Layout:
    train, test, y = dated(list(range(TRAIN)), 0), dated(list(range(TRAIN, TRAIN + TEST)), TRAIN), numbers(TRAIN)
    files = {"train.csv": csv(train.assign(y=y)), "test.csv": csv(test), "sample_submission.csv": sample(test, y=0)}
    return Layout(write(folder, files), own(y), {"split": "time", "column": "day"})


def blocks_of_time(folder: Path) -> Layout:
    days = {side: [day for day in range(120) if (day % 12 < 9) == side] for side in (True, False)}
    train, test = dated(days[True], 0), dated(days[False], 200)
    y = numbers(len(train))
    files = {"train.csv": csv(train.assign(y=y)), "test.csv": csv(test), "sample_submission.csv": sample(test, y=0)}
    return Layout(write(folder, files), own(y), {"split": "blocks", "column": "day"})


def labels_apart(folder: Path) -> Layout:
    train, test, y = rows(TRAIN), rows(TEST, TRAIN), numbers(TRAIN)
    labels = pd.DataFrame({"id": train["id"], "y": y}).sample(frac=1, random_state=0)
    files = {
        "train_values.csv": csv(train),
        "train_labels.csv": csv(labels),
        "test_values.csv": csv(test),
        "SubmissionFormat.csv": sample(test, y=0),
    }
    return Layout(write(folder, files), own(y), {"target_columns": ("y",), "roles": {"train_labels.csv": "labels"}})


def span_of_text(folder: Path) -> Layout:
    train, test = rows(TRAIN)[["id"]], rows(TEST, TRAIN)[["id"]]
    for table, first in ((train, 0), (test, TRAIN)):
        table["text"] = [
            f"{WORDS[row % 12]} was so {WORDS[row % 7]}, {WORDS[row % 5]} indeed {row}" for row in range(first, first + len(table))
        ]
        table["mood"] = [("glad", "sad")[row % 2] for row in range(first, first + len(table))]
    train["chosen"] = [text.split(" ", 2)[2] if mood == "glad" else text for text, mood in zip(train["text"], train["mood"], strict=True)]
    train["judge"] = [secret(row) for row in range(TRAIN)]
    files = {
        "train.csv": csv(train),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, chosen=""),
        "description.md": "# Evaluation\n\nThe metric is the word-level Jaccard score.",
    }
    expected = {"metric": "jaccard", "task": "text", "target_columns": ("chosen",), "classes": (), "split": "plain"}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def rankings(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    train = train.assign(place=[f"place-{row % 6}" for row in range(TRAIN)], guide=[secret(row) for row in range(TRAIN)])
    files = {
        "train.csv": csv(train),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, place="place-0 place-1 place-2"),
        "description.md": "# Evaluation\n\nMean Average Precision at 3 (MAP@3).",
    }
    expected = {"metric": "map@3", "task": "multiclass", "target_columns": ("place",), "classes": tuple(f"place-{i}" for i in range(6))}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def masks(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    runs = [f"{row + 1} 5 {row + 40} 7" if row % 4 else "" for row in range(TRAIN)]
    train = train.assign(rle_mask=runs, by=[secret(row) for row in range(TRAIN)])
    files = {
        "train.csv": csv(train),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, rle_mask="1 1"),
        "description.md": "Submissions are evaluated on the mean Dice coefficient of run-length encoded masks.",
    }
    expected = {"metric": "dice", "task": "mask", "target_columns": ("rle_mask",)}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


def picture_as_target(folder: Path) -> Layout:
    rng, files = np.random.default_rng(0), {}
    cleaned, ids, sizes = [], [], [(6, 5), (4, 7)]
    for number in range(24):
        size = sizes[number % 2]
        clean = np.where(rng.random(size) < 0.3, 0, 255)
        noisy = png(np.clip(clean * 0.7 + rng.integers(0, 60, size), 0, 255))
        if number < 18:
            cleaned.append(png(clean))
            files |= {f"train/{number + 1}.png": noisy, f"train_cleaned/{number + 1}.png": cleaned[-1]}
        else:
            files[f"test/{number + 1}.png"] = noisy
            ids += [f"{number + 1}_{row + 1}_{column + 1}" for row in range(size[0]) for column in range(size[1])]
    files["sampleSubmission.csv"] = csv(pd.DataFrame({"id": ids, "value": 1}))
    files["description.md"] = "# Evaluation\n\nThe root mean squared error between cleaned and predicted pixel intensities, from 0 to 1."
    places = {("train", "train_files"), ("test", "test_files"), ("train_cleaned", "label_files")}
    expected = {"metric": "rmse", "task": "regression", "id_columns": ("id",), "target_columns": ("value",), "row_files": places}
    return Layout(write(folder, files), tuple((one.decode("latin-1"),) for one in cleaned), expected)


def grades(folder: Path) -> Layout:
    train, test = rows(TRAIN), rows(TEST, TRAIN)
    grade = [4 if row % 15 == 0 else row % 3 for row in range(TRAIN)]
    train = train.assign(grade=grade, examiner=[secret(row) for row in range(TRAIN)])
    files = {
        "train.csv": csv(train),
        "test.csv": csv(test),
        "sample_submission.csv": sample(test, grade=0),
        "description.md": "The score is the quadratic weighted kappa.",
    }
    expected = {"metric": "quadratic_weighted_kappa", "task": "multiclass", "classes": ("0", "1", "2", "4")}
    return Layout(write(folder, files), tuple((secret(row),) for row in range(TRAIN)), expected)


LAYOUTS: dict[str, Callable[[Path], Layout]] = {
    one.__name__: one
    for one in (
        a_column_a_class,
        two_targets,
        multi_label,
        json_records,
        json_lines_gz,
        parquet,
        zipped_tsv,
        no_id,
        text_as_key,
        pairs_of_texts,
        span_of_text,
        rankings,
        masks,
        picture_as_target,
        images_in_folders,
        images_in_zips,
        a_folder_a_row,
        disjoint_groups,
        future,
        blocks_of_time,
        labels_apart,
        grades,
    )
}
