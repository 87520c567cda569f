"""The final script: standalone, readable, and exactly what the search submitted."""

import ast
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions import Predictions, average_predictions, submission, write_submission
from competitions.views import folder_fingerprint
from ensembles import STRATEGIES, DriverError, StackingViews, render_strategy, write_driver
from ensembles.driver import script_literal
from ensembles.embed import embed, imported_packages
from journal import Solution


def ensemble_code(name, case, stacking):
    return render_strategy(next(one for one in STRATEGIES if one.name == name), case.brief, stacking.prefixes)


def run_driver(driver: Path, data: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Run the script in an empty folder, with nothing of this project on the path."""
    place.mkdir()
    command = [sys.executable, "-I", str(driver), "--data", str(data), "--output", "answer.csv"]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def assert_same(driver: Path, case, predictions, place: Path) -> None:
    """The script writes, byte for byte, the submission of these predictions."""
    expected = write_submission(case.views.competition, predictions, place / "expected.csv")
    done = run_driver(driver, case.views.competition.folder, place / "alone")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert (place / "alone" / "answer.csv").read_bytes() == expected.read_bytes()


@pytest.mark.parametrize(
    ("name", "folds", "strategy"),
    [
        ("breast-cancer", 2, "rank mean"),
        pytest.param("wine-recognition", 2, "stacked logistic regression", marks=pytest.mark.slow),
        pytest.param("diabetes", 2, "greedy selection", marks=pytest.mark.slow),
        pytest.param("digits", 2, "optimised weights", marks=pytest.mark.slow),
        pytest.param("digits", 1, "mean", marks=pytest.mark.slow),
    ],
)
def test_an_ensemble_is_made_again_exactly(name, folds, strategy, case_of, tmp_path):
    case = case_of(name, folds)
    stacking = StackingViews(case.views, case.members, tmp_path / "stack")
    code = ensemble_code(strategy, case, stacking)
    blends = [case.run(code, stacking, stacking.view("search", fold), tmp_path / f"run-{fold}").test for fold in range(stacking.folds)]
    driver = write_driver(tmp_path / "solution.py", case.views, case.scripts, code)
    assert_same(driver, case, average_predictions(case.views.competition, blends), tmp_path)


def test_a_single_member_is_made_again_exactly(case_of, tmp_path):
    case = case_of("digits")
    driver = write_driver(tmp_path / "solution.py", case.views, case.scripts[:1])
    fold_models = [fold.test for fold in case.members[0].folds]
    assert_same(driver, case, average_predictions(case.views.competition, fold_models), tmp_path)


def test_a_single_member_refitted_on_all_rows_is_made_again_exactly(case_of, tmp_path):
    case = case_of("diabetes", 1, final=True)
    driver = write_driver(tmp_path / "solution.py", case.views, case.scripts[1:2], refit="search")
    assert_same(driver, case, case.members[1].final.test, tmp_path)


@pytest.mark.slow
def test_an_ensemble_of_refitted_members_is_made_again_exactly(case_of, tmp_path):
    case = case_of("diabetes", 1, final=True)
    stacking = StackingViews(case.views, case.members, tmp_path / "stack")
    code = ensemble_code("least-squares weights", case, stacking)
    blend = case.run(code, stacking, stacking.view("search", None), tmp_path / "run").test
    driver = write_driver(tmp_path / "solution.py", case.views, case.scripts, code, refit="search")
    assert_same(driver, case, blend, tmp_path)


@pytest.mark.parametrize("name", ["breast-cancer", "diabetes"])
def test_the_script_builds_the_very_files_of_the_search(name, case_of, tmp_path):
    case = case_of(name)
    stacking = StackingViews(case.views, case.members, tmp_path / "stack")
    script = runpy.run_path(str(write_driver(tmp_path / "solution.py", case.views, case.scripts, ensemble_code("mean", case, stacking))))
    script["COMPETITION"].folder = case.views.competition.folder
    tables = script["checked_tables"](script["COMPETITION"])
    views = [script["build_view"](tables, script["ASSIGNMENT"], fold, tmp_path / f"fold-{fold}") for fold in (0, 1)]
    outcomes = dict(zip(stacking.prefixes, [member.folds for member in case.members], strict=True))
    for fold in (0, 1):
        assert folder_fingerprint(views[fold].folder) == folder_fingerprint(case.views.view("search", fold).folder)
        stacked = script["build_stacking_view"](tables, views, outcomes, None, fold, tmp_path / f"stack-{fold}")
        assert folder_fingerprint(stacked.folder) == folder_fingerprint(stacking.view("search", fold).folder)
        assert stacked.held_out.tolist() == stacking.view("search", fold).held_out.tolist()


def test_the_script_stands_alone_and_reads_as_cells(case_of, tmp_path):
    case = case_of("digits")
    stacking = StackingViews(case.views, case.members, tmp_path / "stack")
    titled = [(number, 'odd "title"\n\\ and """quotes"""', code) for number, _, code in case.scripts]
    about = 'Scored 0.95 out of fold.\n\nWeights: """all""" equal, C:\\new.'
    text = write_driver(tmp_path / "solution.py", case.views, titled, ensemble_code("mean", case, stacking), about=about).read_text()
    module = ast.parse(text)
    assert imported_packages(text) == {"numpy", "pandas"}
    assert "Scored 0.95 out of fold." in ast.get_docstring(module)
    assert "C:\\new" in ast.get_docstring(module)
    assert all(f"- {prefix}: odd" in ast.get_docstring(module) for prefix in stacking.prefixes)
    titles = Solution.parse(text).titles
    assert {"settings", "ensemble", "split", "steps", "go"} <= set(titles)
    assert sum(title.startswith("member m0") for title in titles) == 3
    defined = [node.name for node in module.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert len(defined) == len(set(defined))


@given(st.text(alphabet=st.sampled_from("a'\"\\\n\r #%{}\t é")).map(lambda text: "x" + text))
def test_every_script_survives_as_a_literal(code):
    text = ast.literal_eval(script_literal(code))
    assert "\n".join(line[4:] for line in text.split("\n")[1:-1]) == code


def test_other_data_are_refused_and_nothing_is_written(case_of, tmp_path):
    case = case_of("digits")
    driver = write_driver(tmp_path / "solution.py", case.views, case.scripts[:1])
    data = tmp_path / "data"
    shutil.copytree(case.views.competition.folder, data)
    lines = (data / "train.csv").read_text().splitlines(keepends=True)
    (data / "train.csv").write_text("".join(lines[:-1]))
    done = run_driver(driver, data, tmp_path / "changed")
    assert done.returncode == 1
    assert "not the training table that the split" in done.stderr
    (data / "train.csv").unlink()
    done = run_driver(driver, data, tmp_path / "missing")
    assert "no train.csv in it; give the competition's data folder with --data" in done.stderr
    assert not list((tmp_path / "missing").iterdir())


def test_a_member_that_fails_is_shown_with_its_traceback(case_of, tmp_path):
    case = case_of("digits")
    driver = write_driver(tmp_path / "solution.py", case.views, [(4, "broken", "raise RuntimeError('no such luck')")])
    done = run_driver(driver, case.views.competition.folder, tmp_path / "broken")
    assert done.returncode == 1
    assert "m0004, fold 1 of 2: the script ended with code 1" in done.stderr
    assert "no such luck" in done.stderr
    assert not list((tmp_path / "broken").iterdir())


def test_a_script_that_cannot_be_made_is_refused(case_of, tmp_path):
    case = case_of("digits")
    path = tmp_path / "solution.py"
    with pytest.raises(DriverError, match="none given"):
        write_driver(path, case.views, [])
    with pytest.raises(DriverError, match="3 given without an ensemble"):
        write_driver(path, case.views, case.scripts)
    with pytest.raises(DriverError, match="smoke"):
        write_driver(path, case.views, case.scripts[:1], fidelity="smoke")
    with pytest.raises(DriverError, match="split_seed: 5 is not the seed"):
        write_driver(path, case.views, case.scripts[:1], split_seed=5)
    assert not path.exists()


def test_parts_that_define_the_same_name_cannot_be_embedded_together():
    with pytest.raises(ValueError, match=r"competitions.submission and competitions.submission both define"):
        embed([submission, submission])
    assert "from competitions" not in embed([Predictions, submission]).pieces[1][1]
