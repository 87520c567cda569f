"""The commands that set things side by side, follow a run, or take its result away."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import pytest
from typer.testing import CliRunner, Result

from journal import Operator, Solution, open_run
from journal.entries import Proposed
from journal.records import Action, Candidate
from mlestar.cli import app
from mlestar.commands.export import notebook_of
from mlestar.errors import UserError
from mlestar.options import _complete_run
from tests.mlestar.runs import SCRIPT, begin, end, finished_run, search


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def other_script(root: Path) -> None:
    """Candidate 1003 of the run gets a script that differs in one block."""
    run = open_run(finished_run(root).folder)
    changed = SCRIPT.replace("features", "rows += 2\nprint('\x1b[31m')")
    run.write_solution(next(node.candidate for node in run.tree().nodes if node.number == 1003), changed)


def test_a_difference_is_told_by_block_with_the_gain(tmp_path: Path) -> None:
    other_script(tmp_path)
    text = invoke("diff", "last", "1001", "1003", "--runs-dir", str(tmp_path)).output
    assert "# %% features (changed)" in text and "- rows += 1" in text and "+ rows += 2" in text
    assert "load" not in text and "\x1b" not in text
    assert "gain +0.2 ± 0, better on 2 of 2 folds" in text
    data = json.loads(invoke("diff", "last", "1001", "1003", "--json", "--runs-dir", str(tmp_path)).output)
    assert data["delta"] == pytest.approx(0.2) and [block["block"] for block in data["blocks"]] == ["features"]


def test_equal_scripts_and_failed_candidates_have_a_difference_too(tmp_path: Path) -> None:
    finished_run(tmp_path)
    text = invoke("diff", "last", "1001", "2001", "--runs-dir", str(tmp_path)).output
    assert "the scripts are the same" in text and "gain" not in text


def test_runs_on_the_same_folds_are_compared_and_others_are_not(tmp_path: Path) -> None:
    finished_run(tmp_path, "r1")
    finished_run(tmp_path, "r2")
    finished_run(tmp_path, "r3", competition="other")
    rows = json.loads(invoke("compare", "r1", "r2", "r3", "--json", "--runs-dir", str(tmp_path)).output)
    assert [(row["delta"], row["why_not"]) for row in rows] == [(0.0, ""), (0.0, ""), (None, "other competition")]
    text = invoke("compare", "r1", "r3", "--runs-dir", str(tmp_path)).output
    assert "other competition" in text and "1.6000" in text


def test_one_run_alone_is_not_compared(tmp_path: Path) -> None:
    finished_run(tmp_path, "r1")
    with pytest.raises(UserError, match="two runs or more"):
        invoke("compare", "r1", "--runs-dir", str(tmp_path))


def test_runs_are_filtered_and_sorted(tmp_path: Path) -> None:
    begin(tmp_path, "r0").close()
    finished_run(tmp_path, "r1")
    finished_run(tmp_path, "r2", competition="other")

    def ids(*options: str) -> list[str]:
        return [row["id"] for row in json.loads(invoke("runs", "--json", "--runs-dir", str(tmp_path), *options).output)]

    assert ids("--competition", "other") == ["r2"]
    assert ids("--state", "interrupted") == ["r0"]
    assert ids("--sort", "score")[-1] == "r0"
    with pytest.raises(UserError, match="--sort"):
        ids("--sort", "beauty")
    with pytest.raises(UserError, match="--state"):
        ids("--state", "tired")


def test_a_run_of_another_process_is_followed_to_its_end(tmp_path: Path) -> None:
    run = begin(tmp_path)

    def work() -> None:
        sleep(0.4)
        search(run)
        sleep(0.4)
        end(run)

    worker = Thread(target=work)
    worker.start()
    text = invoke("watch", "last", "--runs-dir", str(tmp_path)).output
    worker.join()
    assert text.index("LightGBM") < text.index("ended: search complete") < text.index("submission.csv")
    assert "\x1b" not in text


def test_watching_a_run_that_nobody_works_on_ends_at_once(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    run.close()
    text = invoke("watch", "last", "--runs-dir", str(tmp_path)).output
    assert "The run was interrupted" in text
    lines = invoke("watch", "last", "--json", "--runs-dir", str(tmp_path)).output.splitlines()
    assert [json.loads(line)["entry"]["kind"] for line in lines] == [line.entry.kind for line in run.lines]


def test_the_submission_and_the_scripts_are_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLESTAR_RUNS", str(tmp_path / "runs"))
    assert invoke("export", "last", "--submission").output.strip() == "toy.csv"
    assert Path("toy.csv").read_text() == (run.folder / "final" / "submission.csv").read_text()
    assert invoke("export", "last", "--script", "--candidate", "1003").output.strip() == "toy-1003.py"
    assert Solution.parse(Path("toy-1003.py").read_text()) == SCRIPT


def test_nothing_is_written_over_or_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished_run(tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLESTAR_RUNS", str(tmp_path / "runs"))
    Path("toy.csv").write_text("mine")
    for arguments, says in (
        (("--submission",), "is there already"),
        (("--script",), "has no final/solution.py"),
        ((), "give one of"),
        (("--submission", "--candidate", "1003"), "--candidate"),
        (("--script", "--candidate", "7"), "no candidate 7"),
    ):
        with pytest.raises(UserError, match=says):
            invoke("export", "last", *arguments)
    assert Path("toy.csv").read_text() == "mine"
    told = json.loads(invoke("export", "last", "--submission", "--force", "--json").output)
    assert (told["kind"], told["path"]) == ("submission", str(tmp_path / "toy.csv"))
    assert Path("toy.csv").read_text() != "mine"


def test_a_notebook_does_what_its_script_does(tmp_path: Path) -> None:
    code = "import argparse\n# %% a\nx = 1\n\n# %% b\nargparse.ArgumentParser().parse_args()\nprint(x + 1)\n"
    notebook = notebook_of(code)
    assert [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown"] == ["## arguments", "## head", "## a", "## b"]
    script = "\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code")
    done = subprocess.run([sys.executable, "-c", script, "-f", "kernel.json"], capture_output=True, text=True, check=True)
    assert done.stdout == "2\n"


def test_the_shell_completes_ids_of_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished_run(tmp_path, "20260101-a")
    finished_run(tmp_path, "20270101-b")
    monkeypatch.setenv("MLESTAR_RUNS", str(tmp_path))
    assert _complete_run("2026") == ["20260101-a"]
    environment = {**os.environ, "_MLESTAR_COMPLETE": "complete_bash", "COMP_WORDS": "mlestar show 2027", "COMP_CWORD": "2"}
    code = "from mlestar.cli import app; app(prog_name='mlestar')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["20270101-b"]


def test_the_way_to_the_answer_is_shown(tmp_path: Path) -> None:
    finished_run(tmp_path)
    assert "1001 draft -> 1003 refine -> 0001 ensemble" in invoke("show", "last", "--runs-dir", str(tmp_path)).output
    assert json.loads(invoke("show", "last", "--json", "--runs-dir", str(tmp_path)).output)["path"] == [1001, 1003, 1]


def test_a_candidate_may_be_its_own_ancestor_in_a_damaged_journal(tmp_path: Path) -> None:
    run = begin(tmp_path)
    action = Action(id="1.0001", track=1, operator=Operator.DRAFT)
    made = Candidate(number=1001, action=action.id, track=1, operator=action.operator, parents=(1001,), title="a", digest="0")
    run.write_solution(made, SCRIPT)
    run.append(Proposed(action=action.id, candidates=(made,)))
    assert invoke("show", "last", "--runs-dir", str(tmp_path)).exit_code == 0


@pytest.mark.slow
def test_a_resize_and_an_interrupt_leave_the_terminal_clean_and_the_run_alone(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-m", "mlestar", "watch", "last", "--runs-dir", str(tmp_path)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**environment, "TERM": "xterm-256color", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    os.close(theirs)
    seen = read_until(ours, "5 of 20 evaluations")
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 10, 40, 0, 0))
    process.send_signal(signal.SIGWINCH)
    seen += read_until(ours, "evaluations")
    process.send_signal(signal.SIGINT)
    seen += read_until(ours, "mlestar finish")
    assert process.wait(20) == 0
    os.close(ours)
    assert "the run goes on" in seen
    assert seen.rindex("\x1b[?25h") > seen.rindex("\x1b[?25l")  # the cursor is shown again
    assert not run.finish_requested


def read_until(terminal: int, text: str) -> str:
    """What a terminal shows until a text comes, for half a minute at most."""
    seen, deadline = "", monotonic() + 30
    while text not in seen and monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65_536).decode(errors="replace")
            except OSError:  # Linux: the other side is closed
                break
    assert text in seen
    return seen
