"""From answers to the engineer's values: one reader for each form. All raise AnswerError with the complaint that the model is told."""

import re
from collections.abc import Collection

from engineers.interface import provides
from engineers.llm.answers import AnswerError, code_in, field_in, json_in, prose_in, sections_in
from engineers.llm.checks import check_imports, checked_block, checked_script
from engineers.llm.families import family_of
from engineers.protocol import Proposal, Variant
from journal import ModelCard, Solution, SolutionError
from retrieval import names_in

LONGEST_TITLE = 60
LONGEST_PLAN = 2_000
NOTHING = re.compile(r"^\W*nothing useful\b[:. ]*(.*)", re.IGNORECASE | re.MULTILINE)
OWN_KNOWLEDGE = "own knowledge"


def script(text: str, title: str = "", plan: str = "", unlike: Collection[Solution] = (), plans: Collection[str] = ()) -> Proposal:
    """A whole script with title and plan; `title` and `plan` stand where the answer has none.

    It must differ from the scripts `unlike`, and its plan from `plans`.
    """
    solution = checked_script(code_in(text))
    if solution in unlike:
        raise AnswerError("The script is the same as before. Change it.")
    told = field_in(text, "plan") or plan or _first_paragraph(text)
    if not told:
        raise AnswerError("There is no plan in it: a line that begins with `plan:`.")
    if is_known(told, plans):
        raise AnswerError("The plan has been tried before. Do something else, and say what.")
    return Proposal(short(field_in(text, "title") or title or told), told[:LONGEST_PLAN], str(solution))


def merged(text: str, base: Solution, reference: Solution) -> Proposal:
    """A script of two, with all blocks of the first."""
    proposal = script(text, unlike=(base, reference))
    missing = [title for title in base.titles if title not in Solution.parse(proposal.code).titles]
    if missing:
        raise AnswerError(f"The first script's cells {', '.join(f'`{each}`' for each in missing)} are gone. Keep all of them, by name.")
    return proposal


def used_files(text: str, solution: Solution) -> Proposal | None:
    """A script that uses further files; none: the model sees no use in them."""
    if NOTHING.search(prose_in(text)) and "```" not in text:
        return None
    return script(text, unlike=(solution,))


def block(text: str, solution: Solution, title: str) -> str:
    """The new source of the block."""
    return checked_block(solution, title, code_in(text))


def prose(text: str) -> str:
    """Plain text, which may come in fences or as the only string of a JSON object."""
    try:
        values = [value for value in json_in(text).values() if isinstance(value, str)]
    except AnswerError:
        values = []
    found = values[0] if len(values) == 1 else prose_in(text) or text.strip("`\n ")
    if not found.strip():
        raise AnswerError("There is no text in it.")
    return found.strip()[:LONGEST_PLAN]


def plan(text: str, tried: Collection[str]) -> str:
    """A plan that differs from those tried."""
    found = prose(re.sub(r"^\W*plan\W*:\W*", "", text, flags=re.IGNORECASE))
    if is_known(found, tried):
        raise AnswerError("This plan has been tried before. Write another one.")
    return found


def target(text: str, solution: Solution, refined: Collection[str]) -> tuple[str, str]:
    """(block, plan)."""
    answer = json_in(text)
    title, told = str(answer.get("block") or "").strip(" `"), answer.get("plan")
    told = " ".join(map(str, told)) if isinstance(told, list) else str(told or "").strip()
    title = title.removeprefix("# %% ")
    if title not in solution.titles:
        raise AnswerError(f"There is no block {title!r}. The blocks are: {', '.join(solution.titles)}.")
    if title in refined:
        raise AnswerError(f"The block {title!r} was refined before. Choose another one.")
    if not told:
        raise AnswerError("There is no plan in it.")
    return title, told[:LONGEST_PLAN]


