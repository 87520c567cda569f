"""Example competitions, made from scikit-learn's bundled data; no network is needed."""

from competitions.examples.make import EXAMPLES, make_example

__all__ = ["EXAMPLES", "make_example"]
