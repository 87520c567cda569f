"""What can be done to a script of the catalogue: what its blocks hold, and what they could hold instead."""

from collections.abc import Collection

from competitions.brief import Brief
from journal import Block, Solution
from retrieval.blocks import LEFT_OUT, Alternative, BlockType
from retrieval.recipes import is_model, type_of

SKELETONS = (
    {"load", "encode", "predict", "fit"},
    {"read texts", "answer"},
    {"read masks", "mark"},
    {"read pictures to restore", "restore"},
)
"""The cells by which a script of the catalogue is known."""


def model_cells(solution: Solution) -> tuple[Block, ...]:
    """The cells that add a model, those that are left out not among them."""
    return tuple(block for block in solution if is_model(block.title) and block.source != LEFT_OUT)


def held(block: Block) -> Alternative | None:
    """The catalogue's alternative that the block holds; none: someone else wrote it, or the catalogue has no such block."""
    kind = type_of(block.title)
    return kind.holding(block.source) if kind else None


def is_ours(solution: Solution) -> bool:
    """Whether the script has the catalogue's skeleton, so that its cells can be exchanged."""
    return bool(model_cells(solution)) and any(skeleton <= set(solution.titles) for skeleton in SKELETONS)


def options(solution: Solution, title: str, brief: Brief) -> tuple[Alternative, ...]:
    """What could stand in the block, in the order of expected gain; what stands there now is not among them."""
    kind = type_of(title)
    if kind is None or kind.fixed or title not in solution.titles or not is_ours(solution):
        return ()
    models = len(model_cells(solution))
    wanted = (*kind.fitting(brief, models), *([off] if (off := kind.off(brief, models)) else []))
    now = solution.block(title).source
    return tuple(dict.fromkeys(one for one in wanted if one.source != now))


def untried(solution: Solution, title: str, brief: Brief, plans: Collection[str]) -> tuple[Alternative, ...]:
    """The options whose plan is not among those tried."""
    return tuple(one for one in options(solution, title, brief) if one.plan not in plans)


def by_plan(title: str, plan: str) -> Alternative | None:
    """The block's alternative that the sentence describes."""
    kind = type_of(title)
    return next((one for one in kind.everything if one.plan == plan), None) if kind else None


def by_title(title: str, variant: str) -> Alternative | None:
    """The block's alternative that an ablation study calls so."""
    kind = type_of(title)
    return next((one for one in kind.everything if variant_title(title, one) == variant), None) if kind else None


def variant_title(title: str, alternative: Alternative) -> str:
    """What an ablation study calls the script with the alternative in the block."""
    return alternative.title or f"{title}: {alternative.name}"


def lighter(kind: BlockType, source: str) -> Alternative | None:
    """The cheap alternative of a model cell, if it is not what stands there."""
    return next((one for one in kind.alternatives if one.light and one.source != source), None)


def add_models(base: Solution, reference: Solution) -> tuple[Solution, tuple[str, ...]]:
    """The base with the model cells of the reference that it lacks, and their titles; a left-out cell is filled again."""
    added: list[str] = []
    for block in model_cells(reference):
        if block.title not in base.titles:
            last = [cell.title for cell in base if is_model(cell.title)][-1]
            base = base.insert_after(last, block)
        elif base.block(block.title).source == LEFT_OUT:
            base = base.replace(block.title, block.source)
        else:
            continue
        added.append(block.title)
    return base, tuple(added)
