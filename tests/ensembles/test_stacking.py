"""The stacking view: the base's rows and labels, members' predictions as columns, and no label of the fold it is for."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from competitions import Predictions
from ensembles import MemberPredictions, StackingError, StackingViews, correlations, member_prefix, stacking_brief
from ensembles.stack import member_columns

EXAMPLES = ("breast-cancer", "wine-recognition", "diabetes", "digits")


class Relabelled:
    """A source whose answers are others."""

    def __init__(self, base, answers):
        self._base, self._answers = base, answers

    def __getattr__(self, name):
        return getattr(self._base, name)

    def answers(self):
        return self._answers


def read(view, name):
    return pd.read_csv(view.folder / name, dtype=str, keep_default_na=False)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_fold_trains_on_the_other_folds_and_asks_for_its_own_rows_and_the_test(name, case_of, tmp_path):
    case = case_of(name)
    stacking = StackingViews(case.views, case.members, tmp_path)
    competition, target = stacking.competition, case.views.competition.target
    answers, assignment = case.views.answers(), case.views.assignment("search")
    for fold in range(stacking.folds):
        view = stacking.view("search", fold)
        train, test = read(view, "train.csv"), read(view, "test.csv")
        assert sorted(p.name for p in view.folder.iterdir()) == ["description.md", "sample_submission.csv", "test.csv", "train.csv"]
        assert list(train.columns) == [*test.columns, target]
        assert all(column == "id" or column.startswith(stacking.prefixes) for column in test.columns)
        assert sorted(view.held_out[view.held_out >= 0]) == sorted(np.flatnonzero(assignment == fold))
        assert sorted(view.test[view.test >= 0]) == list(range(case.brief.test_rows))
        assert list(test["id"]) == list(view.ids["id"])
        assert set(train["id"]).isdisjoint(test["id"])
        expected = answers[assignment != fold]
        written = train[target] if competition.classes else train[target].astype(float)
        assert list(written) == list(expected)
        sample = read(view, "sample_submission.csv")
        assert list(sample["id"]) == list(test["id"])
        assert all(sample[column].nunique() == 1 for column in competition.prediction_columns)


def test_the_predictions_of_a_row_are_in_the_row_with_its_id(case_of, tmp_path):
    case = case_of("breast-cancer")
    view = StackingViews(case.views, case.members, tmp_path).view("search", 1)
    test = pd.read_csv(view.folder / "test.csv")
    fold, positive = case.members[1].folds[1], case.views.competition.positive_class
    for row in (0, 1, 2, len(test) - 1):
        position = view.held_out[row]
        source = fold.held_out.loc[position] if position >= 0 else fold.test.loc[view.test[row]]
        assert test[f"m0007__{positive}"][row] == pytest.approx(source.iloc[0], abs=1e-15)
    base = case.views.view("search", 1)
    by_id = {**dict(zip(base.ids["id"], base.held_out, strict=True))}
    assert all(by_id[i] == position for i, position in zip(view.ids["id"], view.held_out, strict=True))


@pytest.mark.parametrize("name", ["wine-recognition", "diabetes"])
def test_the_held_out_labels_of_a_fold_change_nothing_in_its_view(name, case_of, tmp_path):
    case = case_of(name)
    answers = case.views.answers().copy()
    held_out = case.views.assignment("search") == 0
    answers[held_out] = answers[held_out].iloc[0]
    before = StackingViews(case.views, case.members, tmp_path / "a")
    after = StackingViews(Relabelled(case.views, answers), case.members, tmp_path / "b")
    assert before.view("search", 0).fingerprint == after.view("search", 0).fingerprint
    assert before.view("search", 1).fingerprint != after.view("search", 1).fingerprint


def test_one_holdout_is_dealt_into_five_stratified_folds(case_of, tmp_path):
    case = case_of("digits", folds=1)
    stacking = StackingViews(case.views, case.members, tmp_path)
    held_out = set(np.flatnonzero(case.views.assignment("search") == 0))
    views = [stacking.view("search", fold) for fold in range(stacking.folds)]
    assert stacking.folds == 5
    rows = [set(view.held_out[view.held_out >= 0]) for view in views]
    assert set.union(*rows) == held_out
    assert sum(map(len, rows)) == len(held_out)
    answers = case.views.answers()
    for view, inside in zip(views, rows, strict=True):
        assert len(read(view, "train.csv")) == len(held_out) - len(inside)
        assert set(answers.loc[sorted(inside)]) == set(case.views.competition.classes)


def test_the_final_view_trains_on_all_rows_and_averages_the_folds_test_predictions(case_of, tmp_path):
    case = case_of("diabetes")
    view = StackingViews(case.views, case.members, tmp_path).view("search", None)
    test = pd.read_csv(view.folder / "test.csv")
    mean = np.mean([fold.test.iloc[:, 0] for fold in case.members[0].folds], axis=0)
    assert len(read(view, "train.csv")) == case.brief.train_rows
    assert (view.held_out == -1).all()
    assert list(view.test) == list(range(len(test)))
    assert test["m0003"].to_numpy() == pytest.approx(mean)


def test_final_runs_of_all_members_replace_the_average_on_the_final_view(case_of, tmp_path):
    case = case_of("diabetes")
    finals = [dataclasses.replace(member, final=member.folds[0]) for member in case.members]
    view = StackingViews(case.views, finals, tmp_path).view("search", None)
    assert pd.read_csv(view.folder / "test.csv")["m0003"].to_numpy() == pytest.approx(finals[0].folds[0].test.iloc[:, 0].to_numpy())


def test_views_are_kept_by_content(case_of, tmp_path):
    case = case_of("diabetes")
    first, second = (StackingViews(case.views, case.members, tmp_path).view("search", 0) for _ in range(2))
    fewer = StackingViews(case.views, case.members[:2], tmp_path).view("search", 0)
    assert first.folder == second.folder
    assert first.fingerprint == second.fingerprint
    assert fewer.folder != first.folder
    assert not any(path.name.startswith(".") for path in first.folder.parent.iterdir())
    assert all(path.stat().st_mode & 0o222 == 0 for path in first.folder.iterdir())


def test_members_that_do_not_fit_together_are_refused(case_of, tmp_path):
    case = case_of("diabetes")
    first = case.members[0]
    with pytest.raises(StackingError, match="none given"):
        StackingViews(case.views, [], tmp_path)
    with pytest.raises(StackingError, match="member 3: predictions of 1 folds, not 2"):
        StackingViews(case.views, [MemberPredictions(3, first.folds[:1])], tmp_path)
    with pytest.raises(StackingError, match="member 5, fold 0: other held-out rows"):
        StackingViews(case.views, [first, MemberPredictions(5, first.folds[::-1])], tmp_path)
    with pytest.raises(ValueError, match="fold 2 is none"):
        StackingViews(case.views, case.members, tmp_path).view("search", 2)


def test_without_test_rows_in_the_folds_the_final_view_needs_final_runs(case_of, tmp_path):
    case = case_of("diabetes")
    untested = [MemberPredictions(m.number, [Predictions(f.held_out, f.test.iloc[:0]) for f in m.folds]) for m in case.members]
    stacking = StackingViews(case.views, untested, tmp_path)
    assert (stacking.view("search", 0).held_out >= 0).all()
    with pytest.raises(StackingError, match="run every member on its final view"):
        stacking.view("search", None)


def test_each_kind_of_prediction_becomes_one_column_a_class():
    labels = pd.DataFrame({"y": ["b", "a"]}, index=[4, 9])
    with_probabilities = labels.assign(**{"p:a": [0.3, 0.9], "p:b": [0.7, 0.1]})
    positive = pd.DataFrame({"y": [0.7, 0.1]}, index=[4, 9])
    per_class = pd.DataFrame({"b": [0.7, 0.1], "a": [0.3, 0.9]}, index=[4, 9])
    soft = pd.DataFrame({"m0001__a": [0.3, 0.9], "m0001__b": [0.7, 0.1]}, index=[4, 9])
    for predictions in (with_probabilities, positive, per_class):
        pd.testing.assert_frame_equal(member_columns(predictions, "m0001", ("a", "b"), "b"), soft)
    hard = member_columns(labels, "m0001", ("a", "b"), "b")
    assert hard.to_numpy().tolist() == [[0, 1], [1, 0]]
    values = member_columns(pd.DataFrame({"y": [2.5, 3.5]}), "m0001", (), None)
    assert values["m0001"].tolist() == [2.5, 3.5]


def test_correlations_are_pearsons_and_symmetric(case_of):
    case = case_of("diabetes")
    matrix = correlations(case.members, case.views.competition)
    vectors = [pd.concat([fold.held_out for fold in member.folds]).iloc[:, 0] for member in case.members]
    assert matrix.index.tolist() == matrix.columns.tolist() == [3, 7, 12]
    assert matrix.to_numpy() == pytest.approx(np.corrcoef(vectors))


def test_a_constant_member_has_no_correlation_with_others(case_of):
    case = case_of("diabetes")
    constant = MemberPredictions(99, [Predictions(fold.held_out * 0 + 1, fold.test) for fold in case.members[0].folds])
    matrix = correlations([case.members[0], constant], case.views.competition)
    assert matrix.to_numpy().tolist() == [[1, 0], [0, 1]]


def test_the_brief_speaks_of_the_stacking_view(case_of):
    case = case_of("wine-recognition")
    brief = stacking_brief(case.brief, [member_prefix(3), member_prefix(12)])
    assert (brief.train_file, brief.test_file, brief.sample_file) == ("train.csv", "test.csv", "sample_submission.csv")
    assert (brief.metric, brief.target, brief.classes) == (case.brief.metric, case.brief.target, case.brief.classes)
    assert "m0012" in brief.description
    assert f"m0003__{brief.classes[0]}" in brief.description
