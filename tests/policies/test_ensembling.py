from dataclasses import replace
from random import Random

from journal import Action, Candidate, Evaluation, FoldResult, Node, Operator, Settings, Status, Tree
from policies import Budget, Ensembling, choose_members


def node(number: int, score: float | None, operator: Operator = Operator.REFINE, digest: str = "", parents: tuple[int, ...] = ()) -> Node:
    track = number // 1000
    candidate = Candidate(
        number=number, action=f"{track}.{number}", track=track, operator=operator, title="t", digest=digest or str(number), parents=parents
    )
    status = Status.CRASHED if score is None else Status.OK
    fold = FoldResult(fold=0, status=status, score=score)
    return Node(candidate, Evaluation(fidelity="search", folds=(fold,), status=status, score=score))


def tree(*nodes: Node) -> Tree:
    return Tree(greater_is_better=True, nodes=nodes)


def numbers(tree: Tree) -> list[int]:
    return [member.number for member in choose_members(tree)]


def test_each_tracks_best_comes_first_whatever_others_score() -> None:
    assert numbers(tree(node(1001, 0.9), node(1002, 0.8), node(2001, 0.1)))[:2] == [1001, 2001]


def test_the_best_drafts_come_before_better_refinements_of_one_model() -> None:
    drafts = [node(1001 + i, 0.1 + i / 100, Operator.DRAFT) for i in range(5)]
    refined = [node(1100 + i, 0.9 + i / 100) for i in range(6)]
    assert numbers(tree(*drafts, *refined)) == [1105, 1005, 1004, 1003, 1002, 1104, 1103, 1102]


def test_failures_ensembles_and_equal_predictions_are_no_members() -> None:
    candidates = node(1001, 0.5), node(1002, None), node(1003, 0.5), node(1, 0.9, Operator.ENSEMBLE)
    assert numbers(tree(*candidates)) == [1001]


def test_fewer_than_two_members_need_no_ensemble() -> None:
    assert Ensembling(Settings())(tree(node(1001, 0.5)), Budget(), Random(0))[0].operator is Operator.STOP


def test_there_are_r_rounds_over_the_same_members_and_new_ones_when_members_change() -> None:
    search = tree(node(1001, 0.5), node(2001, 0.4))
    policy = Ensembling(Settings(ensemble_rounds=2))
    for attempt in (1, 2):
        (action,) = policy(search, Budget(), Random(0))
        assert (action.operator, action.attempt, action.parents) == (Operator.ENSEMBLE, attempt, (1001, 2001))
        search = done(search, action, attempt)
    assert policy(search, Budget(), Random(0))[0].operator is Operator.STOP
    grown = replace(search, nodes=(*search.nodes, node(2002, 0.7)))
    assert policy(grown, Budget(), Random(0))[0].parents == (1001, 2002, 2001)


def done(search: Tree, action: Action, number: int) -> Tree:
    stamped = action.model_copy(update={"id": f"0.{number:04d}"})
    made = node(number, 0.6, Operator.ENSEMBLE, parents=action.parents)
    made = replace(made, candidate=made.candidate.model_copy(update={"action": stamped.id}))
    return replace(search, actions=(*search.actions, stamped), nodes=(*search.nodes, made))
