"""The time of a run: a deadline for the tracks, a later one for the ensembling phase, the rest for the end."""

import math
from dataclasses import dataclass, field
from time import monotonic

ENSEMBLING_SHARE, END_SHARE = 0.13, 0.07
KEPT_AT_MOST = 0.6


@dataclass
class Clock:
    """`seconds`: wall-clock of the whole run, none for no bound; `used`: what earlier processes of the run have used of it."""

    seconds: float | None = None
    used: float = 0.0
    started: float = field(default_factory=monotonic)
    ensembling_at_most: float = math.inf
    """Seconds that the ensembling phase has of a long run."""
    end_at_most: float = math.inf
    """Seconds that are left for the end of a long run, in which the submission is put in place."""
    kept: float = 0.0
    """Seconds at the end in which the answer is trained on all rows."""

    def keep(self, seconds: float) -> None:
        """Keep time for the end; none where it would be more than six tenths of the run: then there is no such training."""
        self.kept = seconds if self.seconds is not None and seconds <= KEPT_AT_MOST * self.seconds else 0.0

    def elapsed(self) -> float:
        return self.used + monotonic() - self.started

    def seconds_in_all(self, track: int) -> float | None:
        """Until when, from the start of the run, a track, or (0) the ensembling phase, may go on."""
        if self.seconds is None:
            return None
        ensembling = self.seconds - max(self.kept, min(END_SHARE * self.seconds, self.end_at_most))
        return ensembling - min(ENSEMBLING_SHARE * self.seconds, self.ensembling_at_most) if track else ensembling

    def seconds_left(self, track: int) -> float | None:
        """For a track, or (0) for the ensembling phase."""
        deadline = self.seconds_in_all(track)
        return None if deadline is None else deadline - self.elapsed()

    def seconds_left_in_all(self) -> float | None:
        return None if self.seconds is None else self.seconds - self.elapsed()
