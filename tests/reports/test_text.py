import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from reports import text


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.96, "10 s"), (59.6, "1 min"), (200, "3 min 20 s"), (3600, "1 h"), (7500, "2 h 5 min"), (None, "—")],
)
def test_durations_are_said_as_a_person_would(seconds: float | None, said: str) -> None:
    assert text.duration(seconds) == said


@pytest.mark.parametrize(
    ("value", "said"), [(0.402, "0.40200"), (12345.6, "12346"), (1234567.0, "1,234,567"), (0.0, "0.0000"), (None, "—")]
)
def test_scores_have_five_significant_digits(value: float | None, said: str) -> None:
    assert text.score(value) == said


def test_control_characters_are_shown_not_obeyed() -> None:
    assert text.visible("\x1b[31m\u202ea\x00\n\tb") == "␛[31m\\u202ea␀\n\tb"


def test_long_text_is_cut_and_says_how_much_is_missing() -> None:
    assert text.visible("a" * 30, 10) == "a" * 10 + " … (20 more characters)"


@settings(deadline=None)
@example("__0__")
@example("snake_case | <b>1. \x1b[0m")
@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_escaped_text_in_a_table_cell_renders_to_that_text(foreign: str) -> None:
    page = MarkdownIt("commonmark").enable("table").parse(text.markdown_table(("a", "b"), [(text.cell(foreign), "x")]))
    inline = [token for token in page if token.type == "inline"]
    assert len(inline) == 4
    cell = inline[2].children or []
    assert {child.type for child in cell} <= {"text", "text_special"}
    assert "".join(child.content for child in cell) == text.one_line(foreign).strip()
