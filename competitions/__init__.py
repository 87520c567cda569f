"""Competitions: what they are, how they are loaded, cut into views, scored, submitted and graded; and examples of them."""

from competitions.answer import average_predictions, submission_frame, write_submission
from competitions.brief import Brief, Column, image_shape, make_brief
from competitions.declaration import write_competition_yaml
from competitions.errors import Ambiguity, CompetitionError
from competitions.examples import EXAMPLES, make_example
from competitions.findings import Finding, adversarial_auc, findings
from competitions.folds import HOLDOUT_PARTS, assign_folds, number_of_folds
from competitions.from_table import make_from_table
from competitions.grading import Grade, grade, medal_thresholds
from competitions.load import load_competition
from competitions.metric import Metric
from competitions.metrics import METRICS, can_be_stacked, class_probabilities, metric_of
from competitions.model import Competition, Pixels, ProvidedFile, Validation
from competitions.official import grade_submission
from competitions.rowfiles import Members
from competitions.sources import read_tables
from competitions.submission import InvalidSubmission, labels_from_probabilities, read_predictions, read_submission
from competitions.tables import Face, TableError, read_table, write_table
from competitions.view import Predictions, View, ViewSource
from competitions.view_files import folder_fingerprint
from competitions.views import Views

__all__ = [
    "EXAMPLES",
    "HOLDOUT_PARTS",
    "METRICS",
    "Ambiguity",
    "Brief",
    "Column",
    "Competition",
    "CompetitionError",
    "Face",
    "Finding",
    "Grade",
    "InvalidSubmission",
    "Members",
    "Metric",
    "Pixels",
    "Predictions",
    "ProvidedFile",
    "TableError",
    "Validation",
    "View",
    "ViewSource",
    "Views",
    "adversarial_auc",
    "assign_folds",
    "average_predictions",
    "can_be_stacked",
    "class_probabilities",
    "findings",
    "folder_fingerprint",
    "grade",
    "grade_submission",
    "image_shape",
    "labels_from_probabilities",
    "load_competition",
    "make_brief",
    "make_example",
    "make_from_table",
    "medal_thresholds",
    "metric_of",
    "number_of_folds",
    "read_predictions",
    "read_submission",
    "read_table",
    "read_tables",
    "submission_frame",
    "write_competition_yaml",
    "write_submission",
    "write_table",
]
