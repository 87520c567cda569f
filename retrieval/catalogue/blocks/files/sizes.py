# name: sizes
# plan: I count the files of each row and add the logarithms of their sizes: how much was recorded, and how busy a compressed picture or sound is, tells something.
def sizes_of(place, pattern, table):
    import zipfile

    folder, column = Path("input") / place, re.search(r"\{(.+)\}", pattern)[1]
    if folder.is_dir():
        sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    else:
        sizes = {one.filename: one.file_size for one in zipfile.ZipFile(folder).infolist()}
    before, after = (re.escape(part).replace(r"\*", "[^/]*") for part in re.split(r"\{.+\}", pattern))
    found = [(match[1], size) for name, size in sizes.items() if (match := re.fullmatch(f"{before}(.+?){after}(?:(?<=/).+)?", name))]
    by_row = pd.DataFrame(found, columns=["key", "size"]).groupby("key")["size"].agg(["count", "sum", "max"])
    return np.log1p(by_row.reindex(table[column].astype(str)).fillna(0.0)).reset_index(drop=True)


sizes = pd.concat([sizes_of(*of, table) for of, table in zip(ROW_FILES, (train, test))], ignore_index=True)
data = pd.concat([data, sizes.add_prefix("files ")], axis=1)
