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

    def seconds_in_all(self, track: int) -> float | None:
        """Until when, from the start of the run, a track, or (0) the ensembling phase, may go on."""
        return None if self.seconds is None else self.seconds * (TRACKS_SHARE if track else ENSEMBLE_SHARE)

    def seconds_left(self, track: int) -> float | None:
        """For a track, or (0) for the ensembling phase."""
        deadline = self.seconds_in_all(track)
        return None if deadline is None else deadline - self.elapsed()

    def seconds_left_in_all(self) -> float | None:
        return None if self.seconds is None else self.seconds - self.elapsed()
