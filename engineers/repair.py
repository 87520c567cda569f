"""Repairs of a script of the catalogue: lighter models where time or memory ran out, plainer blocks where it crashed."""

import re
from collections.abc import Iterator, Sequence

from competitions.brief import Brief
from engineers.moves import held, is_ours, lighter, model_cells
from engineers.protocol import Proposal
from journal import Block, Solution
from retrieval.blocks import Alternative
from retrieval.recipes import type_of

RESOURCES = re.compile(r"timed?[ _-]?out|time limit|seconds|out[ _]of[ _]memory|memory|killed", re.IGNORECASE)
LINE = re.compile(r'File "[^"]*solution\.py", line (\d+)')


def repair(broken: Solution, brief: Brief, error: str, tried: Sequence[str]) -> Proposal | None:
    """The next repair that was not tried; none: nothing is left, or the script is not the catalogue's."""
    if not is_ours(broken):
        return None
    resources = bool(RESOURCES.search(error)) and not LINE.search(error)
    repairs = [*(_lighter_models(broken) if resources else ()), *_plainer(broken, brief, _suspects(broken, error))]
    for block, alternative, plan in repairs:
        if plan not in tried:
            repaired = broken.replace(block.title, alternative.source)
            return Proposal(f"repair: {block.title}", plan, str(repaired), block.title)
    return None


def _lighter_models(broken: Solution) -> Iterator[tuple[Block, Alternative, str]]:
    for block in model_cells(broken):
        kind = type_of(block.title)
        if kind is not None and (light := lighter(kind, block.source)):
            yield block, light, f"The script took too much time or memory. {light.plan}"


def _plainer(broken: Solution, brief: Brief, suspects: Sequence[str]) -> Iterator[tuple[Block, Alternative, str]]:
    """Each block that can be plainer than it is, those under suspicion first."""
    blocks = sorted(broken, key=lambda block: suspects.index(block.title) if block.title in suspects else len(suspects))
    models = len(model_cells(broken))
    for block in blocks:
        kind = type_of(block.title)
        if kind is None:
            continue
        start = kind.first(brief) if held(block) is None or kind.fixed else None
        for plain in (start, kind.off(brief, models)):
            if plain is not None and plain.source != block.source:
                yield (
                    block,
                    plain,
                    f"I put the block '{block.title}' back to its plain form ({plain.name}), in case the error comes from it.",
                )


def _suspects(broken: Solution, error: str) -> list[str]:
    """Titles of the blocks that the traceback names by line, the innermost first."""
    ends, end = [], 0
    for block in broken:
        end += str(block).count("\n") + 1
        ends.append((end, block.title))
    lines = [int(number) for number in LINE.findall(error)]
    return list(dict.fromkeys(title for line in reversed(lines) for title in [_at(line, ends)] if title))


def _at(line: int, ends: Sequence[tuple[int, str]]) -> str | None:
    return next((title for end, title in ends if line <= end), None)
