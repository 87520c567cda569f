import pytest

from retrieval import CardError, read_card, read_cards

GOOD = """---
name: CatBoost
family: gradient boosting
why: It encodes categories by itself.
---
Some words about it.

```python
import catboost
```
"""


def test_a_card_is_read_with_its_path_as_source(tmp_path):
    (tmp_path / "one.md").write_text(GOOD)
    (card,) = read_cards(tmp_path)
    assert (card.name, card.family, card.code) == ("CatBoost", "gradient boosting", "import catboost\n")
    assert card.source == str(tmp_path / "one.md")


@pytest.mark.parametrize("line", ["weights: acme/tiny, acme/other", "weights: [acme/tiny, acme/other]"])
def test_a_card_names_the_weights_that_it_needs(tmp_path, line):
    (tmp_path / "one.md").write_text(GOOD.replace("why:", f"{line}\nwhy:"))
    (card,) = read_cards(tmp_path)
    assert card.weights == ("acme/tiny", "acme/other")


def test_cards_come_in_the_order_of_their_files_and_readme_is_none(tmp_path):
    (tmp_path / "README.md").write_text("# About")
    for name in ("b", "a"):
        (tmp_path / f"{name}.md").write_text(GOOD.replace("CatBoost", name))
    assert [card.name for card in read_cards(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("just text", "no front matter"),
        (GOOD.replace("family: gradient boosting\n", ""), "field 'family' is missing"),
        (GOOD.replace("name: CatBoost", "name: ''"), "field 'name' is missing or empty"),
        (GOOD.replace("why:", "colour:"), "unknown field 'colour'"),
        (GOOD.replace("```python\nimport catboost\n```\n", ""), "0 fenced Python blocks"),
        (GOOD + "```python\n1\n```\n", "2 fenced Python blocks"),
        (GOOD.replace("import catboost\n", ""), "Python block is empty"),
        (GOOD.replace("CatBoost", "a: b: c"), "no YAML"),
        (GOOD.replace("why:", "weights: resnet18\nwhy:"), "field 'weights': 'resnet18'.*organisation/name"),
    ],
)
def test_a_broken_card_is_an_error_that_names_the_file_and_the_remedy(tmp_path, text, message):
    path = tmp_path / "card.md"
    path.write_text(text)
    with pytest.raises(CardError, match=message) as caught:
        read_card(path)
    assert str(path) in str(caught.value)


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(CardError, match="no such folder"):
        read_cards(tmp_path / "cards")
