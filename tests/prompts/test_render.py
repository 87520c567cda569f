from dataclasses import replace
from pathlib import Path

import pytest

from competitions import load_competition, make_brief, make_example
from engineers.llm import Machine
from prompts import PromptError, render, template_names


@pytest.mark.parametrize("name", ["breast-cancer", "diabetes", "digits", "wine-recognition"])
def test_the_contract_names_every_file_and_column(name: str, tmp_path: Path) -> None:
    brief = make_brief(load_competition(make_example(name, tmp_path)))
    text = render("contract", brief=brief, seconds=600.0, memory=2**33)
    for word in (
        brief.train_file,
        brief.test_file,
        brief.sample_file,
        brief.target,
        *brief.prediction_columns,
        brief.metric,
        "600 seconds",
        "8.0 GiB",
    ):
        assert word in text


def test_the_machine_names_its_pretrained_weights_or_says_that_there_are_none() -> None:
    bare = Machine("CPU: 1 thread for a script.", ("numpy 2.4",))
    assert "no pretrained weights" in render("machine", machine=bare)
    text = render("machine", machine=replace(bare, weights=("acme/tiny", "net-00.pth")))
    assert "Pretrained weights on the machine: acme/tiny, net-00.pth." in text
    assert "no pretrained weights" not in text


def test_a_missing_value_is_an_error_that_names_the_template() -> None:
    with pytest.raises(PromptError, match=r"prompts/contract\.md"):
        render("contract", seconds=1.0)


def test_an_unknown_template_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(PromptError, match="contract"):
        render("nonsense")


def test_all_templates_are_listed() -> None:
    assert "contract" in template_names()
