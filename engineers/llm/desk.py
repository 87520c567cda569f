"""Asking a model: reserve, send, record, read the answer, and send it back with the complaint a bounded number of times."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any, TypeVar

from langchain_core.messages import AIMessage

from engineers.llm.answers import AnswerError, without_reasoning
from engineers.llm.chats import Chat
from engineers.llm.exchanges import Exchange, Exchanges, Message, digest_of, header
from engineers.llm.ledger import Ledger, prompt_bound
from engineers.models import invoke
from engineers.occasion import occasion
from engineers.protocol import EngineerError
from engineers.trouble import ChatError, Trouble
from journal import Asked
from prompts import render

ASKS = 3
"""Answers to one question at most: the first, and two after complaints."""
USELESS_AT_MOST = 4
"""Questions in a row without a useful answer, after which the model is given up."""
USELESS_AT_FIRST = 2
"""The same, as long as there has been no useful answer at all."""
UNANSWERED = "stopped before an answer came"
LENGTH = frozenset({"length", "max_tokens", "MAX_TOKENS"})
"""What providers say where an answer was cut off."""

T = TypeVar("T")


class Refused(EngineerError):
    """The provider refuses the key or the request: every further one would be refused as well."""


@dataclass(frozen=True)
class Place:
    """Where a request belongs; its text is the request's first line, by which a recorded run is replayed."""

    agent: str
    role: str
    action: str
    track: int
    step: int
    attempt: int
    ask: int = 0

    def __str__(self) -> str:
        return f"agent {self.agent} · track {self.track} · step {self.step} · attempt {self.attempt} · ask {self.ask}"


class Desk:
    """Where a run's questions to its models are asked.

    Args:
        chats: a model for each role.
        ledger: has the caps.
        exchanges: the run's folder llm/.
        record: takes the journal's record of each call.
        seconds: that one answer may take, the client's retries included.
    """

    def __init__(
        self, chats: Mapping[str, Chat], ledger: Ledger, exchanges: Exchanges, record: Callable[[Asked], None], seconds: float
    ) -> None:
        self.chats, self.ledger, self.exchanges, self.seconds = chats, ledger, exchanges, seconds
        self._record = record
        self._asked: Counter[str] = Counter()
        self._same: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._useless = 0
        self._useful = False
        self._over: EngineerError | None = None

    async def ask(self, agent: str, role: str, system: str, question: str, read: Callable[[str], T], tells: bool = True) -> T | None:
        """The first answer that `read` takes; none: there was no such answer.

        Args:
            agent: the prompt's name.
            role: whose model is asked.
            system: what is the same in many requests.
            question: the rest.
            read: raises AnswerError with what is wrong; that is what the model is told.
            tells: whether `read` can tell a useful answer from prose of any kind.

        Raises:
            EngineerError: a cap is reached, the provider refuses, or the model has not answered usefully for a long time. From then on
                every question raises it.
        """
        if self._over is not None:
            raise self._over
        try:
            found = await self._conversation(agent, role, system, question, read)
        except EngineerError as error:
            self._over = error
            raise
        if isinstance(found, str):
            self._count_useless(self.chats[role].name, found)
            return None
        if tells:
            self._useless, self._useful = 0, True
        return found[0]

    def _count_useless(self, model: str, error: str) -> None:
        """`error`: why there was no answer at all, with its remedy. Raises EngineerError where it is one too many."""
        self._useless += 1
        if self._useless >= (USELESS_AT_MOST if self._useful else USELESS_AT_FIRST):
            row = f"{model} gave no useful answer to {self._useless} questions in a row (see llm/ in the run folder)"
            self._over = EngineerError(f"{row}; the last: {error}" if error else f"{row} — choose a stronger model with --model")
            raise self._over

    async def _conversation(self, agent: str, role: str, system: str, question: str, read: Callable[[str], T]) -> tuple[T] | str:
        """What was read; or why no answer came, empty where one came but was of no use."""
        now = occasion()
        place = Place(agent, role, now.action, now.track, now.step, now.attempt)
        conversation = [Message(role="system", content=system)]
        following = question
        for _ in range(ASKS):
            place = self._numbered(place)
            conversation.append(Message(role="user", content=header(str(place)) + following))
            verdict: list[T] = []

            def complaint(answer: str, finish: str, verdict: list[T] = verdict) -> str:
                try:
                    verdict.append(read(_checked(answer, finish)))
                except AnswerError as error:
                    return str(error)
                return ""

            exchange = await self._exchange(place, tuple(conversation), complaint)
            if exchange.error:
                return exchange.error
            if verdict:
                return (verdict[0],)
            conversation.append(Message(role="assistant", content=exchange.answer or "(nothing)"))
            following = render("complaint", complaint=exchange.complaint)
        return ""

    def _numbered(self, place: Place) -> Place:
        key = f"{place.agent}/{place.track}/{place.step}/{place.attempt}"
        self._asked[key] += 1
        return replace(place, ask=self._asked[key])

    async def _exchange(self, place: Place, messages: tuple[Message, ...], complaint: Callable[[str, str], str]) -> Exchange:
        """One request and its answer, read, or why none came; taken from an earlier equal request where there is one.

        Raises:
            CapReached: there is not enough left for it.
            Refused: the provider refuses the key or the request.
        """
        chat = self.chats[place.role]
        digest = digest_of(chat.name, messages)
        async with self._same[digest]:
            if (known := self.exchanges.equal(digest)) is not None:
                return known.model_copy(update={"complaint": complaint(known.answer, known.finish)})
            bound = prompt_bound(each.content for each in messages)
            reservation = await self.ledger.reserve(chat.price, bound, chat.answer_tokens)
            made = self._opened(chat, place, messages, digest, bound)
            try:
                made = await self._sent(chat, made)
                if made.answer or not made.error:
                    made = made.model_copy(update={"complaint": complaint(made.answer, made.finish)})
            except ChatError as error:
                made = made.model_copy(update={"error": str(error), **_counted(chat, 0, 0)})
                raise Refused(str(error)) from error
            finally:  # stopped on the way, it counts with its upper bound
                await self.ledger.settle(reservation, self._keep(made))
        return made

    def _opened(self, chat: Chat, place: Place, messages: tuple[Message, ...], digest: str, bound: int) -> Exchange:
        """The exchange as it lies in its file while it is under way: a process that is killed leaves what it may have cost."""
        exchange = Exchange(
            number=self.exchanges.next_number(),
            key=str(place),
            model=chat.name,
            digest=digest,
            messages=messages,
            error=UNANSWERED,
            **vars(place),
            **_counted(chat, bound, chat.answer_tokens, estimated=True),
        )
        self.exchanges.write(exchange)
        return exchange

    async def _sent(self, chat: Chat, opened: Exchange) -> Exchange:
        """Send the request. An error that concerns this request only becomes part of the exchange.

        Raises:
            ChatError: every further request would fail as this one.
        """
        begun = monotonic()
        try:
            message = await invoke(chat.client, chat.messages(opened.messages), seconds=self.seconds, name=chat.name)
        except ChatError as error:
            if error.fatal:
                raise
            # After a time-out the provider may have worked for it: the upper bound stands.
            counts = {} if error.kind is Trouble.TIMEOUT else _counted(chat, 0, 0)
            return opened.model_copy(update={"error": str(error), "seconds": monotonic() - begun, **counts})
        usage = _usage(message)
        answered = {"answer": str(message.text), "finish": _finish(message), "error": "", "seconds": monotonic() - begun}
        return opened.model_copy(update={**answered, **(_counted(chat, *usage) if usage else {})})

    def _keep(self, exchange: Exchange) -> Asked:
        self.exchanges.write(exchange)
        call = as_record(exchange)
        self._record(call)
        return call


