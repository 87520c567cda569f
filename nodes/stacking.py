"""From the journal's candidates to the stacking view over their predictions."""

from collections.abc import Sequence

from competitions import ViewSource
from ensembles import MemberPredictions, StackingViews
from journal import Candidate, Operator
from nodes.context import Context


def views_of(context: Context, candidate: Candidate) -> ViewSource:
    """What a candidate is run on: the competition's views, or, for an ensemble, the stacking view over its members."""
    if candidate.operator is not Operator.ENSEMBLE:
        return context.views
    return StackingViews(context.views, member_predictions(context, candidate.parents), context.cache)


def member_predictions(context: Context, numbers: Sequence[int]) -> list[MemberPredictions]:
    """The members' predictions on the search view, fold by fold."""
    return [MemberPredictions(number, context.predictions(number)) for number in numbers]
