"""JSON records as tables of text, so that every cell can be written back as it was.

Imports the standard library and pandas only, because generated scripts carry this module's source with them.
"""

import json
from typing import Any

import pandas as pd

RECORDS = ("json", "jsonl")
TEXT, VALUE, MIXED = "text", "value", "mixed"


class RawNumber(float):
    """A number of a JSON file with its very digits."""

    def __new__(cls, text: str) -> "RawNumber":
        number = super().__new__(cls, text)
        number.digits = text
        return number

    digits: str


def parse_records(text: str) -> "tuple[list[dict[str, Any]], str]":
    """The records of a JSON file and how they lie in it: 'json', one list of them, or 'jsonl', one a line.

    Raises:
        ValueError: neither.
    """

    def load(source: str) -> Any:
        return json.loads(source, parse_float=RawNumber, parse_int=RawNumber)

    if text.lstrip().startswith("["):
        records, kind = load(text), "json"
    else:
        records, kind = [load(line) for line in text.split("\n") if line.strip()], "jsonl"
    if not records or not all(isinstance(record, dict) for record in records):
        raise ValueError("no list of records, and no record a line")
    return records, kind


def records_table(records: "list[dict[str, Any]]") -> "tuple[pd.DataFrame, tuple[tuple[str, str, bool], ...]]":
    """Cells of text, and for each column (name, kind, whether records lack it).

    Kind 'text': all cells are strings, as they are. 'value': no cell is one; cells are JSON, null is the empty text. 'mixed': the same,
    strings being in quotes.
    """
    names = list(dict.fromkeys(name for record in records for name in record))
    kinds = []
    columns = {}
    for name in names:
        cells = [record.get(name) for record in records]
        strings = sum(isinstance(cell, str) for cell in cells)
        kind = TEXT if strings == len(cells) else MIXED if strings else VALUE
        kinds.append((name, kind, any(name not in record for record in records)))
        columns[name] = [cell if kind == TEXT else "" if cell is None else dump(cell) for cell in cells]
    return pd.DataFrame(columns, columns=pd.Index(names, dtype=str), dtype=str), tuple(kinds)


def dump(value: Any) -> str:
    """A value as JSON, its numbers with their own digits."""
    if isinstance(value, RawNumber):
        return value.digits
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=False)}: {dump(cell)}" for key, cell in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def render_records(frame: pd.DataFrame, kind: str, kinds: "tuple[tuple[str, str, bool], ...]") -> str:
    """The file's text; a column that is not among `kinds` holds strings."""
    known = {name: (cell_kind, absent) for name, cell_kind, absent in kinds}
    lines = []
    names = [str(name) for name in frame.columns]
    for row in frame.itertuples(index=False, name=None):
        parts = []
        for name, cell in zip(names, row, strict=True):
            cell_kind, absent = known.get(name, (TEXT, False))
            if not (cell == "" and absent and cell_kind != TEXT):
                value = json.dumps(cell, ensure_ascii=False) if cell_kind == TEXT else cell or "null"
                parts.append(f"{json.dumps(name, ensure_ascii=False)}: {value}")
        lines.append("{" + ", ".join(parts) + "}")
    return "[\n" + ",\n".join(lines) + "\n]\n" if kind == "json" else "\n".join(lines) + "\n"
