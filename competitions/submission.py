"""Reading what a solution wrote: a valid submission, taken apart, or a message that says what is wrong and how to mend it."""

from pathlib import Path

import numpy as np
import pandas as pd

from competitions.masks import parse_runs
from competitions.metrics import metric_of
from competitions.model import Competition
from competitions.pixels import by_picture, pixel_rows, test_pictures
from competitions.tables import TableError, read_table
from competitions.view import Predictions, View

SHOWN = 3
BYTES_A_NUMBER = 40
SLACK, SPARE = 100, 10_000_000
"""A file may be 100 times as large as it need be, and 10 MB more."""


class InvalidSubmission(ValueError):
    """The submission breaks the contract; the message says how, and how to mend it."""


def read_predictions(competition: Competition, view: View, submission: Path, probabilities: Path | None) -> Predictions:
    """Read a solution's submission on a view, and its probabilities where it wrote any and the submission holds labels.

    Rows are matched by id (repeated ids by their order), or by order where there are no ids.

    Raises:
        InvalidSubmission: with the first thing that is wrong.
    """
    if competition.pixels is not None:
        table = _read_pictures(competition, view, submission)
    else:
        table = read_submission(competition, view.ids, len(view.test), submission)
    one_target = len(competition.target_columns) == 1
    if probabilities is not None and one_target and metric_of(competition).prediction in ("label", "ranking"):
        table = table.join(read_probabilities(competition, view.ids, len(view.test), probabilities))
    return Predictions(_placed(table, view.held_out), _placed(table, view.test))


def _placed(table: pd.DataFrame, positions: pd.Series) -> pd.DataFrame:
    """The rows that have a position, indexed by it, sorted."""
    places = positions.to_numpy()
    return table[places >= 0].set_axis(pd.Index(places[places >= 0]), axis=0).sort_index()


def read_submission(competition: Competition, ids: pd.DataFrame, rows: int, path: Path) -> pd.DataFrame:
    """The prediction columns in the order of `ids` (or of the file, where there are none), checked; labels as text, else float64.

    Raises:
        InvalidSubmission: with the first thing that is wrong.
    """
    columns = competition.prediction_columns
    frame = _matched(competition, ids, rows, path, columns)
    kind = metric_of(competition).prediction
    if kind == "label":
        return frame.apply(lambda column: _labels(competition, column, path.name))
    if kind in ("text", "ranking", "pixel"):
        for column in columns:
            _check_cells(competition, frame[column], path.name, kind)
        return frame
    numbers = _numbers(frame, path.name)
    _check_range(numbers, path.name, kind == "probability", kind == "probability" or metric_of(competition).non_negative)
    return numbers


def _read_pictures(competition: Competition, view: View, path: Path) -> pd.DataFrame:
    """One array of values a picture of the view's test."""
    keys = view.ids[competition.id_columns[0]].tolist()
    rows = pixel_rows(view.folder, test_pictures(competition), keys, competition.pixels)
    expected = pd.DataFrame({competition.id_columns[0]: rows.ids}, dtype=str)
    (column,) = competition.prediction_columns
    numbers = read_submission(competition, expected, len(expected), path)[column].to_numpy(dtype=float)
    return pd.DataFrame({column: by_picture(numbers, rows.sizes)})


def _check_cells(competition: Competition, cells: pd.Series, name: str, kind: str) -> None:
    """Rankings must hold known labels, masks run lengths; a text may be anything."""
    known = frozenset(competition.classes)
    for cell in cells.unique() if kind != "text" else ():
        if kind == "pixel":
            try:
                parse_runs(cell)
            except ValueError as error:
                raise InvalidSubmission(f"{name}: column {cells.name!r} holds {cell[:40]!r}: {error}") from error
        elif unknown := [label for label in cell.split() if label not in known]:
            raise InvalidSubmission(
                f"{name}: column {cells.name!r} holds {unknown[:SHOWN]}, which are no labels; "
                "write labels with blanks between, the best first"
            )


def read_probabilities(competition: Competition, ids: pd.DataFrame, rows: int, path: Path) -> pd.DataFrame:
    """One column 'p:<class>' a class, in the order of `ids`; rows sum to one.

    Raises:
        InvalidSubmission: with the first thing that is wrong.
    """
    numbers = _numbers(_matched(competition, ids, rows, path, competition.classes), path.name)
    _check_range(numbers, path.name, True, True)
    sums = numbers.sum(axis=1)
    if (sums <= 0).any():
        raise InvalidSubmission(f"{path.name}: the probabilities of {int((sums <= 0).sum())} rows are all 0; each row must sum to 1")
    shares: pd.DataFrame = numbers.div(sums, axis=0)
    return shares.add_prefix("p:")


def labels_from_probabilities(competition: Competition, table: pd.DataFrame) -> pd.Series:
    """The most likely label of each row of 'p:<class>' columns; of equal ones the first class."""
    shares = table[[f"p:{label}" for label in competition.classes]].to_numpy(dtype=float)
    return pd.Series(np.array(competition.classes, dtype=object)[shares.argmax(axis=1)], index=table.index, dtype=str)


