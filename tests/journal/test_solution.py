import pytest

from journal import Block, Solution, SolutionError, changed_blocks

SCRIPT = """# %% imports
import os
import sys

# %% fit
x = 1

# %% fit
x = 2
"""


def test_cells_become_blocks_and_repeated_titles_are_numbered() -> None:
    solution = Solution.parse(SCRIPT)
    assert solution.titles == ("imports", "fit", "fit 2")
    assert solution.block("imports").source == "import os\nimport sys"


def test_a_parsed_script_prints_to_a_script_that_parses_to_the_same() -> None:
    solution = Solution.parse(SCRIPT)
    assert Solution.parse(str(solution)) == solution


def test_what_stands_before_the_first_cell_is_kept() -> None:
    assert Solution.parse("import os\n# %% a\nx = 1").titles == ("head", "a")


def test_a_script_without_cells_is_cut_at_its_statements() -> None:
    solution = Solution.parse("import os\nimport sys\n\n# the model\ndef fit(x):\n    return x\n\nfor i in range(3):\n    fit(i)\n")
    assert solution.titles == ("imports", "fit", "for")
    assert solution.block("fit").source.startswith("# the model")
    assert "import sys" in solution.block("imports").source


def test_statements_on_one_line_are_not_lost() -> None:
    assert "y = 2" in str(Solution.parse("x = 1; y = 2\nz = 3\n"))


@pytest.mark.parametrize("code", ["", "\n\n# %% a\n", "def f(:", "x = '\0'"])
def test_what_is_no_script_is_refused(code: str) -> None:
    with pytest.raises(SolutionError):
        Solution.parse(code)


def test_replacement_goes_by_position_even_where_the_text_stands_twice() -> None:
    solution = Solution.parse("# %% a\nx = 1\n# %% b\nx = 1\n").replace("b", "x = 2")
    assert [block.source for block in solution] == ["x = 1", "x = 2"]


@pytest.mark.parametrize(("title", "source"), [("nowhere", "x = 3"), ("fit", "x = 1"), ("fit", "x = (")])
def test_a_replacement_that_changes_nothing_or_breaks_the_script_is_refused(title: str, source: str) -> None:
    with pytest.raises(SolutionError):
        Solution.parse(SCRIPT).replace(title, source)


def test_an_empty_replacement_removes_the_block() -> None:
    assert Solution.parse(SCRIPT).replace("fit", "").titles == ("imports", "fit 2")


def test_a_block_is_inserted_behind_another_under_a_new_title_only() -> None:
    solution = Solution.parse(SCRIPT)
    assert solution.insert_after("imports", Block("new", "y = 1")).titles == ("imports", "new", "fit", "fit 2")
    with pytest.raises(SolutionError):
        solution.insert_after("imports", Block("fit", "y = 1"))


def test_changed_blocks_names_changes_additions_and_removals() -> None:
    before = Solution.parse("# %% a\nx = 1\n# %% b\ny = 1\n# %% c\nz = 1\n")
    after = Solution.parse("# %% a\nx = 1\n# %% b\ny = 2\n# %% d\nz = 1\n")
    assert changed_blocks(before, after) == ("b", "d", "c")
