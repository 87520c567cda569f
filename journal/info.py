"""What a run is about: the file `run.json` of its folder."""

from pathlib import Path

from pydantic import Field, ValidationError

from journal.errors import RunFolderError
from journal.record import Record
from journal.records import ModelCard
from journal.settings import Settings

INFO = "run.json"


class RunInfo(Record):
    """run.json: what the run is about. Written once at the start; the journal says how it went."""

    id: str
    competition: str
    competition_path: str
    metric: str
    greater_is_better: bool
    target: str
    classes: tuple[str, ...] = ()
    settings: Settings
    cards: tuple[ModelCard, ...] = ()
    """The user's own model cards; a script given as a first candidate is the first."""
    engineer: str
    isolation: str
    """Name of the runner and its level."""
    folds: int
    validation: str
    """How rows are held out, and the evidence."""
    versions: dict[str, str] = Field(default_factory=dict)
    command: str = ""
    """The command line that started it."""


def read_info(folder: Path) -> RunInfo:
    """What run.json of a run folder says.

    Raises:
        RunFolderError: there is none, or it cannot be read.
    """
    try:
        return RunInfo.model_validate_json((folder / INFO).read_bytes())
    except FileNotFoundError as error:
        raise RunFolderError(folder, f"no {INFO}: this is no run folder", "see `mlestar runs`") from error
    except (OSError, ValidationError) as error:
        raise RunFolderError(folder / INFO, f"cannot be read: {error}", "was it written by another version?") from error
