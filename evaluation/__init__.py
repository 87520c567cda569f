"""Evaluating candidates: views × slots × store, and the statistics that compare them."""

from evaluation.comparison import Comparison, compare
from evaluation.evaluate import LOG, WEIGHTS, Evaluator, summarise
from evaluation.files import PREDICTIONS, execution_name, load_predictions, save_predictions
from evaluation.machine import MachineSlots
from evaluation.prediction import LEAST, expected_memory, expected_seconds
from evaluation.racing import Race
from evaluation.slots import Slots, available_memory, default_slots, visible_gpus
from evaluation.store import Store, store_key

__all__ = [
    "LEAST",
    "LOG",
    "PREDICTIONS",
    "WEIGHTS",
    "Comparison",
    "Evaluator",
    "MachineSlots",
    "Race",
    "Slots",
    "Store",
    "available_memory",
    "compare",
    "default_slots",
    "execution_name",
    "expected_memory",
    "expected_seconds",
    "load_predictions",
    "save_predictions",
    "store_key",
    "summarise",
    "visible_gpus",
]
