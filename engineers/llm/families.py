"""Families of models under one name each, whatever a model calls them: two tracks must not begin with the same one."""

import re

FAMILIES = (
    ("naive Bayes", r"naive.?bayes"),
    ("gradient boosting", r"boost|\bgbms?\b|gbdt|gbrt"),
    ("randomised trees", r"forest|extra.?trees?\b|randomi[sz]ed.trees|bagg(ed|ing)"),
    ("neighbours", r"neighbou?r|\bknn\b|k-nn"),
    ("kernel", r"kernel|\bsv[mrc]\b|support.vector|gaussian.process"),
    (
        "neural network",
        r"neural|\bmlp\b|perceptron|transformer|\bbert\b|\bcnn\b|\brnn\b|\blstm\b|deep|tabnet|tabpfn|resnet|embedding network",
    ),
    ("linear", r"linear|logistic|ridge|lasso|elastic|linear.regression|\bsgd\b|\bglm\b"),
)
"""In the order in which they are looked for: the catalogue's names, and what else is said for them."""


def family_of(said: str, name: str) -> str:
    """The common name of a family: by what the model calls it, else by the name of the card, else as the model says it."""
    for text in (said, name):
        found = next((family for family, words in FAMILIES if re.search(words, text, re.IGNORECASE)), None)
        if found is not None:
            return found
    return said.strip().lower() or name.strip().lower()
