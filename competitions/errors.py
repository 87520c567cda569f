"""What is wrong with a competition's files, said in one line."""

from pathlib import Path


class CompetitionError(ValueError):
    """A competition cannot be used as it is given. The message names the file, the field, the value and the remedy."""

    def __init__(self, file: Path | str, field: str | None, value: object, remedy: str) -> None:
        """`field`: a column or a key of competition.yaml; none where the whole file is meant."""
        self.file, self.field, self.value, self.remedy = str(file), field, value, remedy
        where = f"{file}: field {field!r}" if field else str(file)
        super().__init__(f"{where}: {value} — {remedy}")


class Ambiguity(CompetitionError):
    """The files allow more than one reading, which would change what is predicted or held out: a person must say which is meant."""
