import asyncio
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest

from engineers import EngineerError, Proposal, Review
from journal import Evaluated, Executed, Judged, ModelCard, Operator, Run, Solution, Started, Status, open_run
from nodes import Clock, mermaid
from tests.nodes.conftest import Bench
from tests.nodes.toy import part


def told(run: Run) -> dict[str, object]:
    """What a search tried and what it scored, without times."""
    tree = run.tree()
    return {
        "actions": [action.model_dump() for action in tree.actions],
        "candidates": [node.candidate.model_dump() for node in tree.nodes],
        "scores": [node.score for node in tree.nodes],
        "targets": [study.target for study in tree.studies],
        "chosen": run.finished and (run.finished.chosen, run.finished.score),
    }


async def test_a_whole_run_ends_with_the_best_there_is_and_a_valid_submission(bench: Bench) -> None:
    run = await bench.solve(bench.new())
    finished = run.finished
    assert finished is not None and finished.chosen is not None and finished.score is not None
    tree = run.tree()
    assert finished.score == min(node.score for node in tree.nodes if node.score is not None)
    assert finished.first_score is not None and finished.score < finished.first_score
    submission = pd.read_csv(run.folder / "final" / "submission.csv")
    assert list(submission.columns) == ["id", "y"]
    assert list(submission["id"]) == list(pd.read_csv(bench.folder / "toy" / "test.csv")["id"])
    assert (run.folder / "final" / "solution.py").is_file()


async def test_all_phases_of_the_paper_happen(bench: Bench) -> None:
    run = await bench.solve(bench.new(models=3))
    operators = Counter(action.operator for action in run.tree().actions)
    assert set(operators) >= {
        Operator.DRAFT,
        Operator.MERGE,
        Operator.DEBUG,
        Operator.ABLATE,
        Operator.TARGET,
        Operator.REFINE,
        Operator.ENSEMBLE,
    }


async def test_tracks_start_from_different_models(bench: Bench) -> None:
    run = await bench.solve(bench.new(outer_steps=0, ensemble_rounds=0))
    first, second = run.tree().cards
    assert first[0].family != second[0].family


async def test_a_script_that_cannot_be_repaired_does_not_end_the_run(bench: Bench) -> None:
    run = await bench.solve(bench.new(models=4, tracks=1, outer_steps=0, ensemble_rounds=0))
    assert any(node.failed for node in run.tree().nodes)
    assert run.finished is not None and run.finished.chosen is not None


@pytest.mark.parametrize("racing", [False, True])
async def test_a_study_measures_every_variant_against_its_base_on_the_same_rows(bench: Bench, racing: bool) -> None:
    run = await bench.solve(bench.new(tracks=1, models=4, outer_steps=1, racing=racing))
    tree = run.tree()
    (study,) = tree.studies
    assert next(row.block for row in study.rows) == study.target
    assert all(row.delta is not None and row.standard_error is not None for row in study.rows)
    base = tree.node(study.base).evaluation
    assert base is not None
    for row in study.rows:
        variant = tree.node(row.candidate).evaluation
        assert variant is not None and (row.score is None) == variant.raced
        ours = fmean(result.score or 0.0 for result in base.folds[: len(variant.folds)])
        assert variant.score is not None and row.delta == pytest.approx(variant.score - ours)
    assert any(row.score is None for row in study.rows) == racing
    assert sum(row.share or 0 for row in study.rows) == pytest.approx(1.0)


async def test_a_variant_of_a_block_that_is_not_there_is_no_candidate(bench: Bench) -> None:
    run = await bench.solve(bench.new(tracks=1, outer_steps=1, ensemble_rounds=0))
    assert "without nowhere" not in [node.candidate.title for node in run.tree().nodes]


async def test_the_same_seed_and_budget_try_the_same_on_one_slot_or_two(bench: Bench) -> None:
    runs = [await bench.solve(bench.new(evaluations=24), slots=slots) for slots in (1, 2, 2)]
    assert told(runs[0]) == told(runs[1]) == told(runs[2])