def as_record(exchange: Exchange) -> Asked:
    """The journal's record of an exchange."""
    return Asked(
        number=exchange.number,
        agent=exchange.agent,
        role=exchange.role,
        model=exchange.model,
        action=exchange.action,
        prompt_tokens=exchange.tokens.get("prompt", 0),
        answer_tokens=exchange.tokens.get("answer", 0),
        cost=exchange.cost,
        seconds=exchange.seconds,
        useful=not exchange.error and not exchange.complaint,
        estimated=exchange.estimated,
    )


def _checked(answer: str, finish: str) -> str:
    if finish in LENGTH:
        raise AnswerError("It was cut off because it is too long. Answer again, shorter: no reasoning, only what is asked for.")
    text = without_reasoning(answer)
    if not text:
        raise AnswerError("It is empty.")
    return text


def _usage(message: AIMessage) -> tuple[int, int, int, int] | None:
    """Tokens of prompt and answer, and of the prompt those read from and written to the provider's cache; none: it did not say."""
    usage = message.usage_metadata
    if not usage:
        return None
    details = usage.get("input_token_details") or {}
    return usage["input_tokens"], usage["output_tokens"], details.get("cache_read") or 0, details.get("cache_creation") or 0


def _counted(chat: Chat, prompt: int, answer: int, read: int = 0, written: int = 0, estimated: bool = False) -> dict[str, Any]:
    """Fields of an exchange; an estimate is an upper bound."""
    price = chat.price
    cost = None if price is None else price.bound(prompt, answer) if estimated else price.cost(prompt, answer, read, written)
    return {"tokens": {"prompt": prompt, "answer": answer}, "cost": cost, "estimated": estimated}


def _finish(message: AIMessage) -> str:
    metadata = message.response_metadata
    return str(metadata.get("finish_reason") or metadata.get("stop_reason") or metadata.get("done_reason") or "")
