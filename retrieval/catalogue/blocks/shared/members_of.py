def members_of(place, pattern):
    """(what opens a member, key of a row -> name of its first member) of a folder or archive."""
    import zipfile

    folder = Path("input") / place
    archive = None if folder.is_dir() else zipfile.ZipFile(folder)
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")] if archive is None else archive.namelist()
    before, after = (re.escape(part).replace(r"\*", "[^/]*") for part in re.split(r"\{.+\}", pattern))
    found = [(match[1], name) for name in sorted(names, reverse=True) if (match := re.fullmatch(f"{before}(.+?){after}(?:(?<=/).+)?", name))]
    return (archive.open if archive else lambda name: open(folder / name, "rb")), dict(found)
