"""Reports of a run, all derived from its journal: studies, scores, what was learnt, the data, and one page of HTML."""

from reports.ablation import AblationReport, ablation_chart, ablation_json, ablation_markdown, ablation_report, write_ablation_report
from reports.data import DataProfile, data_profile, read_data_profile, write_data_profile
from reports.diff import BlockChange, block_changes
from reports.folds import Paired, paired, score_error
from reports.html import report_html, write_report
from reports.insights import (
    BlockEffect,
    OperatorOutcome,
    PlanOutcome,
    best_path,
    block_effects,
    operator_outcomes,
    plan_outcomes,
)
from reports.scores import progress_markdown, scores_markdown, scores_table
from reports.spending import RoleSpending, Spending, spending
from reports.standing import Standing, competition_of, standing
from reports.summary import Summary, summarise

__all__ = [
    "AblationReport",
    "BlockChange",
    "BlockEffect",
    "DataProfile",
    "OperatorOutcome",
    "Paired",
    "PlanOutcome",
    "RoleSpending",
    "Spending",
    "Standing",
    "Summary",
    "ablation_chart",
    "ablation_json",
    "ablation_markdown",
    "ablation_report",
    "best_path",
    "block_changes",
    "block_effects",
    "competition_of",
    "data_profile",
    "operator_outcomes",
    "paired",
    "plan_outcomes",
    "progress_markdown",
    "read_data_profile",
    "report_html",
    "score_error",
    "scores_markdown",
    "scores_table",
    "spending",
    "standing",
    "summarise",
    "write_ablation_report",
    "write_data_profile",
    "write_report",
]
