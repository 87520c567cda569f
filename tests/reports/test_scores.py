from collections.abc import Callable

import pytest

from journal import Candidate, Operator, Proposed, Run, Status
from reports import progress_markdown, scores_markdown, scores_table


def test_rows_are_best_first_and_failures_last(whole_run: Run) -> None:
    rows = scores_table(whole_run)
    scores = [row["score"] for row in rows if row["score"] is not None]
    assert scores == sorted(scores)
    assert [row["status"] for row in rows[len(scores) :]] == ["crashed", "timed_out", "crashed", "timed_out"]
    assert len(rows) == len(whole_run.tree().nodes)


def test_where_higher_is_better_the_highest_comes_first(new_run: Callable) -> None:
    maker = new_run(greater_is_better=True)
    for score in (0.2, 0.9, -3.0):
        maker.candidate(Operator.DRAFT, "a", score)
    assert [row["score"] for row in scores_table(maker.run)] == [0.9, 0.2, -3.0]


@pytest.mark.parametrize(("greater", "score", "better"), [(False, 0.4, True), (False, 0.5, False), (True, 0.6, True), (True, 0.4, False)])
def test_better_is_strict_and_in_the_metrics_direction(new_run: Callable, greater: bool, score: float, better: bool) -> None:
    maker = new_run(greater_is_better=greater)
    parent = maker.candidate(Operator.DRAFT, "parent", 0.5)
    child = maker.candidate(Operator.REFINE, "child", score, parents=(parent,))
    row = next(row for row in scores_table(maker.run) if row["candidate"] == child)
    assert row["better"] is better
    assert (row["gain"] > 0) is better


def test_a_repair_is_not_compared_with_what_never_ran(new_run: Callable) -> None:
    maker = new_run()
    broken = maker.candidate(Operator.DRAFT, "broken", None, status=Status.CRASHED)
    repair = maker.candidate(Operator.DEBUG, "repair", 0.5, parents=(broken,))
    row = next(row for row in scores_table(maker.run) if row["candidate"] == repair)
    assert row["better"] is None


def test_a_candidate_not_yet_evaluated_is_unfinished(new_run: Callable) -> None:
    maker = new_run()
    made = Candidate(number=1001, action="1.0001", track=1, operator=Operator.DRAFT, title="a", digest="0")
    maker.run.append(Proposed(action="1.0001", candidates=(made,)))
    (row,) = scores_table(maker.run)
    assert (row["status"], row["score"], row["seconds"]) == ("unfinished", None, None)


def test_the_markdown_holds_the_tables_numbers(whole_run: Run) -> None:
    body = [line.strip("| ").split(" | ") for line in scores_markdown(whole_run).splitlines()[2:]]
    for cells, row in zip(body, scores_table(whole_run), strict=True):
        assert int(cells[0]) == row["candidate"]
        assert cells[3] == row["title"]
        assert cells[5] == "—" if row["score"] is None else float(cells[5]) == pytest.approx(row["score"], rel=1e-4)
        assert cells[8] == row["status"]


def test_a_hostile_title_does_not_break_the_table(new_run: Callable) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "a | b <b>c</b> \x1b[2J\n| d |", 0.5)
    lines = scores_markdown(maker.run).splitlines()
    assert len(lines) == 3
    assert lines[2].replace("\\|", "").count("|") == 10
    assert "&lt;b&gt;" in lines[2]
    assert "\x1b" not in lines[2]


def test_a_run_without_candidates_has_an_empty_table_and_a_progress_page(new_run: Callable) -> None:
    run = new_run().run
    assert scores_table(run) == []
    assert "No candidate yet" in scores_markdown(run)
    assert "still going on" in progress_markdown(run)


def test_progress_tells_the_best_of_every_track_and_the_latest_first(whole_run: Run) -> None:
    page = progress_markdown(whole_run, recent=2)
    assert "Answer: **0.32620** rmsle (candidate 0002, weighted mean)" in page
    assert "| track 1 | 7 | 0.33400 | 1009 day of the week |" in page
    latest = page.split("## Last evaluated")[1]
    assert latest.index("weighted mean") < latest.index("mean of all")
    assert "day of the week" not in latest


def test_a_variant_of_an_ablation_may_be_the_best_so_far(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "base", 0.5)
    maker.candidate(Operator.ABLATE, "luckily better", 0.4, parents=(base,))
    assert "Best so far: **0.40000**" in progress_markdown(maker.run)
