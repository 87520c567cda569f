import io
import os
import re
import signal
from pathlib import Path

import pytest
from rich.console import Console

from journal import Studied, open_run
from mlestar.display import Display
from mlestar.interrupts import gentle_interrupts
from mlestar.summary import influences, print_summary, summary_json
from reports.text import score
from tests.mlestar.runs import begin, end, finished_run, search

CANDIDATE = re.compile(r"\[ *\d+:\d\d] +(\d+) ")
"""The beginning of a candidate's line: the time, its number."""


def plain() -> tuple[Console, io.StringIO]:
    file = io.StringIO()
    return Console(file=file, force_terminal=False, markup=False, highlight=False), file


def test_a_pipe_gets_one_line_an_event_and_no_control_codes(tmp_path: Path) -> None:
    console, file = plain()
    with Display(console) as display:
        run = begin(tmp_path)
        display.started(run.folder)
        search(run)
        end(run)
    text = file.getvalue()
    assert "\x1b" not in text and "\r" not in text
    lines = text.splitlines()
    assert lines[0].startswith("toy: rmse (smaller is better), 2 folds")
    assert [match[1] for match in map(CANDIDATE.match, lines) if match] == ["1001", "2001", "1002", "1003", "1"]
    assert lines[-1].endswith("ended: search complete")


def test_a_terminal_gets_a_status_that_is_gone_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    file = io.StringIO()
    with Display(Console(file=file, force_terminal=True, width=120)) as display:
        run = begin(tmp_path)
        display.started(run.folder)
        search(run)
    text = file.getvalue()
    assert f"best {score(1.6)} by 1, 0.4 better (20.0 %) than the first" in text
    assert "5 of 20 evaluations" in text
    assert text.rstrip().endswith("\x1b[2K") or "\x1b[?25h" in text[-200:]


def test_a_resumed_runs_old_events_are_not_told_again(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    console, file = plain()
    with Display(console) as display:
        display.started(run.folder)
        end(run)
    assert "LightGBM" not in file.getvalue()
    assert "ended: search complete" in file.getvalue()


def test_the_first_interrupt_asks_to_finish_and_the_second_aborts(tmp_path: Path) -> None:
    run = begin(tmp_path)
    console, file = plain()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), Display(console) as display, gentle_interrupts(display):
        display.started(run.folder)
        os.kill(os.getpid(), signal.SIGINT)
        assert run.finish_requested
        os.kill(os.getpid(), signal.SIGINT)
    assert "ending with the best so far (Ctrl-C again to abort)" in file.getvalue()
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_before_there_is_a_run_aborts() -> None:
    with pytest.raises(KeyboardInterrupt), gentle_interrupts(Display(plain()[0])):
        os.kill(os.getpid(), signal.SIGINT)


def test_the_summary_tells_scores_test_grade_influence_and_paths(tmp_path: Path) -> None:
    run = finished_run(tmp_path)
    console, file = plain()
    print_summary(run, console)
    text = file.getvalue()
    for part in (
        f"{score(2.0)} -> {score(1.6)}, 0.4 better (20.0 %) than the first solution",
        "rmse (test)",
        "1.7",
        "features (0.5)",
        "submission.csv",
        "1 failed",
    ):
        assert part in text


def test_a_block_without_an_effect_did_not_matter(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    study = run.tree().studies[0]
    idle = study.rows[0].model_copy(update={"block": "idle", "delta": 0.0})
    run.append(Studied(study=study.model_copy(update={"number": 2, "action": "1.0009", "rows": (idle,)})))
    assert influences(run) == [("features", 0.5)]


def test_the_summary_as_data_has_the_same_numbers(tmp_path: Path) -> None:
    run = open_run(finished_run(tmp_path).folder)
    data = summary_json(run)
    assert (data["first_score"], data["score"], data["grade"], data["failed"]) == (2.0, 1.6, 1.7, 1)
    assert data["influences"] == [{"block": "features", "effect": 0.5}]
    assert influences(run) == [("features", 0.5)]
    assert data["paths"]["submission"] == str(run.folder / "final" / "submission.csv")
