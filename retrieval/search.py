"""Searching the web for a run: which sources, what is left out, and what is kept in the run folder."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from journal.files import write_atomically
from retrieval.arxiv import Arxiv
from retrieval.exclusion import Exclusion, domains
from retrieval.web import SEARCH_SECONDS, Document, Found, WebSource

WEB_FOLDER = "retrieval"
"""In the run folder: one JSON file a search."""
CHOICES = ("auto", "none", "tavily", "arxiv")
TAVILY_KEY = "TAVILY_API_KEY"


class SearchError(ValueError):
    """--search cannot be served: unknown, or its key is missing."""


class WebSearch:
    """Asks all sources, leaves out what is excluded, keeps every search in a folder, and never repeats one that is kept there.

    Args:
        sources: where documents come from; none: there is no web search.
        folder: where searches are kept; made when the first one is.
        exclusion: what is left out.
    """

    def __init__(self, sources: Sequence[WebSource], folder: Path, exclusion: Exclusion | None = None) -> None:
        self.sources, self.folder, self.exclusion = tuple(sources), folder, exclusion or Exclusion()

    @property
    def name(self) -> str:
        """'tavily + arxiv', or 'none'."""
        return " + ".join(source.name for source in self.sources) or "none"

    async def documents(self, queries: Sequence[str], limit: int) -> tuple[Document, ...]:
        """What all sources find for all queries, each address once: first every query's first document, then the second ones …

        Args:
            queries: in words, as the engineer writes them; duplicates and empty ones are passed over.
            limit: documents a query and source at most.
        """
        wanted = [query for query in dict.fromkeys(self.exclusion.query(query) for query in queries) if query]
        by_source = await asyncio.gather(*(self._all(source, wanted, limit) for source in self.sources))
        searches = [found for one in zip(*by_source, strict=True) for found in one]
        self._keep(searches)
        longest = max((len(found.documents) for found in searches), default=0)
        ranked = [found.documents[rank] for rank in range(longest) for found in searches if rank < len(found.documents)]
        return tuple({document.url: document for document in reversed(ranked)}.values())[::-1]

    def kept(self) -> tuple[Found, ...]:
        """The searches in the folder, in their order; a file that cannot be read is passed over."""
        searches = []
        for path in sorted(self.folder.glob("[0-9]*.json")):
            try:
                searches.append(Found.model_validate_json(path.read_bytes()))
            except (OSError, ValidationError):
                continue
        return tuple(searches)

    def failures(self) -> tuple[str, ...]:
        """Why sources gave nothing, each reason once: 'tavily: rate limit or quota exceeded'."""
        return tuple(dict.fromkeys(f"{found.source}: {found.reason}" for found in self.kept() if found.reason))

    async def _all(self, source: WebSource, queries: Sequence[str], limit: int) -> list[Found]:
        known = {(found.source, found.query): found for found in self.kept() if not found.reason}
        return [known.get((source.name, query)) or await self._one(source, query, limit) for query in queries]

    async def _one(self, source: WebSource, query: str, limit: int) -> Found:
        return self.exclusion.apply(await source.search(query, limit))

    def _keep(self, searches: Sequence[Found]) -> None:
        kept = self.kept()
        new = [found for found in searches if found not in kept]
        if not new:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = max((int(path.stem) for path in self.folder.glob("[0-9]*.json")), default=0)
        for number, found in enumerate(new, start=taken + 1):
            write_atomically(self.folder / f"{number:03d}.json", found.model_dump_json(indent=1).encode())


def web_sources(search: str, exclude_domains: tuple[str, ...] = (), seconds: float = SEARCH_SECONDS) -> tuple[WebSource, ...]:
    """The sources of `--search`: 'auto' is Tavily where its key is there, else none; several are joined by commas.

    The addresses of the services can be set by TAVILY_API_URL and ARXIV_API_URL, for mirrors and proxies.

    Raises:
        SearchError: there is no such source, or the key is missing.
        DomainError: an excluded domain is none.
    """
    excluded, key = domains(exclude_domains), os.environ.get(TAVILY_KEY, "").strip()
    names = list(dict.fromkeys(name.strip() for name in search.split(",")))
    for name in names:
        if name not in CHOICES:
            raise SearchError(f"--search: {name!r} is no source — choose from: {', '.join(CHOICES)}; several with commas: tavily,arxiv")
    if len(names) > 1 and {"auto", "none"} & set(names):
        raise SearchError(f"--search: {search!r} mixes {' and '.join(sorted({'auto', 'none'} & set(names)))} with others — leave it out")
    if names == ["auto"]:
        names = ["tavily"] if key else ["none"]
    if "tavily" in names and not key:
        raise SearchError(f"--search: tavily needs a key — set {TAVILY_KEY}, or use --search arxiv or --search none")
    return tuple(_source(name, key, excluded, seconds) for name in names if name != "none")


def _source(name: str, key: str, excluded: tuple[str, ...], seconds: float) -> WebSource:
    if name == "arxiv":
        url = os.environ.get("ARXIV_API_URL")
        return Arxiv(url, seconds) if url else Arxiv(seconds=seconds)
    from retrieval.tavily import Tavily  # its client costs at start-up

    return Tavily(key, os.environ.get("TAVILY_API_URL") or None, excluded, seconds)
