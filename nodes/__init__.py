"""The LangGraph state machine: graph, state, one file an operator; the only package that imports langgraph."""

from nodes.clock import Clock
from nodes.context import Context, Evaluate
from nodes.graph import STEPS_AT_MOST, mermaid, run_graph, track_graph
from nodes.operators import TRACK_NUMBERS
from nodes.refit import growth_of
from nodes.retrieve import deal

__all__ = ["STEPS_AT_MOST", "TRACK_NUMBERS", "Clock", "Context", "Evaluate", "deal", "growth_of", "mermaid", "run_graph", "track_graph"]
