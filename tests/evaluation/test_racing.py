import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competitions import Views, load_competition, make_example
from evaluation import Evaluator, Race, Slots
from evaluation.racing import clearly_no_better, hardly_better, heats
from journal import FoldResult, Status
from tests.evaluation.scripts import SCRIPT

NOISE = SCRIPT.replace('test["mean_radius"].rank()', "test.index.to_series().sample(frac=1, random_state=0)")
SLIGHTLY_OTHER = SCRIPT.replace("mean_radius", "mean_perimeter")


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Views:
    folder = tmp_path_factory.mktemp("competitions")
    return Views(load_competition(make_example("breast-cancer", folder)), folder / "cache", folds=5)


@pytest.fixture
async def race(five: Views, evaluator: Evaluator, tmp_path: Path) -> Race:
    await evaluator.evaluate(SCRIPT, five, tmp_path / "incumbent")
    return Race(tmp_path / "incumbent")


def test_folds_run_in_order_until_the_last_look_and_then_at_once() -> None:
    assert heats(5, True) == [(0, 1), (1, 2), (2, 5)]
    assert heats(5, False) == [(0, 5)]
    assert heats(2, True) == [(0, 1), (1, 2)]
    assert heats(1, True) == [(0, 1)]


@pytest.mark.parametrize(
    ("delta", "seen", "stopped"),
    [(-1.14, 1, False), (-1.15, 1, True), (-0.99, 2, False), (-1.0, 2, True), (0.0, 1, False), (1.0, 2, False)],
)
def test_a_race_is_lost_at_a_tenth_of_chance_to_be_better_on_all_five_folds(delta: float, seen: int, stopped: bool) -> None:
    # The standard normal's tenth is at -1.2816; of five folds, 4 are unseen after one, 3 after two: 1.2816 * sqrt(4/5), * sqrt(3/5).
    assert hardly_better(delta * 0.3, 0.3, seen, 5) is stopped


def test_what_gives_the_same_answers_goes_on() -> None:
    assert not hardly_better(0.0, 0.0, 1, 5)


def test_the_chance_is_what_it_is_said_to_be() -> None:
    """Simulated: of races that are at the bound after two folds, a tenth would have been won on all five."""
    rng, seen, folds, rows = np.random.default_rng(0), 2, 5, 100
    error = 1 / np.sqrt(seen * rows)  # of the mean of unit differences that were seen
    at_bound = -1.2816 * error * np.sqrt((folds - seen) / folds)
    truth = rng.normal(at_bound, error, 200_000)  # what may be true, given that this was seen
    unseen = rng.normal(truth, 1 / np.sqrt((folds - seen) * rows))
    won = (seen * at_bound + (folds - seen) * unseen) / folds > 0
    assert won.mean() == pytest.approx(0.1, abs=0.005)


async def test_what_is_clearly_worse_is_stopped_after_its_first_fold(race: Race, five: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    evaluation = await evaluator.evaluate(NOISE, five, tmp_path / "c", race=race)
    assert (evaluation.status, evaluation.raced) == (Status.OK, True)
    assert [result.fold for result in evaluation.folds] == [0]
    assert evaluation.score == evaluation.folds[0].score


@pytest.mark.parametrize("code", [SLIGHTLY_OTHER, SCRIPT])
async def test_what_is_not_clearly_worse_is_run_on_all_folds(
    code: str, race: Race, five: Views, evaluator: Evaluator, tmp_path: Path
) -> None:
    evaluation = await evaluator.evaluate(code, five, tmp_path / "c", race=race)
    assert (len(evaluation.folds), evaluation.raced) == (5, False)
    unraced = await evaluator.evaluate(code, five, tmp_path / "d")
    assert unraced.score == evaluation.score


@pytest.mark.parametrize(
    ("delta", "error", "stopped"), [(-2.0, 1.0, True), (-1.9, 1.0, False), (0.0, 0.0, True), (0.0, 0.1, False), (4.0, 1.0, False)]
)
def test_a_variant_of_a_study_is_stopped_once_its_effect_is_clear(delta: float, error: float, stopped: bool) -> None:
    assert clearly_no_better(delta, error) is stopped


async def test_a_study_leaves_the_folds_that_would_tell_nothing(race: Race, five: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    for name, code, folds in (("same", SCRIPT, 1), ("worse", NOISE, 1), ("near", SLIGHTLY_OTHER, 5)):
        evaluation = await evaluator.evaluate(code, five, tmp_path / name, race=replace(race, study=True))
        assert (len(evaluation.folds), evaluation.raced) == (folds, folds < 5)


async def test_a_failure_ends_a_race(race: Race, five: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    evaluation = await evaluator.evaluate("raise SystemExit(3)", five, tmp_path / "c", race=race)
    assert (evaluation.status, evaluation.raced, len(evaluation.folds)) == (Status.CRASHED, False, 1)


async def test_slots_and_order_in_time_change_nothing(race: Race, five: Views, evaluator: Evaluator, tmp_path: Path) -> None:
    codes = [NOISE, SLIGHTLY_OTHER, SCRIPT.replace("mean_radius", "mean_smoothness"), "raise SystemExit(3)"]

    async def made(slots: int) -> list[tuple[list[int | None], float | None, bool]]:
        many = replace(evaluator, slots=Slots(slots))
        folders = [tmp_path / f"{slots}-{number}" for number in range(len(codes))]
        evaluations = await asyncio.gather(
            *(many.evaluate(code, five, folder, race=race) for code, folder in zip(codes, folders, strict=True))
        )
        return [([result.fold for result in each.folds], each.score, each.raced) for each in evaluations]

    assert await made(1) == await made(3)


async def test_what_is_known_is_not_run_again_and_the_race_ends_as_before(
    race: Race, five: Views, evaluator: Evaluator, tmp_path: Path
) -> None:
    seen: list[FoldResult] = []
    first = await evaluator.evaluate(NOISE, five, tmp_path / "c", race=race)
    known = {result.fold: result for result in first.folds}
    assert await evaluator.evaluate(NOISE, five, tmp_path / "c", race=race, known=known, on_result=seen.append) == first
    assert seen == []
