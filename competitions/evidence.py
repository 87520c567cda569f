"""What the words of a description say: the metric and the positive class, with the sentence that says so."""

import re
from collections.abc import Sequence

METRIC_WORDS: tuple[tuple[str, str], ...] = (
    # The more special first: "RMSLE" is no "RMSE", "balanced accuracy" is more than "accuracy".
    ("quadratic_weighted_kappa", r"quadratic(ally)?[- ]weighted[- ]kappa|quadratic kappa|\bQWK\b|kappa with quadratic weights"),
    ("rmsle", r"\bRMSLE\b|root[- ]mean[- ]squared? log(arithmic)?[- ]error"),
    ("map@{}", r"\bMAP ?@ ?(\d+)|mean average precision (?:at|@) ?(\d+)"),
    ("ndcg@{}", r"\bNDCG ?@ ?(\d+)|(?:normali[sz]ed )?discounted cumulative gain (?:at|@) ?(\d+)"),
    ("jaccard", r"jaccard"),
    ("edit_distance", r"levenshtein|edit distance"),
    ("dice", r"\bdice\b"),
    ("pinball@{}", r"(?:pinball|quantile) loss[^.\n]{0,60}?\b(0\.\d+)"),
    ("spearman", r"spearman"),
    ("pearson", r"pearson"),
    ("gini", r"\bgini\b"),
    ("brier", r"\bbrier\b"),
    ("log_loss", r"\blog[- ]?loss\b|logarithmic loss|cross[- ]entropy"),
    ("roc_auc", r"area under the (ROC|receiver)|\bROC[- _]?AUC\b|\bAU(RO)?C\b|AUC[- ]ROC"),
    ("mcc", r"matthews|\bMCC\b"),
    ("balanced_accuracy", r"balanced[- ]accuracy"),
    ("f1_macro", r"macro[- ](averaged )?F[- ]?1|F[- ]?1[- _]macro"),
    ("f1_micro", r"micro[- ](averaged )?F[- ]?1|F[- ]?1[- _]micro"),
    ("f0.5", r"\bF[- ]?0\.5\b|\bF0_5\b"),
    ("f2", r"\bF[- ]?2[- ]score\b|\bF2\b"),
    ("f1", r"\bF[- ]?1\b"),
    ("rmse", r"\bRMSE\b|root[- ]mean[- ]squared?[- ](error|deviation)"),
    ("smape", r"\bSMAPE\b|symmetric mean absolute percentage error"),
    ("mape", r"\bMAPE\b|mean absolute percentage error"),
    ("medae", r"median absolute error"),
    ("mae", r"\bMAE\b|mean absolute error"),
    ("r2", r"\bR2\b|R²|R\^2|coefficient of determination"),
    ("accuracy", r"accuracy|share of .{0,40} predicted right|percentage of .{0,40} correctly"),
)
SECTION = re.compile(r"^#+[^\n]*\b(evaluation|metric|scoring)\b[^\n]*\n(.*?)(?=^#+ |\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)
PROBABILITY_OF = re.compile(r"probabilit(?:y|ies)\b([^.\n]*(?:\n[^.\n]+)?)", re.IGNORECASE)
QUOTED = re.compile(r"`([^`]+)`")


def metric_from_words(description: str) -> tuple[str, str] | None:
    """(metric, the sentence that names it); the section on evaluation is read first, then everything."""
    section = SECTION.search(description)
    for text in (section.group(2) if section else "", description):
        for name, words in METRIC_WORDS:
            if found := re.search(words, text, re.IGNORECASE):
                number = next((part for part in found.groups() if part), "")
                return name.format(number), sentence_around(text, found.start())
    return None


def positive_class_from_words(description: str, classes: Sequence[str]) -> str | None:
    """The class X of "the probability of `X`", "the probability that `income` is `X`"."""
    for found in PROBABILITY_OF.finditer(description):
        for quoted in QUOTED.findall(found.group(1)):
            if quoted in classes:
                return str(quoted)
    return None


def sentence_around(text: str, position: int) -> str:
    """The sentence at a position, on one line."""
    start = max(text.rfind(mark, 0, position) + len(mark) if mark in text[:position] else 0 for mark in (". ", ".\n", "\n\n", "; "))
    ends = [text.find(mark, position) for mark in (". ", ".\n", "\n\n", "; ")]
    end = min((end for end in ends if end >= 0), default=len(text))
    return " ".join(text[start:end].split()).rstrip(".")
