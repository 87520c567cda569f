"""The strategies: valid standalone scripts that combine real members well and decide as the metric wants."""

import ast
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score, roc_auc_score

from competitions import METRICS, Brief
from ensembles import STRATEGIES, StackingViews, Strategy, render_strategy
from ensembles.embed import imported_packages
from ensembles.stack import write_stack
from journal import Solution

MARGIN = {"roc_auc": 0.005, "log_loss": 0.03, "rmse": 1.5, "accuracy": 0.02}
"""How much worse than the members' mean score an ensemble may be on a few dozen rows."""


def strategy(name: str) -> Strategy:
    return next(strategy for strategy in STRATEGIES if strategy.name == name)


def brief_of(metric: str, classes: tuple[str, ...] = (), positive: str | None = None) -> Brief:
    kind = METRICS[metric].prediction
    task = "regression" if not classes else "binary" if len(classes) == 2 else "multiclass"
    columns = classes if kind == "probability" and len(classes) > 2 else ("y",)
    return Brief(
        id="synthetic", description="", task=task, metric=metric, greater_is_better=METRICS[metric].greater_is_better, prediction=kind,
        id_columns=("id",), target="y", prediction_columns=columns, classes=classes, positive_class=positive, train_file="a.tsv",
        test_file="b.tsv", sample_file="c.tsv", shared_files=(), train_rows=1, test_rows=1, columns=(), train_only=(), target_summary={},
    )  # fmt: skip


def ids(count: int) -> pd.DataFrame:
    return pd.DataFrame({"id": [f"{i:05d}" for i in range(count)]})


def combine(run, place, name, brief, members, y, test_members=None):
    """Run a strategy on synthetic members: frames of member columns, by prefix. What it printed, and its two files."""
    train = pd.concat([ids(len(y)), *members.values(), pd.Series(y, name="y")], axis=1)
    test = pd.concat([ids(len(y)), *(test_members or members).values()], axis=1)
    write_stack(place / "input", train, test, ids(len(y)).assign(y=0), "")
    printed = run(render_strategy(strategy(name), brief, list(members)), place / "input", place / "run")
    text = {"id": str, "y": str} if brief.prediction == "label" else {"id": str}
    files = [pd.read_csv(place / "run" / f, dtype=text) for f in ("submission.csv", "probabilities.csv") if (place / "run" / f).exists()]
    assert list(files[0]["id"]) == list(test["id"])
    return printed, *files


def binary_member(prefix, p, classes=("no", "yes")):
    return pd.DataFrame({f"{prefix}__{classes[0]}": 1 - p, f"{prefix}__{classes[1]}": p})


def printed_weights(text: str) -> np.ndarray:
    return np.array([float(weight) for weight in re.findall(r"m\d{4} ([\d.]+)", text.split("weights:")[1].splitlines()[0])])


def test_every_strategy_fits_some_task_and_says_what_it_does():
    briefs = [
        brief_of(metric, classes, "yes" if classes == ("no", "yes") else None)
        for metric in METRICS
        for classes in ((), ("no", "yes"), ("1", "2", "3"))
        if ("regression" if not classes else "binary" if len(classes) == 2 else "multiclass") in METRICS[metric].tasks
    ]
    for one in STRATEGIES:
        assert any(one.fits(brief) for brief in briefs)
        assert one.plan.endswith(".")
    assert len({one.name for one in STRATEGIES}) == len(STRATEGIES)
    for brief in briefs:
        fitting = [one for one in STRATEGIES if one.fits(brief)]
        assert len(fitting) >= 5
        for one in fitting:
            code = render_strategy(one, brief, ["m0001", "m0002"])
            ast.parse(code)
            solution = Solution.parse(code)
            assert solution.titles[:3] == ("setup", "imports", "load")
            assert solution.titles[-3:] == ("combine", "decide", "write")
            assert imported_packages(code) <= {"numpy", "pandas", "scipy", "sklearn"}
            assert "a.tsv" not in code
            assert not re.search(r"^# (name|plan|fits|uses):", code, re.MULTILINE)


def test_a_strategy_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="'median' does not fit metric 'accuracy'"):
        render_strategy(strategy("median"), brief_of("accuracy", ("a", "b", "c")), ["m0001"])
    with pytest.raises(ValueError, match="no members"):
        render_strategy(strategy("mean"), brief_of("rmse"), [])


