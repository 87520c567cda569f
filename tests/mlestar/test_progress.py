from pathlib import Path

from journal import Action, Candidate, Decided, Evaluated, Evaluation, FoldResult, Operator, Proposed, Run, Settings, Status
from mlestar.progress import Progress, study_line
from tests.mlestar.runs import HOSTILE, begin, end, evaluate, search


def told(run: Run) -> tuple[Progress, list[str]]:
    progress = Progress(run.info, run.settings)
    return progress, [event.text for line in run.lines for event in progress.feed(line)]


def test_the_best_and_the_first_score_follow_the_metrics_direction(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    progress, _ = told(run)
    assert (progress.first, progress.best, progress.best_score) == (2.0, 1, 1.6)
    assert (progress.evaluated, progress.failed) == (5, 1)


def test_the_first_solution_is_told_by_position_not_by_time(tmp_path: Path) -> None:
    run = begin(tmp_path)
    evaluate(run, Action(id="1.0002", track=1, operator=Operator.DRAFT, card=1), 1002, 2.5, "linear model")
    evaluate(run, Action(id="1.0001", track=1, operator=Operator.DRAFT, card=0), 1001, 3.0, "LightGBM")
    progress, _ = told(run)
    assert (progress.first, progress.best_score) == (3.0, 2.5)


def test_an_ablation_variant_that_scores_better_than_all_is_the_best(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    evaluate(
        run, Action(id="1.0005", track=1, operator=Operator.ABLATE, parents=(1003,), step=2), 1004, 0.1, "without dates", parents=(1003,)
    )
    progress, events = told(run)
    assert progress.best == 1004
    assert "new best" in events[-1]


def test_every_candidate_is_told_with_number_operator_title_score_and_verdict(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    end(run)
    _, events = told(run)
    lines = {line.split()[0]: line for line in events if line.split()[0].isdigit()}
    assert lines.keys() == {"1001", "2001", "1002", "1003", "1"}
    assert "draft" in lines["1001"] and "LightGBM" in lines["1001"] and "first score" in lines["1001"]
    assert "crashed: ValueError: no such column" in lines["2001"]
    assert "0.5 worse (25.0 %) than its base" in lines["1002"]
    assert "new best, 0.2 better (10.0 %)" in lines["1003"]
    assert events[-1] == "ended: search complete"


def test_a_study_tells_its_most_influential_block_and_the_target(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    _, events = told(run)
    study = next(line for line in events if "matters most" in line)
    assert "'features' matters most (0.5 ± 0.1 worse with 'without features'); refining 'features' next" in study


def test_titles_cannot_break_lines_or_send_control_codes(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    _, events = told(run)
    assert "\x1b" in HOSTILE and not any("\x1b" in line or "\n" in line for line in events)


def test_what_is_under_way_is_told_until_it_is_done(tmp_path: Path) -> None:
    run = begin(tmp_path)
    progress, _ = told(run)
    assert progress.doing(0.0) == ["retrieving models"]
    run.append(Decided(actions=(Action(id="1.0001", track=1, operator=Operator.REFINE, step=2, attempt=3),)))
    progress, _ = told(run)
    assert progress.doing(0.0) == ["track 1: refining, step 2, attempt 3"]
    end(run)
    progress, _ = told(run)
    assert progress.doing(0.0) == []


def test_a_smoke_run_that_passes_is_no_score(tmp_path: Path) -> None:
    run = begin(tmp_path)
    result = FoldResult(fold=0, status=Status.OK, score=0.1)
    run.append(Evaluated(candidate=1001, evaluation=Evaluation(fidelity="smoke", folds=(result,), status=Status.OK, score=0.1)))
    progress, events = told(run)
    assert (progress.evaluated, progress.best, events) == (0, None, [])


def test_time_runs_on_while_the_run_does_and_stands_when_it_ended(tmp_path: Path) -> None:
    run = begin(tmp_path, settings=Settings(seconds=60))
    progress, _ = told(run)
    now = run.lines[-1].time
    assert progress.seconds(now + 5) >= 5
    end(run)
    progress, _ = told(run)
    assert progress.seconds(now + 500) == progress.used < 5


def test_an_evaluation_under_way_is_told_with_its_time_and_what_is_usual(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    made = Candidate(number=1004, action="1.0005", track=1, operator=Operator.REFINE, title="ratios", digest="0")
    run.append(Proposed(action=made.action, candidates=(made,)))
    progress, _ = told(run)
    assert len(progress.took) == 4  # the one that crashed is not usual
    progress.took = [10.0, 30.0, 20.0]
    assert progress.doing(run.lines[-1].time + 7) == ["evaluating 1004 ratios (0 of 2 folds, 7.0 s of about 20 s)"]


def test_a_study_in_which_nothing_mattered_says_so(tmp_path: Path) -> None:
    run = begin(tmp_path)
    search(run)
    study = run.tree().studies[0]
    idle = study.rows[0].model_copy(update={"delta": 0.0})
    assert study_line(study.model_copy(update={"rows": (idle,)})).endswith("no block has an effect")
