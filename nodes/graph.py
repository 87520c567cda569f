"""The state machine: retrieve → L tracks → ensemble → submit, as in the paper (arXiv 2506.15692).

A track is a loop: decide what comes next, let an operator propose it, evaluate what was proposed. The ensembling phase is the same loop
with one operator. Which policy decides is not known here.
"""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from journal import Operator
from nodes.context import Context
from nodes.decide import decide, dispatch
from nodes.evaluate import evaluate
from nodes.operators import PROPOSERS, ensemble, operator_node
from nodes.retrieve import retrieve
from nodes.state import Nothing, RunState, TrackState
from nodes.submit import submit
from nodes.target import target

STEPS_AT_MOST = 1_000_000
"""LangGraph's recursion limit; the budget ends a run, not this."""

Graph = CompiledStateGraph[Any, Context, Any, Any]


def track_graph() -> Graph:
    """decide → {draft | merge | debug | ablate | target | refine | improve | crossover} → evaluate → decide … → end."""
    graph = StateGraph(TrackState, context_schema=Context, output_schema=Nothing)
    for operator, propose in PROPOSERS.items():
        graph.add_node(operator.value, operator_node(propose))
        graph.add_edge(operator.value, "evaluate")
    graph.add_node("target", target)
    graph.add_edge("target", "decide")
    return _loop(graph, [*(operator.value for operator in PROPOSERS), "target"])


def ensemble_graph() -> Graph:
    """decide → ensemble → evaluate → decide … → end."""
    graph = StateGraph(TrackState, context_schema=Context, output_schema=Nothing)
    graph.add_node(Operator.ENSEMBLE.value, operator_node(ensemble))
    graph.add_edge(Operator.ENSEMBLE.value, "evaluate")
    return _loop(graph, [Operator.ENSEMBLE.value])


def _loop(graph: StateGraph[TrackState, Context, TrackState, Nothing], operators: list[str]) -> Graph:
    graph.add_node("decide", decide)
    graph.add_node("evaluate", evaluate)
    graph.add_edge(START, "decide")
    graph.add_conditional_edges("decide", dispatch, [*operators, "evaluate", END])
    graph.add_edge("evaluate", "decide")
    return graph.compile()


def run_graph() -> Graph:
    """The whole run; each track is sent to a graph of its own and goes at its own pace."""

    def tracks(state: RunState, runtime: Runtime[Context]) -> list[Send]:  # noqa: ARG001 - an edge takes its state
        return [Send("track", {"track": number}) for number in range(1, runtime.context.run.settings.tracks + 1)]

    graph = StateGraph(RunState, context_schema=Context)
    graph.add_node("retrieve", retrieve)
    graph.add_node("track", track_graph())
    graph.add_node("ensemble", ensemble_graph())
    graph.add_node("submit", submit)
    graph.add_edge(START, "retrieve")
    graph.add_conditional_edges("retrieve", tracks, ["track"])
    graph.add_edge("track", "ensemble")
    graph.add_edge("ensemble", "submit")
    graph.add_edge("submit", END)
    return graph.compile()


def mermaid() -> str:
    """The run and, inside it, its two loops, as a Mermaid picture."""
    return run_graph().get_graph(xray=True).draw_mermaid()
