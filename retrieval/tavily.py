"""Documents from the web by Tavily's search, which also fetches the pages and gives their text."""

import asyncio
from collections.abc import Sequence

import httpx
from tavily import AsyncTavilyClient
from tavily.errors import BadRequestError, ForbiddenError, InvalidAPIKeyError, UsageLimitExceededError
from tavily.errors import TimeoutError as TavilyTimeoutError

from journal.redact import redact
from retrieval.web import LONGEST_QUERY, SEARCH_SECONDS, Found, document

KEY = "TAVILY_API_KEY"
REASONS: tuple[tuple[type[Exception], str], ...] = (
    (InvalidAPIKeyError, f"the key in {KEY} was refused"),
    (UsageLimitExceededError, "rate limit or quota exceeded"),
    (ForbiddenError, "the plan does not allow it, or its credit is used up"),
    (BadRequestError, "bad request"),
    (TavilyTimeoutError, f"timed out after {SEARCH_SECONDS:.0f} s"),
    (TimeoutError, f"timed out after {SEARCH_SECONDS:.0f} s"),
    (httpx.HTTPStatusError, "the service failed"),
    (httpx.HTTPError, "the service cannot be reached"),
)


class Tavily:
    """Tavily's search.

    Args:
        key: never empty: the client would then silently call a public endpoint.
        base_url: another address of the API.
        exclude_domains: left out by the service itself, so that they cost no results.
        seconds: wall-clock of one search.
    """

    name = "tavily"

    def __init__(self, key: str, base_url: str | None = None, exclude_domains: Sequence[str] = (), seconds: float = SEARCH_SECONDS) -> None:
        if not key.strip():
            raise ValueError(f"Tavily needs a key — set {KEY}")
        self._key, self._base_url, self._exclude, self._seconds = key.strip(), base_url, tuple(exclude_domains), seconds

    async def search(self, query: str, limit: int) -> Found:
        try:
            async with asyncio.timeout(self._seconds), AsyncTavilyClient(api_key=self._key, api_base_url=self._base_url) as client:
                answer = await client.search(
                    query[:LONGEST_QUERY],
                    max_results=limit,
                    search_depth="advanced",
                    include_raw_content="text",
                    exclude_domains=list(self._exclude) or None,
                    timeout=self._seconds,
                )
        except Exception as error:  # whatever the service or the network does is a value
            return Found(source=self.name, query=query, reason=_reason(error))
        results = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(results, list):
            return Found(source=self.name, query=query, reason="the service sent something else than results")
        found = (
            document(self.name, each.get("title"), each.get("url"), each.get("raw_content") or each.get("content"))
            for each in results
            if isinstance(each, dict)
        )
        return Found(source=self.name, query=query, documents=tuple(each for each in found if each)[:limit])


def _reason(error: Exception) -> str:
    said = " ".join(redact(str(error)).split())[:200]
    reason = next((reason for kind, reason in REASONS if isinstance(error, kind)), type(error).__name__)
    return f"{reason} ({said})" if said else reason
