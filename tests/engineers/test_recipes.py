import pandas as pd
import pytest

from competitions import Brief
from engineers import Attempt, Engineer, Member, RecipesEngineer
from ensembles import member_prefix
from journal import AblationRow, ModelCard, Solution, Status, Study
from retrieval import compose, rank, type_of
from retrieval.blocks import LEFT_OUT
from tests.engineers.conformance import EngineerConformance, drafts, study_of

CARD = ModelCard(name="mine", family="other", why="I know it.", code="x = 1\n", source="cards/mine.md")


@pytest.fixture
def engineer(brief: Brief) -> RecipesEngineer:
    return RecipesEngineer(brief)


class TestRecipesEngineer(EngineerConformance):
    pass


async def test_two_engineers_propose_the_same(brief):
    first, second = RecipesEngineer(brief, seed=1), RecipesEngineer(brief, seed=1)
    assert await first.retrieve(4) == await second.retrieve(4)
    (solution,) = await drafts(first, 1)
    assert await first.variants(solution, ()) == await second.variants(solution, ())


async def test_the_users_cards_come_first_and_their_code_is_drafted_as_it_is(brief):
    engineer = RecipesEngineer(brief, cards=[CARD])
    cards = await engineer.retrieve(3)
    assert cards[0] == CARD
    assert (await engineer.draft(CARD)).code == CARD.code


async def test_a_card_whose_code_does_not_parse_gives_no_draft(engineer):
    assert await engineer.draft(CARD.model_copy(update={"code": "x = ("})) is None


async def test_families_of_the_first_cards_are_mixed(engineer):
    cards = await engineer.retrieve(4)
    assert len({card.family for card in cards}) == 4


async def test_nothing_is_merged_where_the_model_is_there_already(engineer):
    (solution,) = await drafts(engineer, 1)
    assert await engineer.merge(solution, solution) is None


async def test_a_merged_script_has_the_models_of_both(engineer):
    base, reference = await drafts(engineer)
    merged = Solution.parse((await engineer.merge(base, reference)).code)
    assert len([title for title in merged.titles if title.startswith("model: ")]) == 2


async def test_a_foreign_script_is_neither_merged_nor_rewritten(engineer):
    (solution,) = await drafts(engineer, 1)
    foreign = Solution.parse("# %% fit\nx = 1\n")
    assert await engineer.merge(solution, foreign) is None
    assert await engineer.merge(foreign, solution) is None
    assert await engineer.plan(foreign, "fit", ()) is None
    assert await engineer.debug(foreign, "Error", ()) is None
    assert await engineer.crossover(solution, foreign) is None
    assert await engineer.improve(foreign, ()) is None


async def test_a_timeout_is_met_with_a_lighter_model_first(engineer):
    (solution,) = await drafts(engineer, 1)
    repair = await engineer.debug(solution, "timed out after 600 seconds", ())
    assert repair.block.startswith("model: ")
    assert type_of(repair.block).holding(Solution.parse(repair.code).block(repair.block).source).light


async def test_the_block_that_the_traceback_names_is_repaired_first(engineer):
    (solution,) = await drafts(engineer, 1)
    broken = solution.replace("encode", solution.block("encode").source + "\nraise ValueError('here')")
    line = str(broken).splitlines().index("raise ValueError('here')") + 1
    repair = await engineer.debug(broken, f'Traceback\n  File "/tmp/x/solution.py", line {line}, in <module>\nValueError: here', ())
    assert repair.block == "encode"
    assert Solution.parse(repair.code) == solution


async def test_repairs_come_to_an_end(engineer):
    (solution,) = await drafts(engineer, 1)
    tried = []
    while (repair := await engineer.debug(solution, "MemoryError", tried)) is not None:
        tried.append(repair.plan)
        assert len(tried) < 40
    assert tried


async def test_a_second_study_looks_at_other_blocks_first(engineer):
    base, reference = await drafts(engineer)
    solution = Solution.parse((await engineer.merge(base, reference)).code)
    first = await engineer.variants(solution, ())
    looked_at = {variant.block for variant in first[:2]}
    study = study_of(solution, first[:2], [0.1, 0.2])
    second = await engineer.variants(solution, [study])
    assert not looked_at & {variant.block for variant in second[:2]}
    assert len(second) <= 6


async def test_one_of_two_models_is_left_out_in_a_study_but_the_only_one_is_not(engineer):
    base, reference = await drafts(engineer)
    merged = Solution.parse((await engineer.merge(base, reference)).code)
    assert [variant for variant in await engineer.variants(merged, ()) if variant.replacement == LEFT_OUT]
    assert not [variant for variant in await engineer.variants(base, ()) if variant.replacement == LEFT_OUT]


