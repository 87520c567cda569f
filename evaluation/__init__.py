"""Evaluating candidates: views × slots × store, and the statistics that compare them."""

from evaluation.comparison import Comparison, compare
from evaluation.evaluate import LOG, PREDICTIONS, WEIGHTS, Evaluator, summarise
from evaluation.files import execution_name, load_predictions, save_predictions
from evaluation.slots import Slots, default_slots
from evaluation.store import Store, store_key

__all__ = [
    "LOG",
    "PREDICTIONS",
    "WEIGHTS",
    "Comparison",
    "Evaluator",
    "Slots",
    "Store",
    "compare",
    "default_slots",
    "execution_name",
    "load_predictions",
    "save_predictions",
    "store_key",
    "summarise",
]