@pytest.mark.parametrize("name", ["breast-cancer", "wine-recognition", "diabetes", "digits"])
def test_on_real_members_every_strategy_is_about_as_good_as_the_mean_member_or_better(name, case_of, tmp_path):
    case = case_of(name)
    stacking = StackingViews(case.views, case.members, tmp_path / "stack")
    mean_member = np.mean([case.score(case.views, member.folds[:1]) for member in case.members])
    sign = 1 if case.brief.greater_is_better else -1
    gains = {}
    for one in STRATEGIES:
        if one.fits(case.brief):
            predictions = case.run(
                render_strategy(one, case.brief, stacking.prefixes), stacking, stacking.view("search", 0), tmp_path / one.name
            )
            assert len(predictions.test) == case.brief.test_rows
            gains[one.name] = sign * (case.score(stacking, [predictions]) - mean_member)
    assert min(gains.values()) > -MARGIN[case.brief.metric], gains
    assert max(gains.values()) > 0, gains


def test_labels_come_with_probabilities_that_other_ensembles_can_use(case_of, tmp_path):
    case = case_of("digits")
    stacking = StackingViews(case.views, case.members, tmp_path / "stack")
    code = render_strategy(strategy("mean"), case.brief, stacking.prefixes)
    held_out = case.run(code, stacking, stacking.view("search", 0), tmp_path / "run").held_out
    shares = held_out[[f"p:{label}" for label in case.brief.classes]]
    assert shares.sum(axis=1).to_numpy() == pytest.approx(1)
    assert (shares.columns[shares.to_numpy().argmax(axis=1)].str[2:] == held_out.iloc[:, 0]).all()


@pytest.mark.parametrize("name", ["greedy selection", "least-squares weights"])
def test_weights_of_values_come_close_to_the_best_of_a_grid(name, run, tmp_path):
    rng = np.random.default_rng(0)
    y = rng.normal(50, 10, 600)
    members = {f"m000{i}": pd.DataFrame({f"m000{i}": y + rng.normal(0, noise, 600)}) for i, noise in enumerate((4, 6, 12), 1)}
    printed, submission = combine(run, tmp_path, name, brief_of("rmse"), members, y)
    P = np.stack([frame.iloc[:, 0] for frame in members.values()])
    grid = [np.array([a, b, 1 - a - b]) for a in np.linspace(0, 1, 51) for b in np.linspace(0, 1 - a, 51)]
    best = min(np.sqrt(((w @ P - y) ** 2).mean()) for w in grid)
    assert np.sqrt(((submission["y"] - y) ** 2).mean()) < 1.02 * best
    assert printed_weights(printed).sum() == pytest.approx(1, abs=0.02)
    assert printed_weights(printed).argmax() == 0


@pytest.mark.parametrize("name", ["greedy selection", "optimised weights"])
def test_weights_of_probabilities_come_close_to_the_best_of_a_grid(name, run, tmp_path):
    rng = np.random.default_rng(1)
    logit = rng.normal(0, 2, 800)
    y = np.where(rng.random(800) < 1 / (1 + np.exp(-logit)), "yes", "no")
    members = {
        f"m000{i}": binary_member(f"m000{i}", 1 / (1 + np.exp(-(logit + rng.normal(0, s, 800))))) for i, s in enumerate((0.7, 1.0, 3), 1)
    }
    printed, submission = combine(run, tmp_path, name, brief_of("log_loss", ("no", "yes"), "yes"), members, y)[:2]
    P = np.stack([frame.iloc[:, 1] for frame in members.values()])

    def log_loss(p):
        return -np.log(np.where(y == "yes", p, 1 - p)).mean()

    best = min(log_loss(np.array([a, b, 1 - a - b]) @ P) for a in np.linspace(0, 1, 41) for b in np.linspace(0, 1 - a, 41))
    assert log_loss(submission["y"].to_numpy()) < 1.01 * best
    assert printed_weights(printed)[2] < 0.2


def test_the_ranks_of_differently_spread_members_are_averaged(run, tmp_path):
    rng = np.random.default_rng(2)
    signal = rng.normal(0, 1, 500)
    y = np.where(signal + rng.normal(0, 1, 500) > 0, "yes", "no")
    wide, narrow = (signal + rng.normal(0, 1, 500) for _ in range(2))
    members = {"m0001": binary_member("m0001", 1 / (1 + np.exp(-3 * wide))), "m0002": binary_member("m0002", 0.5 + 0.001 * narrow)}
    brief = brief_of("roc_auc", ("no", "yes"), "yes")
    _, mean, _ = combine(run, tmp_path / "mean", "mean", brief, members, y)
    _, ranks, _ = combine(run, tmp_path / "rank", "rank mean", brief, members, y)
    assert roc_auc_score(y == "yes", ranks["y"]) > roc_auc_score(y == "yes", mean["y"]) + 0.01


