import sys
from pathlib import Path

import pytest

from competitions import grade_submission, load_competition, make_example

GRADER = """
class Report:
    def to_dict(self):
        return {"competition_id": "%s", "score": 0.125, "any_medal": True, "gold_medal": True, "submission_exists": True,
                "valid_submission": True, "is_lower_better": True, "created_at": "now", "submission_path": "x.csv", "of_a_later_version": 1}

def grade_csv(path, competition):
    assert competition.endswith("%s")
    return Report()
"""
REGISTRY = """
class Registry:
    def __init__(self, data=None):
        self.data = data
    def set_data_dir(self, data):
        return Registry(data)
    def get_competition(self, name):
        return f"{self.data}/{name}"

registry = Registry()
"""


def test_an_installed_mle_bench_grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of its shape, with the calls of its `mlebench/grade.py` and `registry.py`; its own cannot be had from a package index."""
    wine = make_example("wine-recognition", tmp_path / "competitions")
    package = tmp_path / "mlebench"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "registry.py").write_text(REGISTRY)
    (package / "grade.py").write_text(GRADER % ("wine-recognition", f"{wine.parent.name}/wine-recognition"))
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        assert grade_submission(load_competition(wine), tmp_path / "x.csv").score == 0.125
    finally:
        for name in [name for name in sys.modules if name.partition(".")[0] == "mlebench"]:
            del sys.modules[name]
