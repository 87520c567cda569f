"""What the models may still cost: reserved before a call, settled after it, so that no cap is exceeded however many calls are under way."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from engineers.llm.prices import Price
from engineers.protocol import EngineerError
from journal import Asked

TOKENS_A_MESSAGE = 16
"""What a provider puts around a message, at most."""


class CapReached(EngineerError):
    """The next call might cost more than is left."""


@dataclass(frozen=True)
class Reservation:
    """What a call may come to at most; `cost` in US dollars, none where the price is unknown."""

    tokens: int
    cost: float | None


class Ledger:
    """Tokens and US dollars of a run: spent by earlier calls (also of earlier processes), reserved by those under way.

    Args:
        max_cost: US dollars; only where the price of every model is known.
        max_tokens: of prompts and answers together.
        earlier: the calls of the run so far.
    """

    def __init__(self, max_cost: float | None = None, max_tokens: int | None = None, earlier: Iterable[Asked] = ()) -> None:
        self.max_cost, self.max_tokens = max_cost, max_tokens
        self.tokens, self.cost = 0, 0.0
        self._reserved: list[Reservation] = []
        self._changed = asyncio.Condition()
        for call in earlier:
            self.add(call)

    def add(self, call: Asked) -> None:
        """A call is over. One of unknown cost adds nothing to `cost`: there is no cap on the cost then."""
        self.tokens += call.prompt_tokens + call.answer_tokens
        self.cost += call.cost or 0.0

    async def reserve(self, price: Price | None, prompt_tokens: int, answer_tokens: int) -> Reservation:
        """Wait until what is under way leaves enough for a call of at most so many tokens, and set that aside.

        Raises:
            CapReached: there would not be enough even if nothing else were under way.
        """
        wanted = Reservation(prompt_tokens + answer_tokens, price.bound(prompt_tokens, answer_tokens) if price else None)
        async with self._changed:
            while (short := self._short(wanted, self._reserved)) is not None:
                if not self._reserved or (final := self._short(wanted, [])) is not None:
                    raise CapReached(short if not self._reserved else final)
                await self._changed.wait()
            self._reserved.append(wanted)
        return wanted

    async def settle(self, reservation: Reservation, call: Asked) -> None:
        """Give the reservation back, and count what the call came to."""
        async with self._changed:
            self._reserved.remove(reservation)
            self.add(call)
            self._changed.notify_all()

    def _short(self, wanted: Reservation, others: list[Reservation]) -> str | None:
        """What is not enough, in a sentence; none: it is."""
        tokens = self.tokens + sum(each.tokens for each in others)
        if self.max_tokens is not None and tokens + wanted.tokens > self.max_tokens:
            return (
                f"the cap on tokens is reached: {self.tokens:,} of {self.max_tokens:,} are used, and the next may take {wanted.tokens:,}"
                " — raise --max-tokens"
            )
        cost = self.cost + sum(each.cost or 0.0 for each in others)
        if self.max_cost is not None and cost + (wanted.cost or 0.0) > self.max_cost:
            return (
                f"the cap on cost is reached: ${self.cost:.4f} of ${self.max_cost:.4f} are spent, and the next call may cost "
                f"${wanted.cost or 0.0:.4f} — raise --max-cost"
            )
        return None


def prompt_bound(texts: Iterable[str]) -> int:
    """Tokens that messages with these texts have at most: a token is at least one byte, with every tokenizer."""
    return sum(len(text.encode()) + TOKENS_A_MESSAGE for text in texts)
