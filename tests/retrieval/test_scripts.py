"""The catalogue's scripts, run as processes of their own on real and on messy data."""

import math

import pytest

from competitions import EXAMPLES
from journal import Block, Solution
from retrieval import compose, rank, type_of
from retrieval.blocks import LEFT_OUT
from tests.retrieval.conftest import pairs_table, series_table

MESSY = ("messy binary", "messy multiclass", "messy regression")
TRIED = ("messy binary", "messy regression")
"""Those on which every setting of every model is tried."""


def all_models(brief) -> Solution:
    """One script with every model family that suits the competition."""
    first, *others = rank(brief)
    solution = compose(first, brief)
    for recipe in others:
        solution = solution.insert_after(first.block.title, Block(recipe.block.title, recipe.block.alternatives[0].source))
    return solution


def light(solution: Solution) -> Solution:
    """The same with the cheapest form of every model."""
    for block in solution:
        kind = type_of(block.title)
        one = next((one for one in kind.alternatives if one.light), None) if kind and block.title.startswith("model: ") else None
        solution = solution.replace(block.title, one.source) if one else solution
    return solution


@pytest.mark.parametrize("name", MESSY)
def test_all_models_together_run_on_a_messy_table(name, brief_of, run_script):
    brief = brief_of(name)
    predictions = run_script(str(light(all_models(brief))), name)
    assert len(predictions.held_out) > 50
    if brief.classes:
        probabilities = predictions.held_out.filter(regex="^p:")
        assert list(probabilities) == [f"p:{label}" for label in brief.classes]
        assert probabilities.sum(axis=1).between(0.999, 1.001).all()


def test_a_text_that_is_a_word_for_nothing_is_a_text(brief_of, run_script):
    brief = brief_of("texts")
    solution = light(all_models(brief))
    assert any("words" in title for title in solution.titles), solution.titles
    assert len(run_script(str(solution), "texts").held_out) > 50


def test_the_past_of_a_series_tells_more_than_its_name(brief_of, run_script):
    brief = brief_of("series")

    def error(**choice):
        predictions = run_script(str(compose(rank(brief)[0], brief, choice=choice)), "series", fold=3)
        return math.sqrt(((predictions.held_out["sales"] - answers.loc[predictions.held_out.index]) ** 2).mean())

    answers = series_table().set_index("row")["sales"]
    assert error() < 0.7 * error(history="none")


def test_pairs_of_texts_are_compared_by_the_first_model(brief_of, run_script):
    brief = brief_of("pairs")
    predictions = run_script(str(compose(rank(brief)[0], brief)), "pairs").held_out
    answers = pairs_table(800).set_index("key")["alike"]
    assert (predictions["alike"].astype(int) == answers.loc[predictions.index]).mean() > 0.95


def test_all_models_of_pictures_run(brief_of, run_script):
    brief = brief_of("digits")
    predictions = run_script(str(light(all_models(brief))), "digits")
    assert predictions.held_out[brief.target].nunique() == 10


def test_the_same_script_gives_the_same_predictions_twice(brief_of, run_script):
    code = str(compose(rank(brief_of("diabetes"))[0], brief_of("diabetes"), seed=3))
    first, second = run_script(code, "diabetes"), run_script(code, "diabetes")
    assert first.held_out.equals(second.held_out)
    assert first.test.equals(second.test)


@pytest.mark.slow
@pytest.mark.parametrize("name", MESSY)
def test_every_alternative_of_every_block_runs_on_a_messy_table(name, brief_of, run_script):
    """In as few scripts as there can be: each has the next alternative in every block."""
    brief = brief_of(name)
    recipe = rank(brief)[0]
    kinds = {title: type_of(title) for title in compose(recipe, brief).titles[1:]}
    wanted = {
        title: [one.name for one in kind.everything if one.source != LEFT_OUT and one.needs.met(brief)]
        for title, kind in kinds.items()
        if not kind.fixed
    }
    for turn in range(max(map(len, wanted.values()))):
        choice = {title: names[turn % len(names)] for title, names in wanted.items() if names}
        assert len(run_script(str(compose(recipe, brief, choice=choice)), name).held_out) > 50


@pytest.mark.slow
@pytest.mark.parametrize("name", (*EXAMPLES, *TRIED))
def test_every_recipe_runs_by_itself_with_every_setting_of_its_model(name, brief_of, run_script):
    """On messy tables; on the examples the recipes themselves, and the settings of those that tables do not have."""
    brief = brief_of(name)
    for_tables = set() if name in TRIED else {recipe.name for messy in TRIED for recipe in rank(brief_of(messy))}
    for recipe in rank(brief):
        alternatives = recipe.block.alternatives
        for alternative in alternatives[:1] if recipe.name in for_tables else alternatives:
            assert len(run_script(str(compose(recipe, brief, choice={recipe.block.title: alternative.name})), name).held_out) > 10


@pytest.mark.slow
def test_every_alternative_for_pictures_runs(brief_of, run_script):
    brief = brief_of("digits")
    recipe = rank(brief)[0]
    for title in ("pictures", "fit"):
        for alternative in type_of(title).everything:
            code = str(compose(recipe, brief, choice={title: alternative.name}))
            assert run_script(code, "digits").held_out[brief.target].nunique() == 10
