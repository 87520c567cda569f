"""Live progress of a run: a thread that follows the journal, so that what is shown is what was recorded."""

import os
import threading
from pathlib import Path
from time import time
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from journal import Run, open_run
from mlestar.formats import format_gain
from mlestar.progress import Event, Progress
from reports import text

INTERVAL = 0.25
"""Seconds between two looks at the journal."""


class Display:
    """Prints one line an event; in a terminal a status stands below them. Use as a context manager around the run.

    `started` is to be called with the run's folder as soon as it exists; events from before the display began are told only with
    `from_the_start`.
    """

    def __init__(self, console: Console, from_the_start: bool = False) -> None:
        self.console = console
        self.run: Run | None = None
        self._began = 0.0 if from_the_start else time()
        self._notices: list[str] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        lively = console.is_terminal and not console.is_dumb_terminal and not os.environ.get("CI")
        self._live = Live(console=console, auto_refresh=False, transient=True) if lively else None

    def started(self, folder: Path) -> None:
        """Begin to follow the run."""
        self.run = open_run(folder)
        self._thread = threading.Thread(target=self._follow, args=(self.run,), name="display", daemon=True)
        self._thread.start()

    def notice(self, message: str) -> None:
        """Show a line soon; safe to be called from a signal handler, which must not print."""
        self._notices.append(message)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _follow(self, run: Run) -> None:
        progress = Progress(run.info, run.settings)
        self._print(Event(header(run), "bold"))
        if self._live is not None:
            self._live.start()
        try:
            told = 0
            while True:
                last_look = self._stop.is_set()
                run.refresh()
                told = self._tell(run, progress, told)
                if self._live is not None:
                    self._live.update(status(progress, time()), refresh=True)
                if last_look:
                    break
                self._stop.wait(INTERVAL)
        finally:
            if self._live is not None:
                self._live.stop()

    def _tell(self, run: Run, progress: Progress, told: int) -> int:
        """Print what the lines from `told` on say, then the notices; how many lines are told now."""
        for line in run.lines[told:]:
            for event in progress.feed(line):
                if line.time >= self._began:
                    self._print(Event(f"{clock(progress.used)}  {event.text}", event.style))
        while self._notices:
            self._print(Event(self._notices.pop(0), "yellow"))
        return len(run.lines)

    def _print(self, event: Event) -> None:
        self.console.print(Text(event.text, style=event.style), soft_wrap=True)


def header(run: Run) -> str:
    """The first line: what is worked on, and how."""
    info = run.info
    better = "greater" if info.greater_is_better else "smaller"
    name = f"{text.one_line(info.competition, 60)}: {info.metric} ({better} is better), {info.folds} folds"
    return f"{name}, engineer {info.engineer}, isolation {info.isolation.partition(':')[0]}; run {info.id}"


def status(progress: Progress, now: float) -> Group:
    """The lines that stand below the events: what is under way, the best so far, the budget."""
    doing = [Text(f"  … {line}", style="dim", no_wrap=True, overflow="ellipsis") for line in progress.doing(now)[:6]]
    summary = " | ".join((best_line(progress), counts_line(progress), *money_line(progress), budget_line(progress, now)))
    return Group(*doing, Text(summary, style="bold"))


def best_line(progress: Progress) -> str:
    """The best score, whose it is, and what was gained since the first."""
    score = progress.best_score
    if score is None or progress.best is None:
        return "no valid solution yet"
    first = progress.first
    improved = "" if first is None or first == score else f", {format_gain(first, score, progress.info.greater_is_better)} than the first"
    return f"best {text.score(score)} by {progress.best}{improved}"


def counts_line(progress: Progress) -> str:
    """Candidates that were evaluated, failures included."""
    return f"{progress.evaluated} evaluated, {progress.failed} failed"


def money_line(progress: Progress) -> tuple[str, ...]:
    """Tokens and cost of chat models so far, and their caps; nothing where none was asked."""
    if not progress.calls:
        return ()
    settings = progress.settings
    of_tokens = f" of {settings.max_tokens:,}" if settings.max_tokens else ""
    of_cost = f" of ${settings.max_cost:.2f}" if settings.max_cost else ""
    cost = "unknown cost" if progress.cost is None else f"${progress.cost:.2f}{of_cost}"
    return (f"{text.plural(progress.calls, 'call')}, {progress.tokens:,}{of_tokens} tokens, {cost}",)


def budget_line(progress: Progress, now: float) -> str:
    """Time and evaluations used, and how many there are, where the budget has an end."""
    settings = progress.settings
    of_time = f" of {text.duration(settings.seconds)}" if settings.seconds else ""
    of_evaluations = f", {progress.evaluated} of {settings.evaluations} evaluations" if settings.evaluations else ""
    return f"{text.duration(progress.seconds(now))}{of_time}{of_evaluations}"


def clock(seconds: float) -> str:
    """Time since the start as '[ 1:05]'."""
    return f"[{int(seconds) // 60:>3}:{int(seconds) % 60:02d}]"
