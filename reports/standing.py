"""Where a graded answer stands among the teams of the competition's leaderboard, where there is one."""

from pathlib import Path
from typing import Literal

import pandas as pd
from pydantic import Field

from competitions import Competition, CompetitionError, load_competition, medal_thresholds
from journal import Record, Run


class Standing(Record):
    """A test score among the leaderboard's; by MLE-bench's rule the answer takes no place of its own."""

    rank: int = Field(description="1 + teams with a strictly better score")
    teams: int
    medal: Literal["gold", "silver", "bronze"] | None
    above_median: bool


def competition_of(run: Run) -> Competition | None:
    """The competition that the run worked on, if it still lies where it lay."""
    try:
        return load_competition(Path(run.info.competition_path))
    except (CompetitionError, OSError):
        return None


def standing(run: Run, competition: Competition | None) -> Standing | None:
    """Rank and medal of the final test score; none where the run has no such score, or the competition no leaderboard."""
    grade = run.finished.grade if run.finished else None
    if grade is None or competition is None or competition.leaderboard is None:
        return None
    scores = pd.read_csv(competition.leaderboard)["score"]
    sign = 1.0 if run.info.greater_is_better else -1.0
    limits = medal_thresholds(competition.leaderboard)
    reached = [medal for medal in ("gold", "silver", "bronze") if sign * grade >= sign * limits[medal]]
    return Standing(
        rank=1 + int((sign * scores > sign * grade).sum()),
        teams=len(scores),
        medal=reached[0] if reached else None,
        above_median=sign * grade > sign * limits["median"],
    )
