import gzip
import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competitions import TableError, read_table, write_table

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=3,
)
RECORD_LISTS = st.lists(st.dictionaries(st.sampled_from(["a", "b", "é"]), VALUES, min_size=1, max_size=3), min_size=1, max_size=4)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=RECORD_LISTS, lines=st.booleans())
def test_json_records_are_written_as_they_were_read(tmp_path: Path, records: list[dict[str, object]], lines: bool) -> None:
    path = tmp_path / ("table.jsonl" if lines else "table.json")
    path.write_text("\n".join(map(json.dumps, records)) if lines else json.dumps(records), encoding="utf-8")
    frame, face = read_table(path)
    write_table(frame, path, face)
    text = path.read_text(encoding="utf-8")
    again = [json.loads(line) for line in text.split("\n") if line] if lines else json.loads(text)
    whole = {name for name in frame.columns if all(name in record for record in records)}
    expected = [{name: value for name, value in record.items() if name in whole or value is not None} for record in records]
    assert [{name: value for name, value in record.items() if name in whole or value is not None} for record in again] == expected
    kept = read_table(path)[0]  # without columns that some records lack and no other has a value in
    assert kept.to_dict("list") == {name: cells for name, cells in frame.to_dict("list").items() if name in kept.columns}
    assert (frame.drop(columns=kept.columns) == "").all().all()


def test_a_number_keeps_its_digits_and_a_string_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "table.json"
    path.write_text('[{"id": "007", "x": 1.50, "tags": ["a", 1.0]}, {"id": "x", "x": null, "tags": []}]')
    frame, _ = read_table(path)
    assert frame.to_numpy().tolist() == [["007", "1.50", '["a", 1.0]'], ["x", "", "[]"]]


def test_parquet_keeps_types_and_cells(tmp_path: Path) -> None:
    given = pd.DataFrame(
        {
            "i": pd.array([1, None, 2**60], dtype="Int64"),
            "f": [0.1, 1e300, -3.0],
            "s": ["x", "007", "é"],
            "b": [True, False, True],
            "t": pd.to_datetime(["2020-01-01 00:00:00.5", "2020-01-02 03:04:05.678", "1999-12-31 12:00:00.001"]),
            "l": [["a"], [], ["b", "c"]],
            "c": pd.Categorical(["u", "v", "u"]),
        }
    )
    given.to_parquet(tmp_path / "given.parquet", index=False)
    frame, face = read_table(tmp_path / "given.parquet")
    write_table(frame.iloc[[2, 0]], tmp_path / "some.parquet", face)
    again = pd.read_parquet(tmp_path / "some.parquet")
    expected = pd.read_parquet(tmp_path / "given.parquet").iloc[[2, 0]].reset_index(drop=True)
    assert again.drop(columns=["l", "c"]).equals(expected.drop(columns=["l", "c"]))
    assert [list(cell) for cell in again["l"]] == [["b", "c"], ["a"]]
    assert again["c"].astype(str).tolist() == ["u", "u"]


def test_gzip_is_seen_through_and_written_again(tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(b"a;b\n1;x\n"))
    frame, face = read_table(path)
    assert (frame.to_numpy().tolist(), face.gzipped, face.delimiter) == ([["1", "x"]], True, ";")
    write_table(frame, path, face)
    assert gzip.decompress(path.read_bytes()) == b"a;b\n1;x\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("t.json", b'{"a": {"0": 1}', "no JSON records"),
        ("t.json", b"[1, 2]", "no list of records"),
        ("t.jsonl", b'{"a": 1}\n{"a"', "no JSON records"),
        ("t.csv.gz", b"a,b", "broken gzip"),
        ("t.parquet", b"PAR1", "no Parquet file"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(TableError, match=said):
        read_table(tmp_path / name)
