"""MLE-bench's own grader, where it is installed and knows the competition; else our grading, by its rules."""

import importlib
from pathlib import Path
from typing import Any

from competitions.grading import Grade, grade
from competitions.model import Competition


def grade_submission(competition: Competition, submission: Path) -> Grade:
    """The grade; raises CompetitionError as `competitions.grade` does."""
    official = _official(competition, submission)
    return grade(competition, submission) if official is None else official


def _official(competition: Competition, submission: Path) -> Grade | None:
    """By MLE-bench's registry and grader; none: not installed, or it does not know the competition or have its data where they lie."""
    try:
        registry = importlib.import_module("mlebench.registry").registry
        grade_csv = importlib.import_module("mlebench.grade").grade_csv
    except ImportError:
        return None
    prepared = next((place for place in competition.folder.parents if place.name == "prepared"), None)
    if prepared is None or prepared.parent.name != competition.id:
        return None
    try:
        report: dict[str, Any] = grade_csv(
            submission, registry.set_data_dir(prepared.parent.parent).get_competition(competition.id)
        ).to_dict()
    except Exception:  # whatever it lacks, our own rule does
        return None
    return Grade(**{key: value for key, value in report.items() if key in Grade.model_fields})
