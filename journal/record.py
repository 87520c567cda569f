"""What every record of a run has in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A frozen value; unknown fields are an error, so that a misspelt one is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")
