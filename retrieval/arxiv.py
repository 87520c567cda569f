"""Papers by arXiv's public interface, without a key: titles and abstracts (https://info.arxiv.org/help/api/user-manual.html)."""

import asyncio
import re
from xml.etree import ElementTree

import httpx

from journal.redact import redact
from retrieval.web import LONGEST_QUERY, SEARCH_SECONDS, Document, Found, document

BASE_URL = "https://export.arxiv.org"
LONGEST_ANSWER = 4 * 2**20
"""Bytes; fifty abstracts are a tenth of it."""
PAUSE_SECONDS = 3.0
"""Between two searches, as arXiv asks for."""
ATOM = "{http://www.w3.org/2005/Atom}"
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
FILLERS = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "best",
        "by",
        "can",
        "for",
        "from",
        "how",
        "in",
        "into",
        "is",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    )
)
"""Words that would only narrow the search."""


class Arxiv:
    """arXiv's search.

    Args:
        base_url: another address of the interface.
        seconds: wall-clock of one search, the pause before it left out.
        pause: seconds between two searches.
    """

    name = "arxiv"

    def __init__(self, base_url: str = BASE_URL, seconds: float = SEARCH_SECONDS, pause: float = PAUSE_SECONDS) -> None:
        self._url, self._seconds, self._pause = f"{base_url.rstrip('/')}/api/query", seconds, pause
        self._turn = asyncio.Lock()

    async def search(self, query: str, limit: int) -> Found:
        words = [word for word in WORD.findall(query[:LONGEST_QUERY]) if word.lower() not in FILLERS]
        if not words:
            return Found(source=self.name, query=query, reason="the query has no words")
        wanted = {"search_query": " AND ".join(f"all:{word}" for word in words), "max_results": str(limit), "sortBy": "relevance"}
        async with self._turn:
            try:
                async with asyncio.timeout(self._seconds):
                    raw = await self._fetch(wanted)
                return Found(source=self.name, query=query, documents=_papers(raw)[:limit])
            except TimeoutError:
                return Found(source=self.name, query=query, reason=f"timed out after {self._seconds:.0f} s")
            except httpx.HTTPStatusError as error:
                return Found(source=self.name, query=query, reason=f"the service answered {error.response.status_code}")
            except httpx.HTTPError as error:
                return Found(source=self.name, query=query, reason=f"the service cannot be reached ({redact(str(error))[:200]})")
            except ValueError as error:
                return Found(source=self.name, query=query, reason=str(error))
            finally:
                await asyncio.sleep(self._pause)

    async def _fetch(self, wanted: dict[str, str]) -> bytes:
        """The answer's body.

        Raises:
            ValueError: it is too long.
        """
        raw = b""
        async with (
            httpx.AsyncClient(timeout=self._seconds, follow_redirects=True) as client,
            client.stream("GET", self._url, params=wanted) as response,
        ):
            response.raise_for_status()
            async for chunk in response.aiter_bytes():
                raw += chunk
                if len(raw) > LONGEST_ANSWER:
                    raise ValueError(f"the service sent more than {LONGEST_ANSWER} bytes")
        return raw


def _papers(raw: bytes) -> tuple[Document, ...]:
    """The entries of an Atom feed.

    Raises:
        ValueError: it is none. Document types are refused: entities can blow up a small answer.
    """
    if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
        raise ValueError("the service sent a document type, which no feed has")
    try:
        feed = ElementTree.fromstring(raw)
    except ElementTree.ParseError as error:
        raise ValueError(f"the service sent something else than a feed ({error})") from error
    found = (_paper(entry) for entry in feed.iter(f"{ATOM}entry"))
    return tuple(each for each in found if each and "/api/errors" not in each.url)


def _paper(entry: ElementTree.Element) -> Document | None:
    abstract = " ".join((entry.findtext(f"{ATOM}summary") or "").split())
    return document("arxiv", entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}id"), abstract)
