"""Where things lie: run folders by name, competitions by folder or by the name of a bundled example."""

import hashlib
from pathlib import Path

from mlestar.errors import UserError

RUN_INFO = "run.json"


def competition_folder(name: str) -> Path:
    """The folder (or competition.yaml) of a competition: `name` itself, or the bundled example of that name, made on its first use.

    Raises:
        UserError: neither exists.
    """
    folder = Path(name).expanduser()
    if folder.exists():
        return folder
    from competitions import EXAMPLES

    if name in EXAMPLES:
        return example_folder(name)
    raise UserError(f"competition: there is no folder {name!r} and no such example — the examples are {', '.join(EXAMPLES)}")


def example_folder(name: str) -> Path:
    """A bundled example as a folder in the user's data folder; whole or not there, also after a crash."""
    from platformdirs import user_data_path

    from competitions import make_example

    place = user_data_path("mlestar") / "competitions"
    if (place / name).is_dir():
        return place / name
    try:
        return make_example(name, place)
    except OSError as error:
        if (place / name).is_dir():  # another process was first
            return place / name
        raise UserError(
            f"{place}: the example cannot be written: {error.strerror or error} — set XDG_DATA_HOME to a writable folder"
        ) from error


def competition_with_data(competition: Path, data: Path, runs_dir: Path) -> Path:
    """A competition.yaml, kept beside the competition's runs, that points to a data folder elsewhere; a resumed run finds it again.

    Raises:
        CompetitionError: the data cannot be used.
    """
    from competitions import load_competition, write_competition_yaml

    loaded = load_competition(competition, data)
    name = hashlib.sha256(f"{competition.resolve()}\n{data.resolve()}".encode()).hexdigest()[:8]
    path = runs_dir / loaded.id / f"competition-{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_competition_yaml(loaded, path)


def run_folder(name: str, runs_dir: Path) -> Path:
    """The run folder that is meant by a path, 'last', an id, or the beginning of one.

    Raises:
        UserError: there is none, or there are several.
    """
    if (Path(name) / RUN_INFO).is_file():
        return Path(name)
    found = sorted((path.parent for path in runs_dir.glob(f"*/*/{RUN_INFO}")), key=lambda folder: (folder / RUN_INFO).stat().st_mtime)
    if not found:
        raise UserError(f"run: there are no runs in {str(runs_dir)!r} — start one with `mlestar run`, or give --runs-dir")
    if name == "last":
        return found[-1]
    names = {folder: (folder.name, f"{folder.parent.name}/{folder.name}") for folder in found}
    matching = [folder for folder in found if name in names[folder]]
    matching = matching or [folder for folder in found if name and any(each.startswith(name) for each in names[folder])]
    if not matching:
        raise UserError(f"run: no run in {str(runs_dir)!r} is called {name!r} — see `mlestar runs`, or give a path")
    if len(matching) > 1:
        some = ", ".join(names[folder][1] for folder in matching[-5:])
        raise UserError(f"run: {name!r} fits {len(matching)} runs ({some}) — write more of the name")
    return matching[0]
