def read_table(name):
    """Read a table by its ending; ids and labels stay text, exactly as they are written."""
    path = Path("input") / name
    kind = name.lower().removesuffix(".gz").removesuffix(".zip")
    as_text = [*ID_COLUMNS, *(TARGETS if CLASSES else [])]
    if kind.endswith((".parquet", ".json", ".jsonl", ".ndjson")):
        lines = not kind.endswith(".json")
        table = pd.read_parquet(path) if kind.endswith(".parquet") else pd.read_json(path, lines=lines, dtype=False, convert_dates=False)
        return table.map(lambda cell: str(cell) if isinstance(cell, (list, dict, np.ndarray)) else cell)
    header = " ".join(pd.read_csv(path, sep="\0", nrows=0, engine="python").columns)
    return pd.read_csv(path, sep=max(",\t;|", key=header.count), converters=dict.fromkeys(as_text, str), low_memory=False)
