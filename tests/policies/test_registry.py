import re
from pathlib import Path

import pytest

from journal import Operator, Settings
from policies import AIRA, Greedy, MleStar, MleStarParameters, PolicyError, make_policy, policy_names, policy_parameters
from tests.policies import conformance
from tests.policies.conformance import searched

PAGE = Path(__file__).parents[2] / "docs" / "policies.md"


def made(policy: str, *options: str) -> object:
    return make_policy(Settings(policy=policy, policy_options=options))


def test_every_policy_is_found_by_its_name_and_explained() -> None:
    assert {"mle-star", "greedy", "greedy-aira", "mcts", "evolutionary", "flat", "random"} <= set(policy_names())
    page = PAGE.read_text()
    assert not [name for name in policy_names() if f"`{name}`" not in page]


def test_options_go_over_the_presets_own_parameters() -> None:
    policy = made("greedy-aira", "num_drafts=3")
    assert isinstance(policy, Greedy)
    assert policy.parameters == AIRA.model_copy(update={"num_drafts": 3})
    variant = made("mle-star", "ablation=false", "merge=no")
    assert isinstance(variant, MleStar) and variant.parameters == MleStarParameters(ablation=False, merge=False)


@pytest.mark.parametrize(
    ("policy", "option", "said"),
    [
        ("greedy", "num_draft=3", "'num_draft=3' is no option of 'greedy' — write name=value; its options are: memory, "),
        ("greedy", "num_drafts", "write name=value"),
        ("greedy", "num_drafts=0", "num_drafts=0 — input should be greater than or equal to 1"),
        ("mcts", "exploration=much", "exploration=much — input should be a valid number"),
        ("greedy", "memory=elephant", "memory=elephant — input should be 'none', 'siblings', 'ancestors' or 'all'"),
        ("greddy", "", "'greddy' is no policy — choose from: evolutionary, flat, greedy"),
        ("nowhere.py", "", "there is no file 'nowhere.py'"),
    ],
)
def test_what_cannot_be_used_is_one_clear_error(policy: str, option: str, said: str) -> None:
    with pytest.raises(PolicyError) as error:
        made(policy, *([option] if option else []))
    assert said in str(error.value)


@pytest.mark.parametrize(("code", "said"), [("1 / 0", "ZeroDivisionError"), ("x = 1", "registers no policy"), ("def", "SyntaxError")])
def test_a_file_that_is_no_policy_says_why(tmp_path: Path, code: str, said: str) -> None:
    path = tmp_path / "mine.py"
    path.write_text(code)
    with pytest.raises(PolicyError, match=said):
        made(str(path))


def test_the_policy_of_the_page_needs_one_short_file_and_no_other_change(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.S)
    assert len(example.splitlines()) < 80
    path = tmp_path / "worst_first.py"
    path.write_text(example)
    search = searched(make_policy(Settings(policy=str(path), policy_options=("num_drafts=1",))), [0.5, 0.3, 0.7, 0.6], evaluations=5)
    assert [action.parents for action in search.tree.actions] == [(), (1001,), (1002,), (1002,), (1002,)]
    conformance.no_expansion_is_proposed_twice(search)
    conformance.the_budget_is_never_exceeded(search, 5)
    assert "worst-first" not in policy_names(), "a user's file is no part of the package"


def test_without_studies_each_step_draws_a_block() -> None:
    search = searched(make_policy(Settings(policy="mle-star-no-ablation", outer_steps=2, inner_steps=2)), [0.5], evaluations=None, seed=3)
    assert Operator.ABLATE not in search.operators
    lots = [action.lot for action in search.actions(Operator.TARGET)]
    assert len(lots) == 2 and all(lot is not None and 0 <= lot < 1 for lot in lots) and lots[0] != lots[1]


def test_the_parameters_of_every_policy_are_described() -> None:
    for name in policy_names():
        fields = type(policy_parameters(name)).model_fields
        assert fields and all(field.description or field.default is not None for field in fields.values())


def test_memory_and_complexity_go_with_each_improvement() -> None:
    policy = make_policy(Settings(policy="greedy", policy_options=("num_drafts=1", "memory=ancestors")))
    search = searched(policy, [0.9, 0.1], evaluations=7, repeating=True)
    improvements = search.actions(Operator.IMPROVE)[:6]
    assert [action.complexity for action in improvements] == ["simple", "simple", "normal", "normal", "advanced", "advanced"]
    assert {action.memory for action in improvements} == {"ancestors"}
    silent = searched(make_policy(Settings(policy="greedy", policy_options=("complexity=false",))), [0.9], evaluations=8)
    assert {action.complexity for action in silent.actions(Operator.IMPROVE)} == {None}
