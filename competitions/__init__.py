"""Competitions: what they are, how they are loaded, cut into views, scored, submitted and graded; and examples of them."""

from competitions.answer import average_predictions, submission_frame, write_submission
from competitions.brief import Brief, Column, image_shape, make_brief
from competitions.errors import CompetitionError
from competitions.examples import EXAMPLES, make_example
from competitions.findings import Finding, adversarial_auc, findings
from competitions.folds import assign_folds, number_of_folds
from competitions.from_table import make_from_table
from competitions.grading import Grade, grade, medal_thresholds
from competitions.load import load_competition, read_tables, write_competition_yaml
from competitions.metrics import METRICS, Metric, class_probabilities, metric_of
from competitions.model import Competition, ProvidedFile, Validation
from competitions.rowfiles import Members
from competitions.submission import InvalidSubmission, labels_from_probabilities, read_predictions, read_submission
from competitions.tables import Face, TableError, read_table, write_table
from competitions.views import Predictions, View, Views, ViewSource, folder_fingerprint

__all__ = [
    "EXAMPLES",
    "METRICS",
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
    "class_probabilities",
    "findings",
    "folder_fingerprint",
    "grade",
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
