"""What lies beside a competition's data and is for the harness alone: private answers, the leaderboard, competition.py."""

from functools import cached_property
from pathlib import Path

from competitions.custom import SCRIPT, Custom, read_custom
from competitions.declaration import Declaration
from competitions.errors import CompetitionError
from competitions.sources import YAML, header_of


class Beside:
    """The files that a competition's declaration names, or that are found by their names."""

    def __init__(self, root: Path, declared: Declaration) -> None:
        """`root`: the folder of competition.yaml.

        Raises:
            CompetitionError: a declared file is not there.
        """
        self._root = root
        self._declared_answers = self._declared(declared.answers, "answers")
        self.leaderboard = self._declared(declared.leaderboard, "leaderboard") or _existing(root / "leaderboard.csv")
        self.script = self._declared(declared.script, "script") or _existing(root / SCRIPT)

    @property
    def paths(self) -> tuple[Path, ...]:
        """What no view may hold, wherever it lies."""
        return tuple(path.resolve() for path in (self._declared_answers, self.leaderboard, self.script) if path is not None)

    @cached_property
    def custom(self) -> Custom | None:
        """What the script defines."""
        return None if self.script is None else read_custom(self.script)

    def answers(self, prediction: tuple[str, ...]) -> Path | None:
        """As declared, or MLE-bench's private answers: the first table that has the prediction columns, else the only one."""
        if self._declared_answers is not None:
            return self._declared_answers
        paths = sorted((self._root / "prepared" / "private").glob("*.csv"))
        return next((path for path in paths if set(prediction) <= set(header_of(path))), paths[0] if len(paths) == 1 else None)

    def _declared(self, path: Path | None, field: str) -> Path | None:
        if path is not None and not (self._root / path).is_file():
            raise CompetitionError(self._root / YAML, field, str(path), "there is no such file")
        return (self._root / path).resolve() if path is not None else None


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None
