"""The seam of the web: where documents come from that models are read out of.

How it is used: the engineer writes a few queries for the competition, asks `WebSearch.documents` (search.py) for what is found, and distils
the documents into model cards. Nothing here asks a chat model, and nothing here fails a run.
"""

from typing import Protocol

from pydantic import Field

from journal import Record
from journal.redact import redact

LONGEST_TEXT = 20_000
"""Characters of one document that are kept: enough for a long article; what the model is shown is cut further by the engineer."""
LONGEST_TITLE = 300
LONGEST_QUERY = 400
"""Characters; Tavily refuses longer ones."""
SEARCH_SECONDS = 30.0
"""Wall-clock of one search of one source."""


class Document(Record):
    """A page or a paper, as plain text."""

    title: str
    url: str
    text: str = Field(description="the beginning of its text, or its abstract; bounded")
    source: str = Field(description="who found it: 'tavily', 'arxiv'")


class Found(Record):
    """What one search of one source came to. Kept as retrieval/<NNN>.json of the run folder."""

    source: str
    query: str
    documents: tuple[Document, ...] = ()
    reason: str = Field("", description="why nothing could be had: 'quota', 'timed out after 30 s'; empty: the search went through")
    excluded: int = Field(0, description="documents that were left out: excluded domains, or they name the competition itself")


class WebSource(Protocol):
    """One way to find documents. All sources pass tests/retrieval/web_conformance.py.

    A search never raises for what the network or the service does: such a failure is a `Found` with a reason and without documents.
    """

    @property
    def name(self) -> str:
        """What run records call it: 'tavily'."""
        ...

    async def search(self, query: str, limit: int) -> Found:
        """Up to `limit` documents, the most relevant first, with bounded texts, within SEARCH_SECONDS."""
        ...


def document(source: str, title: object, url: object, text: object) -> Document | None:
    """A document of what a service sent, cut to its bounds; none where it has no web address or no text."""
    words = redact(str(text or "")).strip()
    address = str(url or "").strip()
    if not words or not address.startswith(("http://", "https://")):
        return None
    return Document(title=" ".join(str(title or address).split())[:LONGEST_TITLE], url=address, text=words[:LONGEST_TEXT], source=source)
