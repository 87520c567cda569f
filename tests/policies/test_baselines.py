from collections import Counter
from random import Random

from journal import Operator, Status
from policies import Budget, Flat, FlatParameters, MleStar, MleStarParameters, RandomSearch
from tests.policies.conformance import searched, settings
from tests.policies.search import Search
from tests.policies.trees import cross, debug, draft, grow, improve


def test_flat_search_makes_n_drafts_and_no_more() -> None:
    search = searched(Flat(settings(), FlatParameters(num_drafts=7)), [0.5, 0.9], evaluations=None)
    assert search.operators == [Operator.DRAFT] * 7


def test_flat_search_repairs_drafts_which_do_not_count() -> None:
    search = searched(Flat(settings(debug_rounds=2), FlatParameters(num_drafts=2)), [Status.CRASHED], evaluations=None)
    draft, repair = Operator.DRAFT, Operator.DEBUG
    assert search.operators == [draft, repair, repair, draft, repair, repair]


def test_flat_search_never_builds_on_a_change() -> None:
    search = searched(Flat(settings()), [0.1, 0.2, 0.3], evaluations=20, repeating=True)
    drafts = {node.number for node in search.tree.made_by(Operator.DRAFT)}
    improved = [action.parents[0] for action in search.actions(Operator.IMPROVE)]
    assert len(improved) == 16 and set(improved) == drafts
    assert max(Counter(improved).values()) == 4


def test_random_search_draws_operators_and_parents_evenly() -> None:
    tree = grow(draft(0.1), draft(0.9), draft(None))
    actions = [RandomSearch(settings())(tree, Budget(), Random(seed))[0] for seed in range(2000)]
    operators = Counter(action.operator for action in actions)
    assert set(operators) == {Operator.DRAFT, Operator.DEBUG, Operator.IMPROVE, Operator.CROSSOVER}
    assert min(operators.values()) > 430
    improved = Counter(action.parents for action in actions if action.operator is Operator.IMPROVE)
    assert set(improved) == {(1,), (2,)} and min(improved.values()) > 190


def test_random_search_begins_with_a_draft() -> None:
    assert {RandomSearch(settings())(grow(), Budget(), Random(seed))[0].operator for seed in range(20)} == {Operator.DRAFT}


def test_random_search_takes_what_is_left() -> None:
    tree = grow(draft(0.1), draft(0.9), cross(1, 2, None), debug(3, None), debug(4, None), cards=2)
    cards = tuple(card.model_copy(update={"source": "catalogue:m"}) for card in tree.cards[0])
    left = {RandomSearch(settings())(tree.__class__(True, (cards,), tree.actions, tree.nodes), Budget(), Random(s))[0] for s in range(50)}
    assert {(action.operator, action.parents) for action in left} == {(Operator.IMPROVE, (1,)), (Operator.IMPROVE, (2,))}


def test_random_search_never_looks_at_a_score() -> None:
    one, other = (grow(draft(a), draft(b), improve(1, c)) for a, b, c in ((0.1, 0.2, 0.3), (0.9, 0.5, 0.1)))
    for seed in range(50):
        assert RandomSearch(settings())(one, Budget(), Random(seed)) == RandomSearch(settings())(other, Budget(), Random(seed))


def test_mle_star_without_merging_ablates_the_best_draft() -> None:
    policy = MleStar(settings(), MleStarParameters(merge=False))
    search = Search(policy, lambda action, index: {0: 0.1, 1: 0.9, 2: 0.5}.get(action.card or 0, 0.0) if not action.parents else 0.0).run()
    assert Operator.MERGE not in search.operators
    assert search.actions(Operator.ABLATE)[0].parents == (1002,)