@pytest.mark.parametrize("evaluations", [1, 2, 3, 7, 15])
async def test_the_budget_of_evaluations_is_kept_to_the_number(bench: Bench, evaluations: int) -> None:
    run = await bench.solve(bench.new(evaluations=evaluations))
    assert len(list(run.entries(Evaluated))) <= evaluations
    assert run.finished is not None and run.finished.chosen is not None


async def test_tracks_run_at_the_same_time(bench: Bench) -> None:
    """In the field "parallel" tracks run their scripts one after the other."""
    run = await bench.solve(bench.new(models=2, outer_steps=1, ensemble_rounds=0), slots=2)
    tracks = [entry.candidate // 1000 for entry in run.entries(Executed)]
    changes = sum(a != b for a, b in itertools.pairwise(tracks))
    assert changes > 1


async def test_each_candidate_has_a_folder_of_its_own(bench: Bench) -> None:
    run = await bench.solve(bench.new())
    for node in run.tree().nodes:
        folder = run.candidate_folder(node.number)
        assert (folder / "solution.py").is_file()
        assert json.loads((folder / "evaluation.json").read_text())["status"] == node.evaluation.status  # type: ignore[union-attr]


async def test_out_of_time_ends_with_the_best_so_far(bench: Bench) -> None:
    run = await bench.solve(bench.new(outer_steps=50, inner_steps=4), clock=Clock(seconds=4.0))
    assert run.finished is not None
    assert run.finished.reason == "time"
    assert (run.folder / "final" / "submission.csv").is_file()


async def test_a_request_to_finish_ends_with_the_best_so_far(bench: Bench) -> None:
    run = bench.new(outer_steps=50)
    work = asyncio.ensure_future(bench.solve(run))
    while not any(node.valid for node in run.tree().nodes):  # noqa: ASYNC110 - the journal has no event
        await asyncio.sleep(0.05)
    run.request_finish()
    await asyncio.wait_for(work, 10)
    assert run.finished is not None and run.finished.reason == "finish requested"


async def test_a_run_without_a_valid_solution_says_so_and_has_no_submission(bench: Bench) -> None:
    async def only_broken(count: int) -> tuple[object, ...]:
        cards = await type(bench.engineer).retrieve(bench.engineer, 4)
        return tuple(card for card in cards if card.name == "broken")

    async def no_repair(*_: object) -> None:
        return None

    bench.engineer.retrieve = only_broken  # type: ignore[assignment,method-assign]
    bench.engineer.debug = no_repair  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new(tracks=1))
    assert run.finished is not None and run.finished.chosen is None
    assert not (run.folder / "final" / "submission.csv").exists()


async def test_an_engineer_that_cannot_go_on_ends_the_run_with_the_best_so_far(bench: Bench) -> None:
    async def out_of_credit(*_: object) -> None:
        raise EngineerError("no credit left")

    bench.engineer.variants = out_of_credit  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new())
    assert run.finished is not None and run.finished.chosen is not None
    assert run.finished.reason == "no credit left"


async def test_a_track_whose_engineer_gave_up_leaves_the_other_to_go_on(bench: Bench) -> None:
    draft = bench.engineer.draft

    async def only_a(card: ModelCard) -> object:
        if card.name != "a":
            raise EngineerError("no credit left")
        return await draft(card)

    bench.engineer.draft = only_a  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new())
    assert run.finished is not None and run.finished.chosen == 1001, "its draft was measured although the other track gave up"
    assert run.finished.reason == "no credit left"


