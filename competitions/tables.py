"""Tables as text: reading and writing delimited files, JSON and Parquet so that every cell keeps its exact text.

Imports the standard library and pandas only (and two modules beside it), because generated scripts carry its source with them.
"""

import csv
import gzip
import io
import itertools
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from competitions.parquet import parquet_table, render_parquet
from competitions.records import RECORDS, parse_records, records_table, render_records

CHUNK_ROWS = 50_000
DELIMITERS = (",", "\t", ";", "|")
ENDINGS = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
LONGEST_CELL = 2**31 - 1


class TableError(ValueError):
    """The file is no table; the message says why, without the file's name."""


class Face(NamedTuple):
    """How a table is written: what a reader of the file may rely on beside the cells."""

    delimiter: str = ","
    newline: str = "\n"
    quote_all: bool = False
    byte_order_mark: bool = False
    member: str | None = None
    """The table's name inside its zip archive; none: a plain file."""
    kind: str = "delimited"
    """Or 'json' (a list of records), 'jsonl' (one a line), 'parquet'."""
    gzipped: bool = False
    columns: tuple[tuple[str, str, bool], ...] = ()
    """JSON: what each column's cells are, see records.records_table."""
    schema: str = ""
    """Parquet: the types."""
    encoding: str = "utf-8"
    """Or 'utf-16' (with a byte order mark), or 'cp1252'."""


def read_table(path: Path, delimiter: str | None = None) -> tuple[pd.DataFrame, Face]:
    """All cells as text, missing ones as the empty text, and the file's face. A zip archive with one member is looked into.

    The name's ending tells JSON and Parquet from delimited text. Without `delimiter` the header decides. Blank lines are skipped, as
    pandas does.

    Raises:
        TableError: no text, no header, repeated column names, or a line with more or fewer cells than the header.
        OSError: the file cannot be read.
    """
    content, member = _content(path)
    gzipped = path.suffix.lower() == ".gz"
    kind = _kind_of(member or path.name.lower().removesuffix(".gz"))
    if kind != "delimited":
        frame, face = _read_records(content, kind)
        return frame, face._replace(member=member, gzipped=gzipped)
    text, encoding = _decoded(content)
    first_line = text.split("\n", 1)[0]
    face = Face(
        delimiter or max(DELIMITERS, key=first_line.count),
        "\r\n" if first_line.endswith("\r") else "\n",
        byte_order_mark=content.startswith(b"\xef\xbb\xbf"),
        member=member,
        gzipped=gzipped,
        encoding=encoding,
    )
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=face.delimiter)
    header = next(reader, [])
    _check_header(header)
    chunks = []
    while rows := [row for row in itertools.islice(reader, CHUNK_ROWS) if row]:
        _check_lengths(rows, len(header), reader.line_num)
        chunks.append(pd.DataFrame(rows, columns=header, dtype=str))
    frame = pd.concat(chunks, ignore_index=True) if chunks else pd.DataFrame({name: [] for name in header}, dtype=str)
    return frame, face._replace(quote_all=_quotes_all(text, frame, face))


def write_table(frame: pd.DataFrame, path: Path, face: Face) -> None:
    """Write cells of text in the given face; cells are quoted where they must be, or all of them where the face says so."""
    content = render_table(frame, face)
    if face.member is None:
        path.write_bytes(gzip.compress(content, mtime=0) if face.gzipped else content)
        return
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo(face.member, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)


def render_table(frame: pd.DataFrame, face: Face) -> bytes:
    """The table's file content; a zip archive's member."""
    if face.kind == "parquet":
        return render_parquet(frame, face.schema)
    if face.kind in RECORDS:
        return render_records(frame, face.kind, face.columns).encode()
    columns = [_quoted([str(name), *frame.iloc[:, i].tolist()], face, frame.shape[1] == 1) for i, name in enumerate(frame.columns)]
    lines = face.newline.join(map(face.delimiter.join, zip(*columns, strict=True)))
    encoding = "utf-8-sig" if face.byte_order_mark else face.encoding
    try:
        return (lines + face.newline).encode(encoding)
    except UnicodeEncodeError:  # an id of the other side's table, which is written otherwise
        return (lines + face.newline).encode()


