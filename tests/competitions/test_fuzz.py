"""Odd tables: either a correct view or one clear error; never a leak, never a crash."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from competitions import CompetitionError, Views, load_competition, make_brief, read_table

ODD = [
    *("", " ", "NA", "nan", "None", "-", "0", "1", "-0.0", "1e400", "1e-400", "0x1f", "007", "1_000", "12345678901234567890123", "inf"),
    *("2020-02-30", "2020-02-29", "31/12/1999", "2020-01-01T00:00:00+05:30", "9999999-01-01", "True", "false", "“quoted”", '"', "''", ","),
    *(
        ";",
        "a\tb",
        "line\nbreak",
        "carriage\rreturn",
        "\r\n",
        "\ufeff",
        "\u2028",
        "e\u0301",
        "漢字",
        "🦊",
        "=1+1",
        "\\",
        "\\n",
        "{",
        "{id}",
    ),
]
FEATURES = ["a", "A", "a ", "id", "target", "class", "fold", "date", "x,y", 'q"', "two\nlines", "π", "", "{id}"]
numbers = st.one_of(st.integers(-(10**30), 10**30).map(str), st.floats().map(repr))
cells = st.one_of(st.sampled_from(ODD), numbers, st.dates().map(str), st.text(max_size=8))
names = st.one_of(st.sampled_from(FEATURES), st.text(max_size=6))
odd_targets = st.lists(cells, min_size=1, max_size=4, unique=True)
targets = st.one_of(st.sampled_from([["0", "1"], ["-1.5", "2e3", "7"], ["yes", "no", "måske"]]), odd_targets)
BROKEN = [b"", b"\n\n", b"\xff\xfea\x00", b"a,b\n1\n", b"a,a\n1,2\n", b'a,b\n"1,2\n', b"\x00\x01\x02"]


def table(header: list[str], rows: list[list[str]], delimiter: str) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode("utf-8", "surrogatepass")


@st.composite
def competitions(draw: st.DrawFn) -> dict[str, bytes]:
    """train with features, the target, and what is known only afterwards; test; sample submission."""
    features = draw(st.lists(names, max_size=4))
    values = draw(targets)
    count, unseen = draw(st.integers(4, 14)), draw(st.integers(1, 6))
    first = draw(st.sampled_from([100, 0]))
    delimiter = draw(st.sampled_from([",", "\t", ";", "|"]))

    def features_of() -> list[str]:
        return [draw(cells) for _ in features]

    train = [[f"{row}", *features_of(), values[row % len(values)], f"afterwards-{row:03}-"] for row in range(count)]
    test = [[f"{first + row}", *features_of()] for row in range(unseen)]
    return {
        "train.csv": table(["key", *features, "goal", "later"], train, delimiter),
        "test.csv": table(["key", *features], test, delimiter),
        "sample_submission.csv": table(["key", "goal"], [[row[0], values[0]] for row in test], delimiter),
    }


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files=competitions())
def test_an_odd_table_gives_a_correct_view_or_one_clear_error(files: dict[str, bytes]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "odd"
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        try:
            competition = load_competition(folder)
            views = Views(competition, Path(place) / "cache", folds=2)
            make_brief(competition)
        except CompetitionError as error:
            event(str(error).split(" — ")[1][:50])
            assert " — " in str(error)
            assert sorted(path.name for path in folder.iterdir()) == sorted(files)
            return
        event("a view")
        check_views(views, Path(place) / "odd")


def check_views(views: Views, folder: Path) -> None:
    train, test = (read_table(folder / name)[0] for name in ("train.csv", "test.csv"))
    seen = []
    for fold in (0, 1, None):
        view = views.view("full", fold)
        written = b"".join(path.read_bytes() for path in view.folder.iterdir())
        held = [row for row in view.held_out if row >= 0]
        seen += held
        for row in range(len(train)):
            assert (f"afterwards-{row:03}-".encode() in written) == (row not in held)
        ours, _ = read_table(view.folder / "test.csv")
        assert ours.columns.tolist() == test.columns.tolist()
        features = [name for name in test.columns if name != "key"]
        for place, (row, other) in enumerate(zip(view.held_out, view.test, strict=True)):
            assert (row >= 0) != (other >= 0)
            expected = train.iloc[row] if row >= 0 else test.iloc[other]
            assert ours.iloc[place][features].tolist() == expected[features].tolist()
        kept, _ = read_table(view.folder / "train.csv")
        assert kept.equals(train.drop(index=held).reset_index(drop=True))
    assert sorted(seen) == list(range(len(train)))


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\xff\xfea\x00", b"a,b\n1\n", b"a,a\n1,2\n", b'a,b\n"1,2\n', b"a,b\n\x81,1\n", b"\x00\x01\x02"]
)
def test_a_broken_table_is_one_clear_error(tmp_path: Path, content: bytes) -> None:
    for name in ("train.csv", "test.csv", "sample_submission.csv"):
        (tmp_path / name).write_bytes(b"id,x,y\n" + b"".join(b"%d,1,%d\n" % (row, row % 2) for row in range(20)))
    (tmp_path / "train.csv").write_bytes(content)
    with pytest.raises(CompetitionError, match=r"train\.csv.* — "):
        load_competition(tmp_path)
