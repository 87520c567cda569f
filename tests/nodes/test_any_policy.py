"""The graph and its nodes do not know which policy runs."""

import ast
from itertools import groupby
from pathlib import Path

import pytest

import nodes
from journal import Decided, Finished, Retrieved
from policies import policy_names
from tests.nodes.conftest import Bench

FILES = sorted(Path(nodes.__file__).parent.rglob("*.py"))
SHARED = {"Budget", "Policy", "repaired"}
"""What nodes may take from the policies: the seam, and how chains of repairs are read."""


def test_nodes_import_the_seam_of_the_policies_only() -> None:
    taken = {
        alias.name
        for file in FILES
        for statement in ast.walk(ast.parse(file.read_text()))
        if isinstance(statement, ast.ImportFrom) and (statement.module or "").split(".")[0] == "policies"
        for alias in statement.names
    }
    assert taken and taken <= SHARED


def test_no_policy_is_named_and_the_setting_is_never_read_in_nodes() -> None:
    for file in FILES:
        for part in ast.walk(ast.parse(file.read_text())):
            assert not (isinstance(part, ast.Constant) and part.value in policy_names()), f"{file}: {part.value}"
            assert not (isinstance(part, ast.Attribute) and part.attr in ("policy_options",)), file
            if isinstance(part, ast.Attribute) and part.attr == "policy":
                assert isinstance(part.value, ast.Name) and part.value.id == "context", f"{file}: the policy is called, not looked at"


@pytest.mark.slow
@pytest.mark.parametrize("policy", policy_names())
async def test_every_policy_goes_through_the_same_phases(bench: Bench, policy: str) -> None:
    """Retrieval, the tracks, the ensemble, the end."""
    run = await bench.solve(bench.new(policy=policy, tracks=1, evaluations=9))
    phases = []
    for line in run.lines:
        match line.entry:
            case Retrieved():
                phases.append("retrieve")
            case Decided(actions=actions):
                phases += ["track" if action.track else "ensemble" for action in actions]
            case Finished():
                phases.append("submit")
    once = [phase for phase, _ in groupby(phases)]
    assert once in (["retrieve", "track", "ensemble", "submit"], ["retrieve", "track", "submit"]), "the latter: fewer than two members"
    assert run.finished is not None and run.finished.chosen is not None