async def test_the_block_with_the_largest_effect_is_the_target(engineer):
    (solution,) = await drafts(engineer, 1)
    variants = await engineer.variants(solution, ())
    for position, variant in enumerate(variants):
        deltas = [0.01] * len(variants)
        deltas[position] = 0.5
        target = await engineer.target(solution, study_of(solution, variants, deltas), ())
        if await engineer.plan(solution, variant.block, ()) is not None:
            assert target.block == variant.block


async def test_a_variant_that_was_better_is_the_first_plan(engineer):
    (solution,) = await drafts(engineer, 1)
    variants = await engineer.variants(solution, ())
    target = await engineer.target(solution, study_of(solution, variants[:1], [-0.3]), ())
    assert target.block == variants[0].block
    assert await engineer.rewrite(solution, target.block, target.plan) == variants[0].replacement
    assert "Better than the base" in target.summary


async def test_the_summary_tells_what_matters_what_does_not_and_what_failed(engineer):
    (solution,) = await drafts(engineer, 1)

    def row(title: str, delta: float | None, status: Status = Status.OK) -> AblationRow:
        return AblationRow(block=title, title=f"without {title}", candidate=1, status=status, delta=delta, standard_error=0.01)

    rows = (row("encode", 0.2), row("fit", 0.001), row("clean", None, Status.CRASHED))
    study = Study(number=1, action="1.001", track=1, step=1, base=0, base_score=0.9, rows=rows)
    summary = (await engineer.target(solution, study, ())).summary
    assert "What matters: without encode (+0.2" in summary
    assert "Within the noise: without fit" in summary
    assert "Did not run: without clean (crashed)" in summary


async def test_there_is_no_target_when_every_block_was_refined(engineer):
    (solution,) = await drafts(engineer, 1)
    variants = await engineer.variants(solution, ())
    study = study_of(solution, variants, [0.1] * len(variants))
    assert await engineer.target(solution, study, solution.titles) is None


async def test_plans_for_a_block_run_out(engineer: Engineer):
    (solution,) = await drafts(engineer, 1)
    attempts: list[Attempt] = []
    while (plan := await engineer.plan(solution, "fit", attempts)) is not None:
        attempts.append(Attempt(plan, 0.5, Status.OK))
    assert len({attempt.plan for attempt in attempts}) == len(attempts) >= 2
    assert await engineer.rewrite(solution, "fit", "Something that nobody wrote.") is None


async def test_an_other_persons_script_is_ablated_by_blocks_that_can_be_missed(engineer):
    code = "\n".join(
        [
            "# %% imports\nimport pandas as pd",
            "# %% load\ntrain = pd.read_csv('input/train.csv')",
            "# %% ratio\ntrain['ratio'] = 1.0",
            "# %% helper\ndef mean(x):\n    return x.mean()",
            "# %% guess\nguess = mean(train['ratio'])",
            "# %% round\nguess = round(guess)",
            "# %% write\npd.DataFrame({'a': [guess]}).to_csv('submission.csv')",
        ]
    )
    variants = await engineer.variants(Solution.parse(code), ())
    assert [variant.block for variant in variants] == ["ratio", "round"]
    assert [variant.replacement for variant in variants] == ["", ""]


async def test_every_third_ensemble_takes_few_members_that_differ(brief):
    engineer = RecipesEngineer(brief)
    members = [Member(number, member_prefix(number), f"model {number}", 0.8, "") for number in (1, 2, 3)]
    alike = pd.DataFrame([[1, 0.5, 0.999], [0.5, 1, 0.6], [0.999, 0.6, 1]], index=[1, 2, 3], columns=[1, 2, 3])
    first = await engineer.ensemble(members, alike, ())
    tried = [Attempt(first.plan, 0.8, Status.OK), Attempt("another", 0.7, Status.OK)]
    pruned = await engineer.ensemble(members, alike, tried)
    assert "model 1 (m0001), model 2 (m0002)" in pruned.plan
    assert "m0003" not in pruned.code
    assert await engineer.ensemble(members[:1], alike, ()) is None


async def test_a_crossover_takes_over_features_and_models(brief):
    engineer = RecipesEngineer(brief)
    one, other = rank(brief)[:2]
    plain = type_of("encode").offs[0]
    first, second = compose(one, brief), compose(other, brief).replace("encode", plain.source)
    child = Solution.parse((await engineer.crossover(first, second)).code)
    assert other.block.title in child.titles
    assert child.block("encode").source == plain.source


def test_the_models_of_a_script_with_a_left_out_cell_are_the_others(brief):
    from engineers.moves import model_cells

    recipe = rank(brief)[0]
    solution = compose(recipe, brief)
    assert [block.title for block in model_cells(solution)] == [recipe.block.title]
    assert model_cells(solution.replace(recipe.block.title, LEFT_OUT)) == ()
