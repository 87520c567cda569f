"""The chat models of a run: one for each role, by the names that its user gave."""

from collections.abc import Mapping
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from engineers.llm.exchanges import Message
from engineers.llm.prices import Price, longest_answer, price_of
from engineers.models import ModelNameError, parse_model, resolve_model
from journal import Settings

ROLES = ("planner", "coder", "judge")
ANSWER_LIMIT = {"google_genai": "max_output_tokens", "ollama": "num_predict"}
"""What a client calls the longest answer, where it is not `max_tokens`."""


@dataclass(frozen=True)
class Chat:
    """A chat model as it is called here."""

    name: str
    """'provider:name'."""
    client: BaseChatModel
    price: Price | None
    answer_tokens: int
    """Of one answer at most; the client tells the provider."""

    def messages(self, conversation: tuple[Message, ...]) -> list[BaseMessage]:
        """The conversation for the client; the system's part, the same in many requests, marked for the cache where that is asked for."""
        return [self._message(each) for each in conversation]

    def _message(self, message: Message) -> BaseMessage:
        if message.role == "assistant":
            return AIMessage(message.content)
        if message.role == "user":
            return HumanMessage(message.content)
        if self.name.startswith("anthropic:"):
            return SystemMessage([{"type": "text", "text": message.content, "cache_control": {"type": "ephemeral"}}])
        return SystemMessage(message.content)


def chats(settings: Settings) -> Mapping[str, Chat] | None:
    """The models by role; none: the settings name no model.

    Raises:
        ModelNameError: a name, the URL, a package or a key is not as it must be, or there is a cap on a cost that nobody can know.
    """
    names = {role: getattr(settings, role) or settings.model for role in ROLES}
    if settings.model is None:
        if given := next((role for role in ROLES if getattr(settings, role)), None):
            raise ModelNameError(f"--{given}: {getattr(settings, given)!r} is given without --model — name the model of the other roles")
        return None
    made = {name: _chat(name, settings) for name in dict.fromkeys(names.values()) if name}
    return {role: made[name] for role, name in names.items() if name}


def _chat(text: str, settings: Settings) -> Chat:
    model = parse_model(text, settings.base_url)
    name = str(model)
    price = price_of(name)
    if price is None and settings.max_cost is not None:
        raise ModelNameError(f"--max-cost: the price of {name} is not known, so its cost cannot be kept below a cap — use --max-tokens")
    limit = min(settings.answer_tokens, longest_answer(name) or settings.answer_tokens)
    option = {ANSWER_LIMIT.get(model.provider, "max_tokens"): limit}
    client = resolve_model(text, base_url=settings.base_url, timeout=settings.answer_seconds, **option)
    return Chat(name, client, price, limit)