def test_for_rmsle_members_are_blended_as_logarithms_and_never_below_zero(run, tmp_path):
    y = np.array([1.0, 10, 100, 0] * 10)
    members = {"m0001": pd.DataFrame({"m0001": y - 5}), "m0002": pd.DataFrame({"m0002": y * 2})}
    _, submission = combine(run, tmp_path, "mean", brief_of("rmsle"), members, y)
    expected = np.expm1((np.log1p((y - 5).clip(min=0)) + np.log1p(y * 2)) / 2)
    assert submission["y"].to_numpy() == pytest.approx(expected)
    assert (submission["y"] >= 0).all()


def test_the_cut_for_f1_lies_where_rare_positives_want_it(run, tmp_path):
    rng = np.random.default_rng(3)
    p = rng.beta(1, 9, 2000)
    y = np.where(rng.random(2000) < p, "yes", "no")
    members = {"m0001": binary_member("m0001", p)}
    _, submission, _ = combine(run, tmp_path, "mean", brief_of("f1", ("no", "yes"), "yes"), members, y)
    fitted = f1_score(y == "yes", submission["y"] == "yes")
    best = max(f1_score(y == "yes", p >= cut) for cut in np.linspace(0.05, 0.5, 46))
    assert fitted > 0.95 * best
    assert fitted > f1_score(y == "yes", p >= 0.5) + 0.1


def test_for_kappa_the_expected_value_is_cut_better_than_by_argmax(run, tmp_path):
    rng = np.random.default_rng(4)
    classes = ("3", "4", "5", "6", "10")
    values = np.array([float(label) for label in classes])
    latent = rng.normal(4.6, 1.2, 1500)
    y = np.array(classes)[np.abs((latent + rng.normal(0, 0.7, 1500))[:, None] - values).argmin(axis=1)]
    P = np.exp(-np.abs(latent[:, None] - values) / 1.5) * np.array([1, 1, 6, 1, 1])  # leans to the middle class
    P /= P.sum(axis=1, keepdims=True)
    members = {"m0001": pd.DataFrame(P, columns=[f"m0001__{label}" for label in classes])}
    _, submission, _ = combine(run, tmp_path, "mean", brief_of("quadratic_weighted_kappa", classes), members, y)

    def kappa(labels):
        return cohen_kappa_score(y.astype(float).astype(int), np.asarray(labels).astype(int), weights="quadratic")

    assert kappa(submission["y"]) > kappa(np.array(classes)[P.argmax(axis=1)]) + 0.02


def test_for_macro_f1_rare_classes_are_found(run, tmp_path):
    rng = np.random.default_rng(5)
    classes, share = ("a", "b", "c"), np.array([0.9, 0.07, 0.03])
    truth = rng.choice(3, 3000, p=share)
    likelihood = np.exp(1.5 * (np.eye(3)[truth] + rng.normal(0, 0.6, (3000, 3))))
    P = likelihood * share
    P /= P.sum(axis=1, keepdims=True)
    y = np.array(classes)[truth]
    members = {"m0001": pd.DataFrame(P, columns=[f"m0001__{label}" for label in classes])}
    _, submission, _ = combine(run, tmp_path, "mean", brief_of("f1_macro", classes), members, y)
    plain = np.array(classes)[P.argmax(axis=1)]
    assert f1_score(y, submission["y"], average="macro") > f1_score(y, plain, average="macro") + 0.02


def test_a_class_that_the_training_rows_lack_does_not_stop_the_stacked_model(run, tmp_path):
    classes = ("a", "b", "c")
    rng = np.random.default_rng(6)
    P = rng.dirichlet(np.ones(3), 60)
    members = {"m0001": pd.DataFrame(P, columns=[f"m0001__{label}" for label in classes])}
    y = np.where(P[:, 0] > P[:, 1], "a", "b")
    _, submission, _ = combine(run, tmp_path, "stacked logistic regression", brief_of("log_loss", classes), members, y)
    assert (submission["c"] < 0.01).all()
    assert submission[list(classes)].sum(axis=1).to_numpy() == pytest.approx(1)
