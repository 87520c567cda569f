"""The time of a run: a deadline for the tracks, a later one for the ensembling phase, the rest for the end."""

from dataclasses import dataclass, field
from time import monotonic

TRACKS_SHARE = 0.8
ENSEMBLE_SHARE = 0.93


@dataclass
class Clock:
    """`seconds`: wall-clock of the whole run, none for no bound; `used`: what earlier processes of the run have used of it."""

    seconds: float | None = None
    used: float = 0.0
    started: float = field(default_factory=monotonic)

    def elapsed(self) -> float:
        return self.used + monotonic() - self.started

    def seconds_left(self, track: int) -> float | None:
        """For a track, or (0) for the ensembling phase."""
        if self.seconds is None:
            return None
        return self.seconds * (TRACKS_SHARE if track else ENSEMBLE_SHARE) - self.elapsed()

    def seconds_left_in_all(self) -> float | None:
        return None if self.seconds is None else self.seconds - self.elapsed()