def read_header(path: Path) -> tuple[str, ...]:
    """The column names of a table, without reading the rest of a plain file.

    Raises:
        TableError: no text or no header.
    """
    if path.suffix.lower() in (".zip", ".gz") or _kind_of(path.name) != "delimited":
        return tuple(read_table(path)[0].columns)
    with path.open("rb") as file:
        line = file.readline()
        if line.startswith((b"\xff\xfe", b"\xfe\xff")):
            return tuple(read_table(path)[0].columns)
        text, _ = _decoded(line)
    header = next(csv.reader([text], delimiter=max(DELIMITERS, key=text.count)), [])
    _check_header(header)
    return tuple(header)


def zipped_table(path: Path) -> str | None:
    """The one member of a zip archive, if it is a table by its name; else none."""
    if not zipfile.is_zipfile(path):
        return None
    members = _members(path)
    return members[0] if len(members) == 1 and members[0].lower().endswith(ENDINGS) else None


def _members(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [name for name in archive.namelist() if not name.endswith("/") and not name.startswith("__MACOSX")]


def _content(path: Path) -> tuple[bytes, str | None]:
    if path.suffix.lower() == ".gz":
        try:
            return gzip.decompress(path.read_bytes()), None
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise TableError(f"a broken gzip file ({error})") from error
    if path.suffix.lower() != ".zip":
        return path.read_bytes(), None
    member = zipped_table(path)
    if member is None:
        raise TableError("a zip archive without exactly one table (.csv, .tsv, .json, .jsonl) in it")
    with zipfile.ZipFile(path) as archive:
        return archive.read(member), member


def _kind_of(name: str) -> str:
    ending = name.lower().rpartition(".")[2]
    return {"json": "json", "jsonl": "jsonl", "ndjson": "jsonl", "parquet": "parquet"}.get(ending, "delimited")


def _read_records(content: bytes, kind: str) -> tuple[pd.DataFrame, Face]:
    if kind == "parquet":
        try:
            frame, schema = parquet_table(content)
        except (ValueError, OSError) as error:  # what pyarrow raises
            raise TableError(f"no Parquet file ({error})") from error
        return frame, Face(kind=kind, schema=schema)
    try:
        records, kind = parse_records(_decoded(content)[0])
    except (ValueError, RecursionError) as error:
        raise TableError(f"no JSON records ({error})") from error
    frame, columns = records_table(records)
    return frame, Face(kind=kind, columns=columns)


def _decoded(content: bytes) -> tuple[str, str]:
    """(text, encoding): UTF-8, UTF-16 with a byte order mark, else Windows' Western European one."""
    if not content.strip():
        raise TableError("the file is empty")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise TableError("broken UTF-16 text") from error
    if b"\0" in content:
        raise TableError("no text: it holds NUL bytes")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        try:
            return content.decode("cp1252"), "cp1252"
        except UnicodeDecodeError:
            line = content.count(b"\n", 0, error.start) + 1
            raise TableError(f"neither UTF-8 nor Windows-1252 text (byte {content[error.start]:#04x} in line {line})") from error


def _check_header(header: list[str]) -> None:
    if not header:
        raise TableError("the first line is no header")
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise TableError(f"repeated column names {repeated}")


def _check_lengths(rows: list[list[str]], width: int, last_line: int) -> None:
    for number, row in enumerate(rows):
        if len(row) != width:
            line = last_line - (len(rows) - 1 - number)
            raise TableError(f"about line {line}: {len(row)} cells, but the header has {width} (wrong delimiter, or a quote left open?)")


def _quotes_all(text: str, frame: pd.DataFrame, face: Face) -> bool:
    """Whether even the header and the first row are quoted throughout."""
    if not text.startswith('"') or frame.empty:
        return False
    start = render_table(frame.head(1), face._replace(quote_all=True, byte_order_mark=False, encoding="utf-8")).decode().rstrip("\r\n")
    return text.startswith(start)


def _quoted(cells: list[str], face: Face, lonely: bool) -> list[str]:
    """A column's cells, quoted where needed; in a table of one column an empty cell must not become a blank line."""
    special = (face.delimiter, '"', "\r", "\n")
    everything = "".join(cells)  # looked through at once, not cell by cell
    if not (face.quote_all or lonely or any(mark in everything for mark in special)):
        return cells
    return [
        '"' + cell.replace('"', '""') + '"' if face.quote_all or (lonely and not cell) or any(mark in cell for mark in special) else cell
        for cell in cells
    ]
