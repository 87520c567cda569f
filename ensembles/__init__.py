"""Ensembles: combining members by the predictions they made out of fold.

- `stack.py`: the tables of a stacking view, self-contained, since final scripts carry its source
- `stacking.py`: the stacking view as a source of views, cached
- `correlation.py`: how alike the members are
- `describe.py`: what the view looks like to those who write for it
- `strategy.py`, `strategies/`: ways to combine members, as scripts
- `driver.py`, `driver.py.j2`, `embed.py`: the standalone script that makes a finished run's submission again
"""

from ensembles.correlation import correlations
from ensembles.describe import stack_description, stacking_brief
from ensembles.driver import DriverError, write_driver
from ensembles.stack import member_prefix
from ensembles.stacking import MemberPredictions, StackingError, StackingViews
from ensembles.strategy import STRATEGIES, Strategy, render_strategy

__all__ = [
    "STRATEGIES",
    "DriverError",
    "MemberPredictions",
    "StackingError",
    "StackingViews",
    "Strategy",
    "correlations",
    "member_prefix",
    "render_strategy",
    "stack_description",
    "stacking_brief",
    "write_driver",
]