def _matched(competition: Competition, ids: pd.DataFrame, rows: int, path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """The named columns as text, in the order of `ids`."""
    frame = _read(path, rows, ids, len(columns))
    expected = (*competition.id_columns, *columns)
    missing, extra = ([name for name in a if name not in b] for a, b in ((expected, frame.columns), (frame.columns, expected)))
    if missing or extra:
        found = "; ".join(text for text in (missing and f"missing columns {missing}", extra and f"columns too many {extra}") if text)
        hint = " (write it with index=False)" if "" in extra or "Unnamed: 0" in extra else ""
        raise InvalidSubmission(f"{path.name}: {found}; it must have exactly {list(expected)}{hint}")
    if len(frame) != rows:
        raise InvalidSubmission(f"{path.name}: {len(frame)} rows, but the test file has {rows}; write one row for each test row")
    if not competition.id_columns:
        return frame[list(columns)]
    order = _order(frame[list(competition.id_columns)], ids, path.name)
    return frame[list(columns)].iloc[order].reset_index(drop=True)


def _read(path: Path, rows: int, ids: pd.DataFrame, columns: int) -> pd.DataFrame:
    """The table as text; absurdly large files are refused unread."""
    try:
        size = path.stat().st_size
        longest = int(sum(ids[name].str.len().sum() for name in ids.columns)) * 4
        if size > SLACK * (longest + rows * columns * BYTES_A_NUMBER) + SPARE:
            raise InvalidSubmission(f"{path.name}: {size / 1e6:.0f} MB is absurdly large for {rows} rows; write the asked columns only")
        return read_table(path, ",")[0]
    except TableError as error:
        raise InvalidSubmission(f"{path.name}: {error}; write it with pandas: to_csv({path.name!r}, index=False)") from error
    except OSError as error:
        raise InvalidSubmission(f"{path.name}: cannot be read ({error.strerror}); write it into the working folder") from error


def _order(given: pd.DataFrame, expected: pd.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """For each expected id, which given row has it; ids that were turned into numbers on the way ('007' -> 7) are recognised."""
    exact = _keys(given).get_indexer(_keys(expected))
    if (exact >= 0).all():
        return exact
    plain_given, plain_expected = (frame.apply(_plain) for frame in (given, expected))
    if plain_expected.drop_duplicates().shape[0] == expected.drop_duplicates().shape[0]:
        loose = _keys(plain_given).get_indexer(_keys(plain_expected))
        if (loose >= 0).all():
            return loose
    wanted, had = (set(frame.itertuples(index=False, name=None)) for frame in (expected, given))
    lacking, foreign = (sorted(" ".join(key) for key in keys)[:SHOWN] for keys in (wanted - had, had - wanted))
    if foreign or not given.duplicated().any():
        raise InvalidSubmission(
            f"{name}: ids differ from the test file's: missing {lacking}, unknown {foreign}; copy the ids from the test file"
        )
    repeated = sorted(" ".join(key) for key in given[given.duplicated()].itertuples(index=False, name=None))[:SHOWN]
    raise InvalidSubmission(f"{name}: ids occur more often than in the test file: {repeated}; write each test row once")


def _keys(ids: pd.DataFrame) -> pd.MultiIndex:
    """Ids made unique: repeated ones are numbered by their order."""
    return pd.MultiIndex.from_frame(ids.assign(**{"\0": ids.groupby(list(ids.columns), sort=False).cumcount().to_numpy()}))


def _plain(ids: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(ids, errors="coerce")
    return ids.where(numbers.isna(), numbers.map("{:.17g}".format))


def _labels(competition: Competition, cells: pd.Series, name: str) -> pd.Series:
    """Each cell as one of the classes; another spelling of a number or of a truth value is recognised."""
    spellings = {cell: _label(cell, competition.classes) for cell in cells.unique()}
    unknown = [cell for cell, label in spellings.items() if label is None]
    if unknown:
        raise InvalidSubmission(
            f"{name}: column {cells.name!r} holds {unknown[:SHOWN]}, which are no labels; "
            f"it must hold some of {list(competition.classes)[:20]}"
        )
    return cells.map(spellings).astype(str)


def _label(cell: str, classes: tuple[str, ...]) -> str | None:
    if cell in classes:
        return cell
    for spell in (str.strip, lambda text: text.strip().casefold(), _number):
        wanted = spell(cell)
        same = [label for label in classes if wanted is not None and spell(label) == wanted]
        if len(same) == 1:
            return same[0]
    return None


def _number(text: str) -> float | None:
    """The number that a text or a truth value stands for."""
    try:
        return {"true": 1.0, "false": 0.0}.get(text.strip().casefold()) if text.strip().isalpha() else float(text)
    except ValueError:
        return None


def _numbers(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    numbers: pd.DataFrame = frame.apply(pd.to_numeric, errors="coerce").astype(float)
    wrong = ~np.isfinite(numbers.to_numpy())
    if wrong.any():
        row, column = (int(place[0]) for place in np.nonzero(wrong))
        cell = frame.iat[row, column]
        raise InvalidSubmission(
            f"{name}: {int(wrong.sum())} cells hold no finite number, such as {cell!r} in column {frame.columns[column]!r}; "
            "predict a number for every row"
        )
    return numbers


def _check_range(numbers: pd.DataFrame, name: str, at_most_one: bool, non_negative: bool) -> None:
    low, high = float(numbers.to_numpy().min()), float(numbers.to_numpy().max())
    if at_most_one and (low < 0 or high > 1):
        raise InvalidSubmission(f"{name}: probabilities must lie in [0, 1], but go from {low:g} to {high:g}; clip or rescale them")
    if non_negative and low < 0:
        raise InvalidSubmission(f"{name}: predictions must not be negative, but go down to {low:g}; clip them at 0")
