"""What can be wrong with a run folder."""

from pathlib import Path


class RunFolderError(ValueError):
    """A run folder cannot be made, read or written; one line with the place, what is wrong and the remedy."""

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path}: {problem} — {remedy}")
