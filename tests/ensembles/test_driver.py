"""The final script: standalone, readable, and exactly the harness's submission."""

import ast
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competitions import average_predictions, write_submission
from ensembles import STRATEGIES, DriverError, StackingViews, render_strategy, write_driver
from ensembles.driver import script_literal
from ensembles.embed import imported_packages
from journal import Solution
from tests.ensembles.conftest import Case, run_script


def strategy(name: str):
    return next(strategy for strategy in STRATEGIES if strategy.name == name)
