import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from competitions import Face, TableError, read_table, write_table
from competitions.tables import read_header

CELL = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
    st.sampled_from(
        ["007", " x", "x ", '"', 'a"b', "a,b", "a\nb", "a\r\nb", "\r", "NA", "nan", "1e5", "1.0", "", "é", "日本", "\ufeff", "'"]
    ),
)
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), min_size=1, max_size=6))
FACES = st.builds(
    lambda given: Face(*given),
    st.tuples(st.sampled_from([",", "\t", ";", "|"]), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans()),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLES, face=FACES)
def test_every_cell_keeps_its_text(tmp_path: Path, rows: list[list[str]], face: Face) -> None:
    frame = pd.DataFrame(rows, columns=[f"c{i}" for i in range(len(rows[0]))], dtype=str)
    path = tmp_path / "table.csv"
    write_table(frame, path, face)
    again, seen = read_table(path, face.delimiter)
    assert again.columns.tolist() == frame.columns.tolist()
    assert again.to_numpy().tolist() == rows
    assert seen == face


@pytest.mark.parametrize("text", ["a,b\n1, x\n", 'a,b\r\n1,"x,y"\r\n', '"a","b"\n"1",""\n', 'a\tb\n1\tit"s\n', "\ufeffa;b\n1;2\n"])
def test_a_table_that_is_read_and_written_is_the_same_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(text.encode())
    frame, face = read_table(path)
    write_table(frame, path, face)
    if '"s' not in text:  # a quote within a cell is legible unquoted, but is written quoted
        assert path.read_bytes().decode() == text
    assert read_table(path)[0].equals(frame)


def test_a_zipped_table_is_read_and_written_as_such(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("table.tsv", "a\tb\n1\t2\n")
    frame, face = read_table(path)
    assert (frame.to_numpy().tolist(), face.member) == ([["1", "2"]], "table.tsv")
    write_table(frame, tmp_path / "again.tsv.zip", face)
    again, same = read_table(tmp_path / "again.tsv.zip")
    assert again.equals(frame)
    assert same == face


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"a,b\n1,\0\n", "NUL"),
        (b"a,b\n\x81,1\n", "0x81 in line 2"),
        (b"\xff\xfea", "UTF-16"),
        (b"a,a\n1,2\n", "repeated"),
        (b"a,b\n1\n", "1 cells"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=said):
        read_table(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_table_keeps_its_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("id,größe\n1,é€\n2,ß\n".encode(encoding))
    frame, face = read_table(path)
    assert frame["größe"].tolist() == ["é€", "ß"]
    assert read_header(path) == ("id", "größe")
    write_table(frame, tmp_path / "again.csv", face)
    assert (tmp_path / "again.csv").read_bytes() == path.read_bytes()
    foreign = frame.assign(id=["漢", "字"])
    write_table(foreign, tmp_path / "foreign.csv", face)
    assert read_table(tmp_path / "foreign.csv")[0].equals(foreign)
