import ast
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline

import retrieval.needs
from competitions import EXAMPLES
from retrieval import Needs, block_types, card, compose, rank, recipes, shape_of, type_of
from retrieval.needs import is_installed

NAMES = (*EXAMPLES, "messy binary", "messy multiclass", "messy regression")
OURS = {"journal", "competitions", "retrieval", "ensembles", "engineers", "mlestar"}


@pytest.mark.parametrize("name", NAMES)
def test_every_recipe_with_every_alternative_is_a_standalone_script(name, brief_of):
    """The blocks beside the model's are the same for all: they are looked at with the first."""
    brief = brief_of(name)
    for number, recipe in enumerate(rank(brief)):
        plain = compose(recipe, brief)
        for title in plain.titles[1:] if number == 0 else [recipe.block.title]:
            kind = type_of(title)
            assert kind is not None
            for alternative in kind.everything:
                solution = compose(recipe, brief, choice={title: alternative.name})
                assert kind.holding(solution.block(title).source) == alternative, "what a block holds is found again"
        modules = {node.module or "" for node in ast.walk(ast.parse(str(plain))) if isinstance(node, ast.ImportFrom)}
        assert not {module.split(".")[0] for module in modules} & OURS
        assert '"submission.csv"' in str(plain)
        assert ('"probabilities.csv"' in str(plain)) == bool(brief.classes)
        assert "print(" not in str(plain)


def test_every_choice_has_a_plan_of_its_own():
    for kind in [*(kind for kind in block_types() if kind), *(recipe.block for recipe in recipes())]:
        plans = [alternative.plan for alternative in kind.everything]
        assert kind.fixed or (all(plan.endswith(".") for plan in plans) and len(set(plans)) == len(plans)), kind.title
        sources = [alternative.source for alternative in kind.everything]
        assert len(set(sources)) == len(sources), kind.title


def test_front_matter_and_includes_do_not_reach_the_script(brief_of):
    brief = brief_of("messy binary")
    for recipe in rank(brief):
        assert "# plan:" not in str(compose(recipe, brief))
        assert "#> " not in str(compose(recipe, brief))


@pytest.mark.parametrize("name", NAMES)
def test_ranking_takes_every_family_once_before_any_twice(name, brief_of):
    families = [recipe.family for recipe in rank(brief_of(name))]
    different = len(set(families))
    assert different >= 4
    assert len(set(families[:different])) == different


def test_pictures_and_tables_start_with_different_models(brief_of):
    assert shape_of(brief_of("digits")) == "pictures"
    first = "convolutional network" if is_installed("torch") else "support vector machine on pixels"
    assert rank(brief_of("digits"))[0].name == first
    assert rank(brief_of("diabetes"))[0].name == "LightGBM"


def test_running_text_is_read_by_models_of_words(brief_of):
    brief = brief_of("messy binary")
    text = next(column for column in brief.columns if column.name == "name").model_copy(update={"kind": "text", "words": 8.0})
    first, second, *_ = rank(brief.model_copy(update={"columns": (text,)}))
    assert (first.family, second.family) == ("gradient boosting on texts", "linear on words")


def test_blocks_without_a_use_are_left_out(brief_of):
    table = compose(rank(brief_of("diabetes"))[0], brief_of("diabetes"))
    messy = compose(rank(brief_of("messy regression"))[0], brief_of("messy regression"))
    assert not {"dates", "words", "places", "pictures"} & set(table.titles)
    assert {"dates", "places", "missing values", "target"} <= set(messy.titles)


def test_a_long_tailed_target_is_learned_on_the_logarithmic_scale(brief_of):
    brief = brief_of("messy regression")
    assert "np.log1p" in compose(rank(brief)[0], brief).block("target").source
    plain = brief_of("diabetes")
    assert "log1p" not in compose(rank(plain)[0], plain).block("target").source


def test_grades_are_learned_as_numbers_and_classes_as_classes(brief_of):
    """What is not graded has no such choice."""
    brief = brief_of("messy multiclass")
    assert brief.metric == "quadratic_weighted_kappa"
    graded = compose(rank(brief)[0], brief)
    assert graded.block("grades").source == "LEARN_CLASSES = False"
    assert graded.titles.index("grades") < graded.titles.index(rank(brief)[0].block.title)
    assert "grades" not in compose(rank(brief_of("digits"))[0], brief_of("digits")).titles


def test_the_past_is_looked_at_where_the_test_rows_come_later(brief_of):
    brief = brief_of("series")
    assert brief.time_column == "day"
    assert "history" in compose(rank(brief)[0], brief).titles
    assert "history" not in compose(rank(brief_of("diabetes"))[0], brief_of("diabetes")).titles


