"""The judge in whole searches: who is read, once, and what happens where the judge cannot say."""

from collections.abc import Sequence

import pytest

from engineers import EngineerError, Proposal, Review
from journal import Judged, Operator, Solution, Status
from tests.nodes.conftest import Bench
from tests.nodes.toy import part

SMALL = {"tracks": 1, "models": 2, "outer_steps": 0, "ensemble_rounds": 1}


class Critic:
    """Finds a leak in scripts that hold a text, or breaks down."""

    def __init__(self, leak: str = "nothing", error: EngineerError | None = None) -> None:
        self.leak, self.error, self.read = leak, error, list[str]()

    async def __call__(self, solution: Solution) -> Review | None:
        if self.error is not None:
            raise self.error
        self.read.append(str(solution))
        return Review(self.leak in str(solution), "part a", "it knows a")


async def test_only_candidates_that_would_become_the_best_are_read_and_no_ensemble(bench: Bench) -> None:
    critic = Critic()
    bench.engineer.review = critic  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new(**SMALL))
    tree = run.tree()
    judged = [tree.node(entry.candidate) for entry in run.entries(Judged)]
    singles = [node for node in tree.nodes if node.valid and node.candidate.operator is not Operator.ENSEMBLE]
    records = [node for place, node in enumerate(singles) if all(node.score < earlier.score for earlier in singles[:place])]
    assert [node.number for node in judged] == [node.number for node in records]
    assert len(critic.read) == len(judged) > 0


async def test_where_every_repair_leaks_too_there_is_no_solution_rather_than_a_leaking_one(bench: Bench) -> None:
    async def debug(broken: Solution, error: str, tried: Sequence[str]) -> Proposal:
        return Proposal("again", f"Repair {len(tried)}.", f"{broken}\n# repair {len(tried)}")

    bench.engineer.review, bench.engineer.debug = Critic("submission"), debug  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new(**SMALL))
    assert run.finished is not None and run.finished.chosen is None
    assert not (run.folder / "final" / "submission.csv").exists()
    assert {node.outcome for node in run.tree().nodes} == {Status.LEAKING}
    assert {Operator.DRAFT, Operator.DEBUG} <= {node.candidate.operator for node in run.tree().nodes}


async def test_a_judge_that_breaks_down_ends_the_track_but_not_the_candidate(bench: Bench) -> None:
    bench.engineer.review = Critic(error=EngineerError("no credit left"))  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new(**SMALL))
    assert run.finished is not None and run.finished.chosen is not None
    assert run.finished.reason == "no credit left"


async def test_a_verdict_is_a_record_and_is_not_asked_for_again(bench: Bench) -> None:
    first = Critic(part("a", 1))
    bench.engineer.review = first  # type: ignore[assignment,method-assign]
    run = bench.new(**SMALL)
    await bench.solve(run)
    verdicts = {entry.candidate: entry.leaks for entry in run.entries(Judged)}
    assert True in verdicts.values()
    # A crash came between the verdict and the evaluation's record: the lines after the first verdict are lost.
    lines = (run.folder / "journal.jsonl").read_bytes().splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if b'"kind":"judged"' in line)
    run.close()
    (run.folder / "journal.jsonl").write_bytes(b"".join(lines[: place + 1]))
    again = type(run)(run.folder)
    again.open_for_writing()
    second = Critic(part("a", 1))
    bench.engineer.review = second  # type: ignore[assignment,method-assign]
    await bench.solve(again)
    assert {entry.candidate: entry.leaks for entry in again.entries(Judged)} == verdicts
    assert len(second.read) == len(first.read) - 1


@pytest.mark.parametrize("tracks", [1, 2])
async def test_no_leaking_candidate_is_a_member_or_a_parent_of_what_is_handed_over(tracks: int, bench: Bench) -> None:
    bench.engineer.review = Critic(part("a", 1))  # type: ignore[assignment,method-assign]

    async def debug(broken: Solution, error: str, tried: Sequence[str]) -> Proposal:
        return Proposal("repaired", f"Repair {len(tried)}.", str(broken.replace("part a", part("a", 0.9))))

    bench.engineer.debug = debug  # type: ignore[assignment,method-assign]
    run = await bench.solve(bench.new(**{**SMALL, "tracks": tracks}))
    tree = run.tree()
    leaking = {node.number for node in tree.nodes if node.outcome == Status.LEAKING}
    assert leaking
    assert not any(leaking & set(node.candidate.parents) for node in tree.nodes if node.candidate.operator is not Operator.DEBUG)
