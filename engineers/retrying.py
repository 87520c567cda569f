"""Bounded retries for clients that have none of their own, at the level of HTTP."""

import asyncio

import httpx

FIRST_WAIT = 0.5
LONGEST_WAIT = 8.0
"""Seconds; a server's own Retry-After is followed up to the longest."""
AGAIN = frozenset({408, 409, 429, 500, 502, 503, 504, 529})


class RetryingTransport(httpx.AsyncBaseTransport):
    """Sends a request again where the connection failed or the answer was one of `AGAIN`; the last answer or error stands.

    Args:
        retries: after the first request.
    """

    def __init__(self, retries: int) -> None:
        self.retries = retries
        self._inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for attempt in range(self.retries):
            try:
                response = await self._inner.handle_async_request(request)
            except httpx.TransportError:
                asked = None
            else:
                if response.status_code not in AGAIN:
                    return response
                asked = response.headers.get("retry-after")
                await response.aclose()
            await asyncio.sleep(_wait(attempt, asked))
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _wait(attempt: int, asked: str | None) -> float:
    planned = min(LONGEST_WAIT, FIRST_WAIT * 2.0**attempt)
    try:
        return min(LONGEST_WAIT, float(asked)) if asked else planned
    except ValueError:  # a date
        return planned
