"""The engineer over chat models: one prompt an agent, after the paper's; the program asks, reads, and checks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import pandas as pd

from competitions.brief import Brief
from engineers.interface import provides
from engineers.llm import briefing, readers
from engineers.llm.desk import Desk
from engineers.llm.labels import Labels
from engineers.llm.machine import Machine
from engineers.protocol import Attempt, Member, Proposal, Review, Target, Variant
from ensembles.describe import stacking_brief
from journal import ModelCard, Solution, SolutionError, Study
from prompts import render

MOST_VARIANTS = 6
QUERIES = 3
DOCUMENTS_A_QUERY = 2
DOCUMENTS_AT_MOST = 8
DOCUMENT_CHARACTERS = 4_000
PROSE = ("ablation_summary", "ensemble_planner", "planner", "queries", "summary")
"""Agents whose answers are text, of which a program cannot say what they are worth."""
OWN_SCRIPT = "own script"
"""The family of a card that is the user's own script: it is taken as it is."""

T = TypeVar("T")


class Document(Protocol):
    """What a web search found, as far as it is read here."""

    @property
    def title(self) -> str: ...

    @property
    def url(self) -> str: ...

    @property
    def text(self) -> str: ...


class Library(Protocol):
    """Where documents come from; a failed search finds nothing."""

    async def documents(self, queries: Sequence[str], limit: int) -> Sequence[Document]:
        """At most `limit` documents a query."""
        ...


@dataclass(frozen=True)
class Terms:
    """What scripts have to keep to, and what of the data prompts may show."""

    seconds: float
    memory: int
    samples: bool = True
    downloads: bool = False
    """Whether the weights that a model card names are fetched."""
    search_rows: int | None = None
    """Training rows that scripts are compared on at most; the chosen one is trained on all."""


