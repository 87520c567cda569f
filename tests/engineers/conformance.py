"""What every engineer must hold to. A suite subclasses `EngineerConformance` and gives the fixture `engineer`."""

import pandas as pd

from engineers import Attempt, Engineer, Member
from ensembles import member_prefix
from journal import AblationRow, Solution, Status, Study

BROKEN_LINE = "raise RuntimeError('broken')"


async def drafts(engineer: Engineer, count: int = 2) -> list[Solution]:
    proposals = [await engineer.draft(card) for card in await engineer.retrieve(count)]
    return [Solution.parse(proposal.code) for proposal in proposals if proposal]


def study_of(solution: Solution, variants, deltas) -> Study:
    """A study in which each variant was so much worse than the base."""
    rows = tuple(
        AblationRow(block=one.block, title=one.title, candidate=number, status=Status.OK, score=1.0, delta=delta, standard_error=0.001)
        for number, (one, delta) in enumerate(zip(variants, deltas, strict=True), 1)
    )
    return Study(number=1, action="1.001", track=1, step=1, base=0, base_score=1.0, rows=rows)


class EngineerConformance:
    async def test_cards_are_as_many_as_asked_at_most_and_different(self, engineer: Engineer):
        cards = await engineer.retrieve(3)
        assert 1 <= len(cards) <= 3
        assert len({card.name for card in cards}) == len(cards)

    async def test_a_draft_is_a_solution_with_a_title_and_a_plan(self, engineer: Engineer):
        for card in await engineer.retrieve(2):
            proposal = await engineer.draft(card)
            assert proposal is not None
            assert proposal.title
            assert proposal.plan
            assert "submission.csv" in str(Solution.parse(proposal.code))

    async def test_a_merge_differs_from_both_and_keeps_the_base_as_skeleton(self, engineer: Engineer):
        base, reference = await drafts(engineer)
        proposal = await engineer.merge(base, reference)
        assert proposal is not None
        merged = Solution.parse(proposal.code)
        assert str(merged) not in (str(base), str(reference))
        assert set(base.titles) <= set(merged.titles)

    async def test_every_variant_replaces_a_block_that_is_there(self, engineer: Engineer):
        (solution,) = await drafts(engineer, 1)
        variants = await engineer.variants(solution, ())
        assert variants
        changed = [str(solution.replace(variant.block, variant.replacement)) for variant in variants]
        assert len(set(changed)) == len(variants)

    async def test_the_target_is_a_block_that_was_not_refined_before(self, engineer: Engineer):
        (solution,) = await drafts(engineer, 1)
        variants = await engineer.variants(solution, ())
        study = study_of(solution, variants, [0.1 * (position + 1) for position in range(len(variants))])
        refined: list[str] = []
        while len(refined) < 4 and (target := await engineer.target(solution, study, refined)):
            assert target.block in solution.titles
            assert target.block not in refined
            assert target.summary
            source = await engineer.rewrite(solution, target.block, target.plan)
            assert source is not None
            assert solution.replace(target.block, source) != solution
            refined.append(target.block)
        assert refined

    async def test_plans_differ_from_all_before_and_each_can_be_written(self, engineer: Engineer):
        (solution,) = await drafts(engineer, 1)
        variants = await engineer.variants(solution, ())
        target = await engineer.target(solution, study_of(solution, variants, [0.1] * len(variants)), ())
        assert target is not None
        attempts = [Attempt(target.plan, 0.5, Status.OK, 0.4)]
        while len(attempts) < 5 and (plan := await engineer.plan(solution, target.block, attempts)):
            assert plan not in [attempt.plan for attempt in attempts]
            source = await engineer.rewrite(solution, target.block, plan)
            assert source is not None
            solution.replace(target.block, source)
            attempts.append(Attempt(plan, 0.5, Status.OK, 0.4))

    async def test_repairs_differ_from_the_broken_script_and_from_each_other(self, engineer: Engineer):
        (solution,) = await drafts(engineer, 1)
        block = next(block for block in solution if block.title not in ("setup", "imports"))
        broken = solution.replace(block.title, f"{block.source}\n{BROKEN_LINE}")
        tried: list[str] = []
        while len(tried) < 3 and (repair := await engineer.debug(broken, "RuntimeError: broken", tried)):
            assert repair.plan not in tried
            assert str(Solution.parse(repair.code)) != str(broken)
            tried.append(repair.plan)
        assert tried

    async def test_an_improvement_is_another_solution_and_is_not_proposed_twice(self, engineer: Engineer):
        (solution,) = await drafts(engineer, 1)
        first = await engineer.improve(solution, ())
        assert first is not None
        assert str(Solution.parse(first.code)) != str(solution)
        second = await engineer.improve(solution, [Attempt(first.plan, None, Status.CRASHED)])
        assert second is None or second.plan != first.plan

    async def test_a_crossover_is_neither_parent(self, engineer: Engineer):
        first, second = await drafts(engineer)
        child = await engineer.crossover(first, second)
        assert child is not None
        assert str(Solution.parse(child.code)) not in (str(first), str(second))

    async def test_ensembles_differ_from_round_to_round(self, engineer: Engineer):
        members = [Member(number, member_prefix(number), f"model {number}", 0.8 + number / 100, "") for number in (1, 2, 3)]
        alike = pd.DataFrame([[1, 0.5, 0.999], [0.5, 1, 0.6], [0.999, 0.6, 1]], index=[1, 2, 3], columns=[1, 2, 3])
        attempts: list[Attempt] = []
        while len(attempts) < 5 and (proposal := await engineer.ensemble(members, alike, attempts)):
            assert proposal.plan not in [attempt.plan for attempt in attempts]
            assert "submission.csv" in str(Solution.parse(proposal.code))
            attempts.append(Attempt(proposal.plan, 0.8, Status.OK))
        assert len(attempts) >= 2
