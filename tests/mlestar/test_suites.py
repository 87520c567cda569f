"""Suites: what they stand for, and what is said of bad ones."""

from pathlib import Path

import pytest

from competitions import make_example
from journal import Run, RunFolderError, RunInfo, Settings
from mlestar.errors import UserError
from mlestar.suites import read_suite
from reports.benchmark import cell_folder, read_bench, write_bench

HEAD = "competitions: examples\nbudgets: 2m\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("suites")
    for name in ("diabetes", "wine-recognition"):
        make_example(name, folder / "examples")
    (folder / "README.md").write_text("no competition")
    return folder


def suite(place: Path, text: str) -> Path:
    path = place / "suite.yaml"
    path.write_text(text)
    return path


def test_a_suite_is_the_product_of_its_axes_seed_by_seed(place: Path) -> None:
    text = HEAD + "policies: [mle-star, greedy]\nengineers: [recipes, 'openai:gpt-5']\nseeds: [1, 2]\n"
    bench = read_suite(suite(place, text))
    assert bench.name == "suite"
    assert len(bench.cells) == 2 * 2 * 2 * 2
    assert {cell.seed for cell in bench.cells[:8]} == {1}
    assert {cell.competition for cell in bench.cells} == {"diabetes", "wine-recognition"}
    assert len({cell.run_id for cell in bench.cells}) == 16
    first = bench.cells[0]
    assert (first.settings.policy, first.settings.model, first.settings.seconds, first.settings.seed) == ("mle-star", None, 120, 1)
    assert first.run_id == "diabetes-mle_star-recipes-2m-s1"
    assert bench.cells[2].settings.model == "openai:gpt-5"
    assert not first.settings.store and first.settings.blind_search


def test_entries_may_have_names_and_settings_of_their_own(place: Path) -> None:
    text = """
name: two ways
competitions: [examples/diabetes]
policies: [{name: few, policy: greedy, options: {num_drafts: 2}, tracks: 1}]
engineers: {name: local, model: 'openai:qwen', base_url: 'http://127.0.0.1:1/v1', recipes: false}
budgets: {name: long, time: 1h, evaluations: 50}
settings: {threads: 2, tracks: 3, store: true}
"""
    (cell,) = read_suite(suite(place, text)).cells
    settings = cell.settings
    assert (cell.policy, cell.engineer, cell.budget, cell.seed) == ("few", "local", "long", 0)
    assert (settings.policy, settings.policy_options, settings.tracks, settings.threads) == ("greedy", ("num_drafts=2",), 1, 2)
    assert (settings.seconds, settings.evaluations, settings.recipes, settings.store) == (3600, 50, False, True)


def test_competitions_are_found_by_variable_and_by_layout(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLES", str(place / "examples"))
    found = read_suite(suite(place, "competitions: [$EXAMPLES/diabetes]\nbudgets: 2m\n"))
    assert [cell.folder for cell in found.cells] == [str(place / "examples" / "diabetes")]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- a list\n", "the whole file"),
        ("competitions: [\n", "no YAML"),
        ("budgets: 2m\n", "competitions: missing"),
        ("competitions: examples\n", "budgets: missing"),
        (HEAD + "polices: greedy\n", "polices: 'greedy' — the fields are: name, competitions"),
        (HEAD + "policies: gredy\n", "policies: 'gredy' is no policy — choose from:"),
        (HEAD + "policies: {name: x, policy: greedy, options: {drafts: 2}}\n", "policies: 'drafts=2' is no option of 'greedy'"),
        (HEAD + "policies: {policy: greedy}\n", "has no name"),
        (HEAD + "policies: {name: x, policy: greedy, options: 3}\n", "policies.options: 3"),
        (HEAD + "policies: [greedy, greedy]\n", "policies: 'greedy' is there twice"),
        (HEAD + "seeds: [1, 1]\n", "seeds: '1' is there twice"),
        (HEAD + "seeds: [one]\n", "seeds.0: 'one'"),
        (HEAD + "settings: {tracks: 0}\n", "tracks: 0 — Input should be greater than or equal to 1"),
        (HEAD + "settings: {trakcs: 1}\n", "trakcs: 1 — a run's settings are: seed, policy"),
        ("competitions: examples\nbudgets: soon\n", "budgets: 'soon' is no duration"),
        ("competitions: examples\nbudgets: {name: none, max_cost: 1}\n", "no run would have a time"),
        ("competitions: nowhere\nbudgets: 2m\n", "no folder 'nowhere'"),
        ("competitions: [examples, examples/diabetes]\nbudgets: 2m\n", "competitions: 'diabetes' is there twice"),
        ("competitions: README.md\nbudgets: 2m\n", "competitions:"),
    ],
)
def test_bad_suites_are_one_line_with_field_value_and_remedy(place: Path, text: str, says: str) -> None:
    with pytest.raises(UserError) as error:
        read_suite(suite(place, text))
    assert says in str(error.value)


def test_a_suite_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_suite(tmp_path / "none.yaml")


def test_a_benchmarks_folder_keeps_to_the_settings_its_runs_began_with(place: Path, tmp_path: Path) -> None:
    bench = read_suite(suite(place, HEAD))
    write_bench(tmp_path, bench)
    assert read_bench(tmp_path) == bench
    begun = bench.cells[0]
    info = RunInfo(
        id=begun.run_id,
        competition=begun.competition,
        competition_path=begun.folder,
        settings=begun.settings,
        metric="rmse",
        greater_is_better=False,
        target="y",
        engineer="recipes",
        isolation="local",
        folds=2,
        validation="plain",
    )
    Run.create(cell_folder(tmp_path, begun), info)
    write_bench(tmp_path, read_suite(suite(place, HEAD + "policies: [mle-star, greedy]\n")))
    other = begun.model_copy(update={"settings": Settings(seconds=120, tracks=7)})
    with pytest.raises(RunFolderError, match=r"the suite has changed since this run began \(tracks.* — choose another --out"):
        write_bench(tmp_path, bench.model_copy(update={"cells": (other,)}))


def test_a_folder_without_a_benchmark_is_said(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="no benchmark's folder"):
        read_bench(tmp_path)
