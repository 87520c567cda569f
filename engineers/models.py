"""From a name to a chat model: LangChain's `init_chat_model`, with clear errors, bounded time-outs and bounded retries.

The client alone retries what the transport lost (429, 5xx, broken connections); whoever calls it retries nothing of that kind.
"""

import asyncio
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage

from engineers.retrying import RetryingTransport
from engineers.trouble import chat_error

SECONDS_AN_ANSWER = 300.0
"""Read time-out of one request; long answers of reasoning models take minutes."""
RETRIES = 4
"""After the first request; with the clients' exponential back-off some ten seconds of waiting in all."""
NO_KEY = "not-needed"
"""Sent where a server of one's own asks for none, because the clients insist on one."""
CREDENTIALS = frozenset({"api_key", "apikey", "api-key", "key", "token", "access_token"})
PROVIDER = re.compile(r"[a-z][a-z0-9_]*")


class ModelNameError(ValueError):
    """--model or --base-url cannot be used: unknown provider, package or key missing. One line, with the remedy."""


@dataclass(frozen=True)
class Provider:
    """What must be known of a provider whose client comes with an extra of this project."""

    name: str
    module: str
    keys: tuple[str, ...] = ()
    """Environment variables, any of which may hold the key; none: it needs no key."""
    without_retries: bool = False
    """Its client does not retry; ours does it in its transport."""
    first_attempt_counts: bool = False
    """Its `max_retries` counts the first request."""


PROVIDERS = {
    provider.name: provider
    for provider in (
        Provider("openai", "langchain_openai", ("OPENAI_API_KEY",)),
        Provider("anthropic", "langchain_anthropic", ("ANTHROPIC_API_KEY",)),
        Provider("google_genai", "langchain_google_genai", ("GOOGLE_API_KEY", "GEMINI_API_KEY"), first_attempt_counts=True),
        Provider("ollama", "langchain_ollama", without_retries=True),
    )
}


@dataclass(frozen=True)
class ModelName:
    """'provider:name', taken apart."""

    provider: str
    name: str
    known: Provider | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.provider}:{self.name}"

    @property
    def key(self) -> str | None:
        """The environment variable of its key, where we know it."""
        return self.known.keys[0] if self.known and self.known.keys else None


def parse_model(text: str, base_url: str | None = None) -> ModelName:
    """Take a model's name apart. With a base URL a bare name ('qwen3:8b') is one of an OpenAI-compatible server.

    Raises:
        ModelNameError: there is no provider in it, or no name.
    """
    provider, colon, name = text.partition(":")
    provider = provider.strip().replace("-", "_")
    if base_url is not None and (not colon or (provider not in PROVIDERS and provider not in _langchain_providers())):
        provider, name = "openai", text
    if not PROVIDER.fullmatch(provider) or not name.strip():
        some = ", ".join(f"{each}:NAME" for each in PROVIDERS)
        raise ModelNameError(f"--model: {text!r} names no provider and model — write provider:name, such as {some}")
    return ModelName(provider, name.strip(), PROVIDERS.get(provider))


def resolve_model(
    name: str, *, base_url: str | None = None, timeout: float = SECONDS_AN_ANSWER, retries: int = RETRIES, **options: Any
) -> BaseChatModel:
    """The chat model of that name; makes no request.

    Args:
        name: 'provider:name'; with `base_url` a bare name is taken as one of an OpenAI-compatible server.
        base_url: where the provider's API is served, without credentials.
        timeout: seconds that one request may take.
        retries: how often the client repeats a request that failed in transport, with 429 or with 5xx.
        options: handed to the client as they are (temperature, max_tokens …).

    Raises:
        ModelNameError: the name, the URL, the package or the key is not as it must be.
    """
    model = parse_model(name, base_url)
    _check_url(base_url)
    arguments = {**_transport(model, timeout, retries), **options}
    if base_url is not None:
        arguments["base_url"] = base_url
    arguments |= _key(model, base_url)
    try:
        chat: BaseChatModel = init_chat_model(model.name, model_provider=model.provider, **arguments)
    except ImportError as error:
        raise ModelNameError(f"--model: {model} needs a package that is not installed — {_installation(model, error)}") from error
    except ValueError as error:  # pydantic's too: the client refuses its arguments, often for want of a key
        said = str(chat_error(error).args[0]).split(": ", maxsplit=1)[1]
        raise ModelNameError(f"--model: {model} cannot be used: {said}") from error
    return chat


async def invoke(model: BaseChatModel, messages: LanguageModelInput, *, seconds: float, name: str = "the model") -> AIMessage:
    """One answer, within `seconds` in all: retries, waits and a server that sends a word a minute included.

    Raises:
        ChatError: the request failed for good; `.fatal` says whether to stop.
    """
    try:
        async with asyncio.timeout(seconds):
            return await model.ainvoke(messages)
    except Exception as error:
        known = PROVIDERS.get(name.partition(":")[0])
        raise chat_error(error, name, known.keys[0] if known and known.keys else None) from error


def _transport(model: ModelName, timeout: float, retries: int) -> dict[str, Any]:
    """Time-outs and retries, in the words of the provider's client."""
    if model.known is not None and model.known.without_retries:
        return {"client_kwargs": {"timeout": timeout}, "async_client_kwargs": {"transport": RetryingTransport(retries)}}
    counted = retries + 1 if model.known is not None and model.known.first_attempt_counts else retries
    return {"timeout": timeout, "max_retries": counted}


def _key(model: ModelName, base_url: str | None) -> dict[str, str]:
    """The key, given to the client by hand, so that nothing depends on which variables it reads."""
    if model.known is None or not model.known.keys:
        return {}
    found = next((value for variable in model.known.keys if (value := os.environ.get(variable, "").strip())), None)
    if found is None and base_url is None:
        raise ModelNameError(f"--model: {model} needs a key — set the environment variable {' or '.join(model.known.keys)}")
    return {"api_key": found or NO_KEY}


def _check_url(base_url: str | None) -> None:
    """Run records hold the URL, so it must hold no key.

    Raises:
        ModelNameError: it is none of HTTP's, or has credentials in it.
    """
    if base_url is None:
        return
    try:
        parts = urlsplit(base_url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_ok = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_ok:
        raise ModelNameError(f"--base-url: {base_url!r} is no URL — write it like http://localhost:8000/v1")
    if parts.username or parts.password or CREDENTIALS & {name.lower() for name in parse_qs(parts.query)}:
        raise ModelNameError(
            f"--base-url: the URL of {parts.hostname} has a key in it, which run records would keep — set it as OPENAI_API_KEY"
        )


def _installation(model: ModelName, error: ImportError) -> str:
    if model.known is not None:
        return f"pip install 'mlestar[{model.provider.replace('_', '-')}]'"
    module = error.name or f"langchain_{model.provider}"
    return f"pip install {module.partition('.')[0].replace('_', '-')}"


def _langchain_providers() -> Sequence[str]:
    from langchain.chat_models import base

    return tuple(getattr(base, "_BUILTIN_PROVIDERS", ()))
