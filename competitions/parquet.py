"""Parquet files as tables of text, so that every cell can be written back with its type.

Imports pandas and pyarrow only, because a generated script that needs it carries this module's source with it.
"""

import base64
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq


def parquet_table(content: bytes) -> "tuple[pd.DataFrame, str]":
    """Cells of text (null is the empty text, lists and structs are JSON) and the schema, as ASCII."""
    table = pq.read_table(pa.BufferReader(content))
    columns = {}
    for field in table.schema:
        cells = table.column(field.name)
        if pa.types.is_nested(field.type):
            texts = [None if cell is None else json.dumps(cell, default=str, ensure_ascii=False) for cell in cells.to_pylist()]
        else:
            values = cells.cast(field.type.value_type) if pa.types.is_dictionary(field.type) else cells
            texts = values.cast(pa.string()).to_pylist()
        columns[str(field.name)] = ["" if text is None else text for text in texts]
    return pd.DataFrame(columns, dtype=str), base64.b64encode(table.schema.serialize().to_pybytes()).decode("ascii")


def render_parquet(frame: pd.DataFrame, schema: str) -> bytes:
    """The file's content, with the types of the schema; a column that it lacks holds text."""
    given = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(schema)))
    types = {field.name: field.type for field in given}
    arrays = {}
    for position, name in enumerate(map(str, frame.columns)):
        kind = types.get(name, pa.string())
        is_text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        cells = [text if text != "" else None for text in frame.iloc[:, position].tolist()]
        if pa.types.is_nested(kind):
            arrays[name] = pa.array([None if cell is None else json.loads(cell) for cell in cells], kind)
        elif is_text and None not in cells:
            arrays[name] = pa.array(cells, kind)
        else:
            plain = kind.value_type if pa.types.is_dictionary(kind) else kind
            arrays[name] = pa.array(cells, pa.string()).cast(plain)
            arrays[name] = arrays[name].dictionary_encode() if pa.types.is_dictionary(kind) else arrays[name]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays).replace_schema_metadata(given.metadata), sink)
    return bytes(sink.getvalue().to_pybytes())
