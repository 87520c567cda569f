"""Reports of a run, all derived from its journal: the ablation studies, the table of scores, and one page of HTML."""

from reports.ablation import AblationReport, ablation_chart, ablation_json, ablation_markdown, ablation_report, write_ablation_report
from reports.html import report_html, write_report
from reports.scores import progress_markdown, scores_markdown, scores_table
from reports.summary import Summary, summarise

__all__ = [
    "AblationReport",
    "Summary",
    "ablation_chart",
    "ablation_json",
    "ablation_markdown",
    "ablation_report",
    "progress_markdown",
    "report_html",
    "scores_markdown",
    "scores_table",
    "summarise",
    "write_ablation_report",
    "write_report",
]
