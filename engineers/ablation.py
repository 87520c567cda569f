"""Ablation over the catalogue: what is switched off, and what is concluded from the measured table."""

from collections import Counter
from collections.abc import Sequence

from competitions.brief import Brief
from engineers.moves import by_title, is_ours, lighter, model_cells, options, untried, variant_title
from engineers.protocol import Target, Variant
from engineers.removal import removals
from journal import AblationRow, Solution, Status, Study
from retrieval.recipes import is_model, type_of

MOST_VARIANTS = 6


def variants(solution: Solution, brief: Brief, earlier: Sequence[Study]) -> tuple[Variant, ...]:
    """At most six variants: blocks that earlier studies did not look at come first, and switching off before switching on."""
    seen = Counter(row.block for study in earlier for row in study.rows)
    found = _switched_off(solution, brief) + _switched_on(solution, brief) if is_ours(solution) else removals(solution)
    return tuple(sorted(found, key=lambda variant: seen[variant.block])[:MOST_VARIANTS])


def _switched_off(solution: Solution, brief: Brief) -> list[Variant]:
    """One variant a block that does something: with its plain form, or, for the only model, a lighter one."""
    models = len(model_cells(solution))
    found = []
    for block in solution:
        kind = type_of(block.title)
        if kind is None or kind.fixed:
            continue
        off = kind.off(brief, models)
        if off is None and is_model(block.title):
            off = lighter(kind, block.source)
        if off is not None and off.source != block.source:
            found.append(Variant(block.title, variant_title(block.title, off), off.source))
    return found


def _switched_on(solution: Solution, brief: Brief) -> list[Variant]:
    """One variant a block that does nothing yet: with its most promising form."""
    models = len(model_cells(solution))
    found = []
    for block in solution:
        kind = type_of(block.title)
        off = kind.off(brief, models) if kind else None
        if kind is not None and off is not None and off.source == block.source and (fitting := kind.fitting(brief, models)):
            found.append(Variant(block.title, variant_title(block.title, fitting[0]), fitting[0].source))
    return found


def target(solution: Solution, brief: Brief, study: Study, refined: Sequence[str]) -> Target | None:
    """The block with the largest measured effect that was not refined before and has something left to try."""
    rows = sorted((row for row in study.rows if row.delta is not None), key=lambda row: -abs(row.delta or 0.0))
    titles = dict.fromkeys([row.block for row in rows] + [block.title for block in solution])
    for title in titles:
        if title in refined or not options(solution, title, brief):
            continue
        plan = _first_plan(solution, brief, title, rows)
        if plan:
            return Target(title, plan, f"{summary(study)} {_why(title, rows)}".strip())
    return None


def _first_plan(solution: Solution, brief: Brief, title: str, rows: Sequence[AblationRow]) -> str:
    """A variant that was better than the base is taken up; else the most promising option that the study did not measure."""
    measured = [(row, one) for row in rows if row.block == title and (one := by_title(title, row.title))]
    for row, alternative in measured:
        if (row.delta or 0.0) < 0 and alternative in options(solution, title, brief):
            return alternative.plan
    worse = {alternative.plan for _, alternative in measured}
    left = untried(solution, title, brief, worse) or options(solution, title, brief)
    return left[0].plan if left else ""


def summary(study: Study) -> str:
    """The measured table in a few sentences: what matters, what does not, what helps when changed, what failed."""
    ok = [row for row in study.rows if row.delta is not None]
    if not ok:
        return "None of the variants ran, so nothing is known about the blocks."
    matters = sorted((row for row in ok if (row.delta or 0.0) > _noise(row)), key=lambda row: -(row.delta or 0.0))
    better = sorted((row for row in ok if (row.delta or 0.0) < -_noise(row)), key=lambda row: row.delta or 0.0)
    rest = [row for row in ok if row not in matters and row not in better]
    failed = [row for row in study.rows if row.status is not Status.OK]
    sentences = []
    if matters:
        sentences.append(f"What matters: {_listed(matters)} worse than the base's {study.base_score:.5g}.")
    if better:
        sentences.append(f"Better than the base: {_listed(better)}.")
    if rest:
        sentences.append(f"Within the noise: {_listed(rest)}.")
    if failed:
        sentences.append(f"Did not run: {', '.join(f'{row.title} ({row.status.value})' for row in failed)}.")
    return " ".join(sentences)


def _noise(row: AblationRow) -> float:
    """How large a delta may be by chance: one standard error."""
    return row.standard_error or 0.0


def _listed(rows: Sequence[AblationRow]) -> str:
    return ", ".join(f"{row.title} ({row.delta:+.4g}{f' ± {row.standard_error:.2g}' if row.standard_error else ''})" for row in rows)


def _why(title: str, rows: Sequence[AblationRow]) -> str:
    row = next((row for row in rows if row.block == title), None)
    if row is None:
        return f"The block '{title}' was not measured here, but there is something left to try in it."
    direction = "the variant is better, so it is taken up first" if (row.delta or 0.0) < 0 else "so it is refined next"
    return f"Of the blocks with something left to try, '{title}' has the largest effect ({abs(row.delta or 0.0):.4g}): {direction}."
