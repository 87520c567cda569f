"""Debugging, as every policy does it: a broken candidate is repaired in a chain of at most D rounds, each seeing the latest error."""

from journal import Action, Node, Operator, Tree


def repairs(tree: Tree, operators: tuple[Operator, ...], rounds: int) -> tuple[Action, ...]:
    """A DEBUG for every broken end of a chain that began with one of the operators and has rounds left, all at once."""
    given_up = {action.parents for action in tree.actions if action.operator is Operator.DEBUG and not tree.of(action)}
    actions = []
    for first in tree.made_by(*operators):
        chain = debug_chain(tree, first)
        last = chain[-1]
        if last.failed and len(chain) <= rounds and (last.number,) not in given_up:
            actions.append(Action(operator=Operator.DEBUG, parents=(last.number,), step=first.candidate.step, attempt=len(chain)))
    return tuple(actions)


def debug_chain(tree: Tree, first: Node) -> list[Node]:
    """A candidate and its repairs, the latest last."""
    chain = [first]
    while successor := next((node for node in tree.made_by(Operator.DEBUG) if node.candidate.parents == (chain[-1].number,)), None):
        chain.append(successor)
    return chain


def repaired(tree: Tree, node: Node, rounds: int) -> Node:
    """The end of the candidate's chain of repairs: itself where it never broke."""
    return debug_chain(tree, node)[: rounds + 1][-1]