class LlmEngineer:
    """Writes plans and code with chat models.

    Args:
        desk: where the models are asked.
        brief: the competition.
        terms: limits of a script.
        machine: what scripts run on.
        cards: the user's own model cards; they come before all others.
        library: where documents about models are found; none: the model's own knowledge.
        pretrained: names the weights that scripts can load; asked anew for each prompt, as some may be fetched meanwhile.
    """

    def __init__(
        self,
        desk: Desk,
        brief: Brief,
        terms: Terms,
        machine: Machine,
        cards: Sequence[ModelCard] = (),
        library: Library | None = None,
        pretrained: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.desk, self.brief, self.terms = desk, brief, terms
        self.cards, self.library = tuple(cards), library
        self._machine, self._pretrained = machine, pretrained
        self._summary: str | None = None

    @property
    def machine(self) -> Machine:
        """What scripts run on, with the weights that they find there now."""
        return replace(self._machine, weights=tuple(self._pretrained()))

    @property
    def name(self) -> str:
        names = dict.fromkeys(chat.name for chat in self.desk.chats.values())
        return " + ".join(names)

    async def retrieve(self, count: int, others: Sequence[ModelCard] = ()) -> tuple[ModelCard, ...]:
        """Model cards; `others`: those that are drafted beside them, so that the model proposes other families."""
        own = self.cards[:count]
        wanted = count - len(own)
        if not wanted:
            return own
        documents = await self._documents() if self.library else ()
        known = [card.name for card in (*own, *others)]
        sources = {document.url for document in documents}
        found = await self._ask(
            "retriever",
            "planner",
            lambda text: readers.cards(text, wanted, sources, known),
            count=wanted,
            known=known,
            downloads=self.terms.downloads,
            documents=[{"title": one.title, "url": one.url, "text": one.text[:DOCUMENT_CHARACTERS]} for one in documents],
        )
        return (*own, *(found or ()))

    async def draft(self, card: ModelCard) -> Proposal | None:
        if card.family == OWN_SCRIPT:
            return _as_it_is(card)
        return await self._ask("init", "coder", lambda text: readers.script(text, card.name, card.why), card=card)

    async def merge(self, base: Solution, reference: Solution) -> Proposal | None:
        return await self._ask("merger", "coder", lambda text: readers.merged(text, base, reference), base=base, reference=reference)

    async def debug(self, broken: Solution, error: str, tried: Sequence[str]) -> Proposal | None:
        log = briefing.cut_log(error if self.terms.samples else briefing.without_messages(error))
        return await self._ask(
            "debugger", "coder", lambda text: readers.script(text, unlike=(broken,), plans=tried), script=broken, error=log, tried=tried
        )

    async def variants(self, solution: Solution, earlier: Sequence[Study]) -> tuple[Variant, ...]:
        summaries = [study.summary for study in earlier if study.summary]
        found = await self._ask(
            "ablation",
            "planner",
            lambda text: readers.variants(text, solution, MOST_VARIANTS),
            script=solution,
            titles=solution.titles,
            earlier=summaries,
            count=MOST_VARIANTS,
        )
        return found or ()

    async def target(self, solution: Solution, study: Study, refined: Sequence[str]) -> Target | None:
        open_blocks = [title for title in solution.titles if title not in refined]
        if not open_blocks:
            return None
        summary = await self._ask("ablation_summary", "planner", readers.prose, script=solution, study=study) or ""
        chosen = await self._ask(
            "target",
            "planner",
            lambda text: readers.target(text, solution, refined),
            script=solution,
            study=study,
            summary=summary,
            refined=refined,
            open=open_blocks,
        )
        return Target(*chosen, summary or "The study was not summed up.") if chosen else None

    async def plan(self, solution: Solution, block: str, attempts: Sequence[Attempt]) -> str | None:
        tried = [attempt.plan for attempt in attempts]
        source = solution.block(block).source
        return await self._ask(
            "planner",
            "planner",
            lambda text: readers.plan(text, tried),
            script=solution,
            block=block,
            source=source,
            **self._attempts(attempts),
        )

    async def rewrite(self, solution: Solution, block: str, plan: str) -> str | None:
        return await self._ask(
            "coder",
            "coder",
            lambda text: readers.block(text, solution, block),
            script=solution,
            block=block,
            source=solution.block(block).source,
            plan=plan,
            provides=sorted(provides(solution, block)),
        )

    async def use_files(self, solution: Solution, unopened: Sequence[str]) -> Proposal | None:
        found = await self._ask(
            "data_usage", "coder", lambda text: (readers.used_files(text, solution),), script=solution, unopened=unopened
        )
        return found[0] if found else None

    async def improve(self, solution: Solution, attempts: Sequence[Attempt]) -> Proposal | None:
        tried = [attempt.plan for attempt in attempts]
        return await self._ask(
            "improve",
            "coder",
            lambda text: readers.script(text, unlike=(solution,), plans=tried),
            script=solution,
            **self._attempts(attempts),
        )

    async def crossover(self, first: Solution, second: Solution) -> Proposal | None:
        return await self._ask("crossover", "coder", lambda text: readers.script(text, unlike=(first, second)), first=first, second=second)

    async def review(self, solution: Solution) -> Review | None:
        found = await self._ask("leakage", "judge", lambda text: readers.verdict(text, solution), script=solution)
        return Review(*found) if found else None

    async def ensemble(self, members: Sequence[Member], correlations: pd.DataFrame, attempts: Sequence[Attempt]) -> Proposal | None:
        brief = stacking_brief(self.brief, [member.prefix for member in members])
        shown = briefing.shown_members(members, brief.greater_is_better)
        tried = [attempt.plan for attempt in attempts]
        plan = await self._ask(
            "ensemble_planner",
            "planner",
            lambda text: readers.plan(text, tried),
            brief,
            members=members,
            shown=shown,
            hidden=len(members) - len(shown),
            correlations=correlations.round(3).to_string(),
            **self._attempts(attempts),
        )
        if plan is None:
            return None
        written = await self._ask("ensembler", "coder", lambda text: readers.script(text, plan=plan), brief, members=members, plan=plan)
        return Proposal(written.title, plan, written.code) if written else None

    async def _ask(self, agent: str, role: str, read: Callable[[str], T], about: Brief | None = None, **values: Any) -> T | None:
        """The agent's prompt to its role's model; `about`: another brief than the competition's."""
        system = self._system_prompt(about or self.brief, "" if about else await self._task_summary())
        question = render(agent, brief=about or self.brief, **values)
        if self.terms.samples:
            return await self.desk.ask(agent, role, system, question, read, tells=agent not in PROSE)
        labels = Labels(self.brief.classes)
        return await self.desk.ask(
            agent,
            role,
            labels.hide(system) if about else system,
            labels.hide(question),
            lambda text: read(labels.show(text)),
            tells=agent not in PROSE,
        )

    async def _task_summary(self) -> str:
        """Stands in for a long description; empty: the description is short, or the model could not sum it up."""
        if len(self.brief.description) <= briefing.LONG_DESCRIPTION:
            return ""
        if self._summary is None:
            system = self._system_prompt(self.brief, "")
            self._summary = await self.desk.ask("summary", "planner", system, render("summary"), readers.prose, tells=False) or ""
        return self._summary

    def _system_prompt(self, brief: Brief, summary: str) -> str:
        terms = self.terms
        return briefing.system_prompt(brief, summary, self.machine, terms.seconds, terms.memory, terms.samples, terms.search_rows)

    async def _documents(self) -> Sequence[Document]:
        wanted = await self._ask("queries", "planner", lambda text: readers.queries(text, QUERIES), count=QUERIES)
        if not wanted or self.library is None:
            return ()
        return (await self.library.documents(wanted, DOCUMENTS_A_QUERY))[:DOCUMENTS_AT_MOST]

    def _attempts(self, attempts: Sequence[Attempt]) -> dict[str, Any]:
        kept, dropped = briefing.kept_attempts(attempts, self.brief.greater_is_better)
        return {"attempts": kept, "dropped": dropped}


def _as_it_is(card: ModelCard) -> Proposal | None:
    try:
        Solution.parse(card.code)
    except SolutionError:
        return None
    return Proposal(card.name, card.why, card.code)