def variants(text: str, solution: Solution, most: int) -> tuple[Variant, ...]:
    """Those of the variants that can be run; at most so many."""
    found: dict[str, Variant] = {}
    wrong: list[str] = []
    for section in sections_in(text, "variant"):
        title = section.fields.get("block", "").removeprefix("# %% ").strip(" `")
        try:
            if title not in solution.titles:
                raise AnswerError(f"there is no block {title!r}")
            source = _variant_source(solution, title, section.code)
            found.setdefault(str(solution.replace(title, source)), Variant(title, short(section.heading), source))
        except (AnswerError, SolutionError) as error:
            wrong.append(f"{section.heading}: {error}")
    if not found:
        said = "; ".join(wrong) or "there is no section that begins with `## variant:`"
        raise AnswerError(f"No variant can be used: {said}")
    return tuple(found.values())[:most]


def _variant_source(solution: Solution, title: str, code: str) -> str:
    """The replacement; what only a comment is left of is no code, and removes the block."""
    lines = [line for line in code.splitlines() if line.strip() and not line.strip().startswith("#")]
    if lines:
        return checked_block(solution, title, code)
    if needed := provides(solution, title):
        raise AnswerError(f"the block cannot be removed, later ones use {', '.join(sorted(needed))}")
    return ""


def cards(text: str, count: int, sources: Collection[str], known: Collection[str]) -> tuple[ModelCard, ...]:
    """Model cards, each under a name of its own, at most so many; a source that is none of `sources` is the model's own knowledge."""
    found: dict[str, ModelCard] = {}
    wrong = []
    for section in sections_in(text, "card"):
        if section.heading.lower() in {name.lower() for name in known}:
            continue
        try:
            check_imports(section.code)
        except (AnswerError, SyntaxError) as error:
            wrong.append(f"{section.heading}: {error}")
            continue
        if not section.code:
            wrong.append(f"{section.heading}: it has no code")
            continue
        source = section.fields.get("source", "").strip("<>")
        origin = source if source in sources else OWN_KNOWLEDGE
        family, why = family_of(section.fields.get("family", ""), section.heading), section.fields.get("why") or section.heading
        found.setdefault(
            section.heading.lower(),
            ModelCard(
                name=short(section.heading),
                family=family,
                why=why,
                code=section.code,
                source=origin,
                weights=names_in(section.fields.get("weights", "")),
            ),
        )
    if not found:
        said = "; ".join(wrong) or "there is no section that begins with `## card:`"
        raise AnswerError(f"No card can be used: {said}")
    return tuple(found.values())[:count]


def queries(text: str, count: int) -> tuple[str, ...]:
    """Search queries; from JSON, or line by line."""
    try:
        values = next((value for value in json_in(text).values() if isinstance(value, list)), [])
    except AnswerError:
        values = [line.strip(" -*\"'`") for line in prose_in(text).splitlines()]
    found = [str(value).strip() for value in values if str(value).strip()]
    if not found:
        raise AnswerError("There is no query in it.")
    return tuple(dict.fromkeys(found))[:count]


def verdict(text: str, solution: Solution) -> tuple[bool, str | None, str]:
    """(leaks, block, what is wrong and what to do instead)."""
    answer = json_in(text)
    leaks = answer.get("leaks")
    if isinstance(leaks, str):
        leaks = {"true": True, "yes": True, "false": False, "no": False}.get(leaks.strip().lower())
    if not isinstance(leaks, bool):
        raise AnswerError('"leaks" must be true or false.')
    where = str(answer.get("block") or "").strip(" `")
    said = " ".join(str(answer.get(name) or "").strip() for name in ("reason", "repair")).strip()
    if leaks and not said:
        raise AnswerError('It says that there is a leak, but not which one: fill in "reason".')
    return leaks, where if where in solution.titles else None, said


def short(text: str) -> str:
    """The first sentence, cut at a word."""
    sentence = text.strip().splitlines()[0].split(". ", maxsplit=1)[0].rstrip(".")
    return sentence if len(sentence) <= LONGEST_TITLE else sentence[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"


def is_known(plan: str, plans: Collection[str]) -> bool:
    """Whether the plan is one of them, letter case and blanks aside."""
    return _normal(plan) in {_normal(one) for one in plans}


def _normal(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".")


def _first_paragraph(text: str) -> str:
    return prose_in(text).split("\n\n", maxsplit=1)[0].strip()