def test_the_seed_and_the_data_are_in_the_card(brief_of):
    brief = brief_of("diabetes")
    made = card(rank(brief)[0], brief, seed=7)
    assert "SEED = 7" in made.code
    assert f"{brief.train_rows:,} rows" in made.why
    assert made.source == "catalogue:lightgbm"


def test_an_unknown_choice_is_an_error_that_lists_what_there_is(brief_of):
    brief = brief_of("diabetes")
    with pytest.raises(KeyError, match="no alternative 'fast'"):
        compose(rank(brief)[0], brief, choice={"fit": "fast"})
    with pytest.raises(KeyError, match="no block 'dates'"):
        compose(rank(brief)[0], brief, choice={"dates": "parts"})


def test_a_recipe_whose_library_is_missing_is_left_out(brief_of, monkeypatch):
    brief = brief_of("messy binary")
    monkeypatch.setattr(retrieval.needs, "is_installed", lambda package: True)
    assert {"CatBoost", "XGBoost"} <= {recipe.name for recipe in rank(brief)}
    monkeypatch.setattr(retrieval.needs, "is_installed", lambda package: False)
    assert not {"CatBoost", "XGBoost", "table network"} & {recipe.name for recipe in rank(brief)}
    assert not Needs(package="numpy").met(brief)


def test_networks_are_told_how_long_they_may_take(brief_of):
    brief = brief_of("diabetes")
    assert "SECONDS = 45" in compose(rank(brief)[0], brief, seconds=45.2).block("setup").source


def test_catboost_grows_as_many_trees_as_the_time_allows() -> None:
    pytest.importorskip("catboost", reason="catboost is not installed: pip install 'mlestar[boosting]'")
    source = Path(retrieval.needs.__file__).with_name("catalogue") / "blocks" / "catboost" / "plain.py"
    classes = [str(number) for number in range(10)]
    known = {"np": np, "SEED": 0, "THREADS": 1, "LEARN_CLASSES": True, "models": {}}
    known |= {"make_pipeline": make_pipeline, "select_table": "passthrough"}

    def trees(rows: int, seconds: float, labels: list[str], **parameters: int) -> int:
        script = known | {"SECONDS": seconds, "CLASSES": labels}
        exec(source.read_text(), script)
        return script["OrderedBoosting"](**parameters)._affordable(pd.DataFrame(np.zeros((rows, 20))), 8)

    binary = classes[:2]
    assert trees(1000, 19, binary) == 700
    assert 250 < trees(24_000, 19, binary) < 700
    assert trees(24_000, 60, binary) == 700
    assert trees(1_000_000, 19, binary) == trees(30_000, 19, binary), "the refit has as many as the search"
    assert trees(24_000, 19, classes) == 250
    assert trees(24_000, 19, classes, iterations=120) == 120


def test_the_probabilities_of_a_support_vector_machine_on_pixels_are_as_sharp_as_they_are_right() -> None:
    source = Path(retrieval.needs.__file__).with_name("catalogue") / "blocks" / "pixel_kernel" / "plain.py"
    digits = load_digits()
    rows = np.random.default_rng(0).permutation(len(digits.target))
    X, y = digits.data[rows] / 16, digits.target[rows]
    known = {"np": np, "SEED": 0, "LEARN_CLASSES": True, "models": {}, "make_pipeline": make_pipeline}
    script = known | {"X": pd.DataFrame(X), "numeric": [*range(64)]}
    exec(source.read_text(), script)
    machine = script["SoftPixelSVC"](C=10.0)

    machine.fit(X[:1000], y[:1000])
    assert log_loss(y[1000:], machine.predict_proba(X[1000:])) < 0.9 * log_loss(y[1000:], machine._soft(X[1000:], 2.0))
    assert (machine.predict_proba(X[1000:]).argmax(axis=1) == machine.predict(X[1000:])).mean() > 0.99

    once = np.flatnonzero((y < 9) | (np.arange(len(y)) == np.flatnonzero(y == 9)[0]))[:600]
    assert machine.fit(X[once], y[once]).predict_proba(X[:5]).shape == (5, 10), "a class of a single row"
    two = y < 2
    assert np.allclose(machine.fit(X[two], y[two]).predict_proba(X[two]).sum(axis=1), 1)
    pair = np.array([np.flatnonzero(y == digit)[0] for digit in (0, 1)])
    assert machine.fit(X[pair], y[pair]).sharpness_ == 2.0, "too few rows to hold any out"
