"""Engineers: who writes code and plans.

- `protocol.py`: the seam, and the values that cross it
- `recipes.py`: the built-in engineer over the catalogue of recipes, with `moves.py` (what blocks hold and could hold), `ablation.py`,
  `removal.py` (ablation of other people's scripts), `repair.py` and `combining.py` (ensembles)
"""

from engineers.protocol import Attempt, Engineer, EngineerError, Member, Proposal, Review, Target, Variant
from engineers.recipes import RecipesEngineer, seconds_a_model

__all__ = [
    "Attempt",
    "Engineer",
    "EngineerError",
    "Member",
    "Proposal",
    "RecipesEngineer",
    "Review",
    "Target",
    "Variant",
    "seconds_a_model",
]
