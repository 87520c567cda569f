import pytest

from retrieval import Needs


@pytest.mark.parametrize(
    ("needs", "met"),
    [
        ({}, True),
        ({"task": "regression"}, True),
        ({"task": ["binary", "multiclass"]}, False),
        ({"metric": "rmsle", "prediction": "number"}, True),
        ({"kinds": ["text", "date"]}, True),
        ({"names": ["lat", "lon|lng"]}, True),
        ({"names": ["lat", "altitude"]}, False),
        ({"missing": True}, True),
        ({"long_tail": True}, True),
        ({"min_rows": 1000}, False),
        ({"max_rows": 1000}, True),
        ({"shape": "pictures"}, False),
    ],
)
def test_needs_are_checked_against_the_data(needs, met, brief_of):
    assert Needs.model_validate(needs).met(brief_of("messy regression")) is met


def test_a_misspelt_condition_is_an_error():
    with pytest.raises(ValueError, match="max_row"):
        Needs.model_validate({"max_row": 3})
