"""Every template, rendered with fixed values, is exactly what tests/prompts/snapshots holds: a change of a prompt is seen in review.

After a change that is meant: `pytest tests/prompts --update-snapshots`, and read the difference.
"""

from pathlib import Path
from typing import Any

import pytest

from prompts import PromptError, render, template_names
from tests.prompts.values import example_values

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return example_values(tmp_path_factory.mktemp("competition"))


@pytest.mark.parametrize("name", template_names())
def test_a_prompt_is_what_it_was(name: str, values: dict[str, Any], update_snapshots: bool) -> None:
    path = SNAPSHOTS / f"{name}.md"
    try:
        text = render(name, **values)
    except PromptError as error:
        pytest.fail(f"{error} — give an example of the value in tests/prompts/values.py", pytrace=False)
    if update_snapshots:
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"there is no snapshot of prompts/{name}.md yet — run: pytest tests/prompts --update-snapshots"
    assert text == path.read_text(encoding="utf-8"), "if the change is meant, run: pytest tests/prompts --update-snapshots"


def test_no_snapshot_outlives_its_template(update_snapshots: bool) -> None:
    left = [path for path in SNAPSHOTS.glob("*.md") if path.stem not in template_names()]
    if update_snapshots:
        for path in left:
            path.unlink()
    assert update_snapshots or not left, f"without a template: {', '.join(path.name for path in left)} — run with --update-snapshots"