async def test_a_candidate_that_leaks_is_never_the_best_and_is_repaired_by_the_judges_reason(bench: Bench) -> None:
    errors = []

    async def review(solution: Solution) -> Review:
        return Review(part("a", 1) in str(solution), "part a", "it knows a")

    async def debug(broken: Solution, error: str, tried: Sequence[str]) -> Proposal:
        errors.append(error)
        return Proposal("repaired", f"Repair {len(tried)}.", str(broken.replace("part a", part("a", 0.9))))

    bench.engineer.review, bench.engineer.debug = review, debug  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new())
    leaking = [node for node in run.tree().nodes if node.evaluation is not None and node.evaluation.status is Status.LEAKING]
    assert leaking and all(node.score is None for node in leaking)
    assert "leaking: leakage in block 'part a': it knows a" in errors
    assert {entry.candidate for entry in run.entries(Judged) if entry.leaks} == {node.number for node in leaking}
    assert run.finished is not None and run.finished.chosen is not None
    assert part("a", 1) not in str(run.solution(run.finished.chosen))


def test_the_graph_is_drawn_without_the_network() -> None:
    picture = mermaid()
    for node in ("retrieve", "track", "ensemble", "submit", "decide", "draft", "ablate", "target", "refine", "evaluate"):
        assert node in picture


def cut(run: Run, lines: int, target: Path) -> Run:
    """The run as a crash would have left it after so many records."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(run.folder, target)
    journal = (run.folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (target / "journal.jsonl").write_bytes(b"".join(journal[:lines]) + journal[lines][:10])
    return open_run(target)


async def test_a_run_cut_anywhere_goes_on_to_the_same_end_without_repeating_an_evaluation(bench: Bench, tmp_path: Path) -> None:
    whole = await bench.solve(bench.new(evaluations=20, models=3))
    lines = len(whole.lines)
    for position in range(1, lines, max(1, lines // 9)):
        run = cut(whole, position, tmp_path / "cut" / str(position))
        run.open_for_writing()
        run.append(Started(settings=run.settings, resumed=True))
        await bench.solve(run)
        assert told(run) == told(whole)
        evaluated = [entry.candidate for entry in run.entries(Evaluated)]
        executed = [(entry.candidate, entry.fidelity, entry.result.fold) for entry in run.entries(Executed)]
        assert len(evaluated) == len(set(evaluated))
        assert len(executed) == len(set(executed))


async def test_more_evaluations_continue_a_finished_run(bench: Bench) -> None:
    run = await bench.solve(bench.new(evaluations=8))
    before = [entry.candidate for entry in run.entries(Evaluated)]
    run.append(Started(settings=run.settings.model_copy(update={"evaluations": 20}), resumed=True))
    await bench.solve(run)
    after = [entry.candidate for entry in run.entries(Evaluated)]
    assert after[: len(before)] == before
    assert len(before) < len(after) <= 20
    assert len(after) == len(set(after))


async def test_no_failure_has_a_score(bench: Bench) -> None:
    run = await bench.solve(bench.new(models=4, tracks=1))
    failed = [node for node in run.tree().nodes if node.failed]
    assert failed
    assert all(node.score is None and node.evaluation and node.evaluation.status is Status.CRASHED for node in failed)


@pytest.mark.parametrize("policy", ["greedy", "evolutionary", "mcts", "flat", "random", "mle-star-no-ablation"])
async def test_the_same_graph_carries_out_any_policy(bench: Bench, policy: str) -> None:
    run = await bench.solve(bench.new(policy=policy, evaluations=14))
    assert run.finished is not None and run.finished.chosen is not None
    assert (run.folder / "final" / "submission.csv").is_file()


async def test_an_improvement_differs_from_all_of_the_same_parent(bench: Bench) -> None:
    run = await bench.solve(bench.new(policy="greedy", evaluations=16, tracks=1, ensemble_rounds=0, batch=3))
    improved = run.tree().made_by(Operator.IMPROVE)
    expansions = [(node.candidate.parents, node.candidate.plan) for node in improved]
    assert len(improved) > 2
    assert len(expansions) == len(set(expansions))
