import os
import subprocess
import sys
from pathlib import Path

import pytest

from journal import (
    Action,
    Candidate,
    Decided,
    Evaluated,
    Evaluation,
    Finished,
    Operator,
    Proposed,
    Run,
    RunFolderError,
    RunInfo,
    Settings,
    Solution,
    Started,
    Status,
    find_runs,
    open_run,
)

INFO = RunInfo(
    id="r1",
    competition="toy",
    competition_path="toy",
    metric="rmse",
    greater_is_better=False,
    target="y",
    settings=Settings(),
    engineer="recipes",
    isolation="local",
    folds=2,
    validation="plain",
)


def candidate(number: int, action: str, track: int = 1) -> Candidate:
    return Candidate(number=number, action=action, track=track, operator=Operator.DRAFT, title="a", digest="0")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run.create(tmp_path / "toy" / "r1", INFO)
    run.open_for_writing()
    return run


def test_what_is_appended_is_read_again_in_order(run: Run) -> None:
    run.append(Started(settings=Settings(seed=3)))
    run.append(Finished(chosen=7, score=0.5))
    again = open_run(run.folder)
    assert [type(line.entry) for line in again.lines] == [Started, Finished]
    assert again.settings.seed == 3
    assert again.finished is not None and again.finished.chosen == 7


def test_a_half_written_last_line_is_passed_over_and_cut_off_by_the_next_writer(run: Run) -> None:
    run.append(Started(settings=Settings()))
    run.close()
    path = run.folder / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:20])
    again = open_run(run.folder)
    assert len(again.lines) == 1
    again.open_for_writing()
    again.append(Finished(chosen=None, score=None))
    assert len(open_run(run.folder).lines) == 2


def test_a_reader_follows_a_run_that_goes_on(run: Run) -> None:
    reader = open_run(run.folder)
    run.append(Started(settings=Settings()))
    assert not reader.lines
    reader.refresh()
    assert len(reader.lines) == 1


def test_only_one_process_writes_a_run(run: Run) -> None:
    code = f"from journal import open_run\nopen_run({str(run.folder)!r}).open_for_writing()"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": "."})
    assert other.returncode != 0
    assert "another process is working on this run" in other.stderr


def test_the_tree_is_in_the_order_of_actions_not_of_events(run: Run) -> None:
    actions = tuple(Action(id=f"1.000{n}", track=1, operator=Operator.DRAFT, card=n) for n in (1, 2))
    run.append(Decided(actions=actions))
    for number in (2, 1):
        run.append(Proposed(action=f"1.000{number}", candidates=(candidate(1000 + number, f"1.000{number}"),)))
        run.append(Evaluated(candidate=1000 + number, evaluation=Evaluation(fidelity="search", folds=(), status=Status.OK, score=number)))
    tree = run.tree()
    assert [node.number for node in tree.nodes] == [1001, 1002]
    best = tree.best(tree.nodes)
    assert best is not None and best.number == 1001
    assert tree.closed == {"1.0001", "1.0002"}


def test_tracks_are_told_apart(run: Run) -> None:
    run.append(Decided(actions=(Action(id="2.0001", track=2, operator=Operator.DRAFT),)))
    run.append(Proposed(action="2.0001", candidates=(candidate(2001, "2.0001", 2),)))
    assert not run.tree().track(1).nodes
    assert len(run.tree().track(2).nodes) == 1


def test_of_equal_scores_the_older_one_is_best(run: Run) -> None:
    for number in (1001, 1002):
        run.append(Proposed(action=f"1.{number}", candidates=(candidate(number, f"1.{number}"),)))
        run.append(Evaluated(candidate=number, evaluation=Evaluation(fidelity="search", folds=(), status=Status.OK, score=1.0)))
    best = run.tree().best(run.tree().nodes)
    assert best is not None and best.number == 1001


def test_a_failed_candidate_is_never_best_whatever_its_score(run: Run) -> None:
    run.append(Proposed(action="1.0001", candidates=(candidate(1001, "1.0001"),)))
    run.append(Evaluated(candidate=1001, evaluation=Evaluation(fidelity="search", folds=(), status=Status.CRASHED, score=0.0)))
    assert run.tree().best(run.tree().nodes) is None


def test_solutions_lie_in_numbered_folders(run: Run) -> None:
    run.write_solution(candidate(7, "0.0001"), Solution.parse("# %% a\nx = 1"))
    assert (run.folder / "candidates" / "0007" / "solution.py").is_file()
    assert run.solution(7).titles == ("a",)


def test_a_folder_that_is_no_run_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="this is no run folder") as error:
        open_run(tmp_path)
    assert "\n" not in str(error.value)


def test_a_run_folder_is_not_made_where_a_file_stands(tmp_path: Path) -> None:
    (tmp_path / "toy").write_text("")
    with pytest.raises(RunFolderError, match="--runs-dir"):
        Run.create(tmp_path / "toy" / "r1", INFO)


def test_a_damaged_line_is_named(run: Run) -> None:
    (run.folder / "journal.jsonl").write_text('{"time": 1, "entry": {"kind": "nonsense"}}\n')
    with pytest.raises(RunFolderError, match="line 1"):
        open_run(run.folder)


def test_runs_are_found_and_broken_ones_passed_over(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "toy" / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{}")
    assert [found.info.id for found in find_runs(tmp_path)] == ["r1"]


def test_a_full_disk_is_one_line_and_leaves_a_journal_that_can_be_read(run: Run) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    run.append(Started(settings=Settings()))
    run._writer = Path("/dev/full").open("r+b", buffering=0)  # noqa: SIM115 - the run closes it
    with pytest.raises(RunFolderError, match=r"No space left.*resume"):
        run.append(Finished(chosen=None, score=None))
    assert len(open_run(run.folder).lines) == 1


def test_time_in_which_nobody_worked_is_not_counted(run: Run) -> None:
    run.append(Started(settings=Settings(), setup=2.0))
    run.append(Finished(chosen=None, score=None))
    run.append(Started(settings=Settings(), resumed=True, setup=3.0))
    run.append(Finished(chosen=None, score=None))
    times = [100.0, 110.0, 500.0, 505.0]
    run.lines = [line.model_copy(update={"time": time}) for line, time in zip(run.lines, times, strict=True)]
    assert run.seconds_used() == pytest.approx(2.0 + 10.0 + 3.0 + 5.0), "each process worked some seconds before its first line"


def test_a_run_is_held_as_long_as_a_process_writes_it(run: Run) -> None:
    assert open_run(run.folder).held
    run.close()
    assert not open_run(run.folder).held
