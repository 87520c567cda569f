import json
import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from typer.testing import CliRunner, Result

from journal import Settings
from mlestar.cli import app, main
from reports.text import score
from tests.mlestar.runs import begin, end, finished_run, search

ROOT = Path(__file__).parents[2]


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The real thing: another process, its output in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "mlestar", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)


def refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Standard error of a command that must end with 2 and one line."""
    monkeypatch.setattr(sys, "argv", ["mlestar", *arguments])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("mlestar: ") and error.count("\n") == 1
    return error


def test_help_comes_at_once_and_loads_nothing_heavy() -> None:
    times = []
    for _ in range(3):
        began = perf_counter()
        assert command("--help").returncode == 0
        times.append(perf_counter() - began)
    assert min(times) < 0.5
    code = "import sys, mlestar, mlestar.cli; print({'pandas', 'sklearn', 'prefect', 'langgraph', 'pydantic'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout.strip() == "set()"


def test_the_help_of_run_names_the_defaults_of_the_settings() -> None:
    text = " ".join(invoke("run", "--help").output.replace("│", " ").split())
    settings = Settings()
    for option in (
        "seed",
        "tracks",
        "models",
        "outer_steps",
        "inner_steps",
        "ensemble_rounds",
        "debug_rounds",
        "search_rows",
        "policy",
        "threads",
    ):
        described = text.split(f"--{option.replace('_', '-')} ", 1)[1].split("--", 1)[0]
        assert f"(default: {getattr(settings, option)})" in described, option


def test_every_setting_of_a_run_can_be_given_on_the_command_line() -> None:
    text = invoke("run", "--help").output
    named = {"seconds": "time", "script_seconds": "script-time", "answer_seconds": "answer-time", "exclude_domains": "exclude-domain"}
    named |= {"recipes": "no-recipes", "data_samples": "no-data-samples", "store": "no-store", "policy_options": "policy-option"}
    for field in Settings.model_fields:
        assert f"--{named.get(field, field.replace('_', '-'))} " in text, field


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("run", "no-such-folder"), "no folder 'no-such-folder'"),
        (("run", "digits", "--time", "soon"), "--time: 'soon'"),
        (("run", "digits", "--tracks", "0"), "--tracks: 0"),
        (("run", "digits", "--script-memory", "0"), "--script-memory: 0"),
        (("run", "digits", "--start", "no-such.py"), "--start: 'no-such.py' cannot be read"),
        (("run", "digits", "--cards", "no-such-folder"), "--cards: there is no folder 'no-such-folder'"),
        (("run", "digits", "--data", "no-such-folder"), "--data: there is no folder 'no-such-folder'"),
        (("demo", "--example", "mnist"), "--example: there is no example 'mnist'"),
        (("resume", "last"), "there are no runs"),
        (("show", "last"), "there are no runs"),
        (("grade", "digits", "no-such.csv"), "no file 'no-such.csv'"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing_behind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert says in refused(capsys, monkeypatch, *arguments)
    assert not list(tmp_path.iterdir())


def test_a_start_script_that_does_not_parse_is_refused_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "mine.py"
    script.write_text("a = 1\nb = (\n")
    assert "line 2" in refused(capsys, monkeypatch, "run", "digits", "--start", str(script))


@pytest.mark.parametrize("count", ["0", "-3", "many", "+", "1.5"])
def test_more_evaluations_must_be_a_whole_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, count: str
) -> None:
    finished_run(tmp_path)
    assert "--evaluations" in refused(capsys, monkeypatch, "resume", "last", f"--evaluations={count}", "--runs-dir", str(tmp_path))


def test_a_broken_run_folder_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(tmp_path)
    (run.folder / "run.json").write_text("{")
    assert "run.json" in refused(capsys, monkeypatch, "show", "last", "--runs-dir", str(tmp_path))


def test_a_bug_shows_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("mlestar.places.run_folder", bug)
    monkeypatch.setattr(sys, "argv", ["mlestar", "show", "last"])
    with pytest.raises(ValueError, match="a bug"):
        main()


def test_runs_lists_what_there_is_with_state_and_scores(tmp_path: Path) -> None:
    finished_run(tmp_path, "r1", "toy")
    begin(tmp_path, "r2", "other").close()
    text = invoke("runs", "--runs-dir", str(tmp_path)).output
    assert [words[:3] for words in map(str.split, text.splitlines()) if words and words[0] in {"r1", "r2"}] == [
        ["r1", "toy", "finished"],
        ["r2", "other", "interrupted"],
    ]
    rows = json.loads(invoke("runs", "--json", "--runs-dir", str(tmp_path)).output)
    assert [(row["id"], row["state"], row["score"], row["grade"]) for row in rows] == [
        ("r1", "finished", 1.6, 1.7),
        ("r2", "interrupted", None, None),
    ]


def test_no_runs_yet_is_no_error(tmp_path: Path) -> None:
    assert "mlestar demo" in invoke("runs", "--runs-dir", str(tmp_path)).output
    assert json.loads(invoke("runs", "--json", "--runs-dir", str(tmp_path)).output) == []


def test_show_lists_the_candidates_best_first(tmp_path: Path) -> None:
    finished_run(tmp_path)
    text = invoke("show", "last", "--runs-dir", str(tmp_path)).output
    assert f"{score(2.0)} -> {score(1.6)}" in text
    numbers = [line.split()[0] for line in text.splitlines() if line.split() and line.split()[0] in {"1", "1001", "1002", "1003", "2001"}]
    assert numbers == ["1", "1003", "1001", "1002", "2001"]
    assert "\x1b" not in text


def test_show_as_json_has_the_summary_and_every_candidate(tmp_path: Path) -> None:
    finished_run(tmp_path)
    data = json.loads(invoke("show", "last", "--json", "--runs-dir", str(tmp_path)).output)
    assert data["score"] == 1.6
    assert [row["candidate"] for row in data["table"]] == [1, 1003, 1001, 1002, 2001]


def test_show_of_a_candidate_has_its_plan_scores_error_and_script(tmp_path: Path) -> None:
    finished_run(tmp_path)
    text = invoke("show", "last", "2001", "--runs-dir", str(tmp_path)).output
    assert "crashed" in text and "ValueError: no\nsuch column" in text and "# %% features" in text
    assert "\x1b" not in text
    data = json.loads(invoke("show", "last", "1003", "--json", "--runs-dir", str(tmp_path)).output)
    assert data["evaluation"]["score"] == 1.8 and data["code"].startswith("# %% load")


def test_a_candidate_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    finished_run(tmp_path)
    assert "no candidate 7" in refused(capsys, monkeypatch, "show", "last", "7", "--runs-dir", str(tmp_path))


def test_the_ablation_studies_are_printed_as_markdown_or_json(tmp_path: Path) -> None:
    finished_run(tmp_path)
    assert "| features |" in invoke("ablation", "last", "--runs-dir", str(tmp_path)).output
    assert len(json.loads(invoke("ablation", "last", "--json", "--runs-dir", str(tmp_path)).output)) == 1


def test_a_study_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    finished_run(tmp_path)
    assert "there are: 1" in refused(capsys, monkeypatch, "ablation", "last", "--study", "3", "--runs-dir", str(tmp_path))


def test_the_report_is_written_into_the_run_folder(tmp_path: Path) -> None:
    run = finished_run(tmp_path)
    assert invoke("report", "last", "--runs-dir", str(tmp_path)).output.strip() == str(run.folder / "report.html")
    assert "<html" in (run.folder / "report.html").read_text()


def test_finish_asks_a_running_run_to_end(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    assert invoke("finish", "last", "--runs-dir", str(tmp_path)).exit_code == 0
    assert run.finish_requested


def test_finish_leaves_runs_alone_that_nobody_works_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(tmp_path)
    run.close()
    assert "mlestar resume" in refused(capsys, monkeypatch, "finish", "last", "--runs-dir", str(tmp_path))
    run.open_for_writing()
    end(run)
    assert "has ended already" in refused(capsys, monkeypatch, "finish", "last", "--runs-dir", str(tmp_path))
    assert not run.finish_requested


def test_the_runs_folder_can_be_set_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finished_run(tmp_path, "r1")
    monkeypatch.setenv("MLESTAR_RUNS", str(tmp_path))
    assert "r1" in invoke("runs").output


def test_grade_scores_a_submission_and_fails_for_an_invalid_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    from mlestar.places import competition_folder

    sample = competition_folder("diabetes") / "prepared" / "public" / "sample_submission.csv"
    good = invoke("grade", "diabetes", str(sample), "--json")
    assert good.exit_code == 0 and json.loads(good.output)["score"] > 0
    bad = tmp_path / "bad.csv"
    bad.write_text("".join(sample.read_text().splitlines(keepends=True)[:-1]))
    result = invoke("grade", "diabetes", str(bad))
    assert result.exit_code == 1 and "error" in result.output


def test_the_contract_names_the_files_the_target_and_the_limits_of_a_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    text = invoke("contract", "breast-cancer", "--script-time", "90s").output
    for part in ("input/train.csv", "`diagnosis`", "submission.csv", "after 90 seconds", "8.0 GiB"):
        assert part in text


def test_the_examples_are_listed() -> None:
    assert {line.split()[0] for line in invoke("examples").output.splitlines()} >= {
        "digits",
        "diabetes",
        "breast-cancer",
        "wine-recognition",
    }


def test_a_pipe_gets_no_control_codes(tmp_path: Path) -> None:
    finished_run(tmp_path)
    for arguments in (("runs",), ("show", "last"), ("show", "last", "2001"), ("ablation", "last")):
        done = command(*arguments, MLESTAR_RUNS=str(tmp_path))
        assert done.returncode == 0 and done.stdout and not done.stderr
        assert "\x1b" not in done.stdout and "\r" not in done.stdout


def test_the_version_is_the_packages() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        expected = version("mlestar")
    except PackageNotFoundError:
        pytest.skip("mlestar is not installed, but run from its folder")
    assert invoke("--version").output.strip() == f"mlestar {expected}"
