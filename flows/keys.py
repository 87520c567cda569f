"""Keys of model providers and web searches in a deployment: from the environment, or from Prefect's Secret blocks.

A block is named after the environment variable: `OPENAI_API_KEY` lies in the block `openai-api-key`. What comes from a block is there while
the flow runs, for the clients in this process only: scripts get an environment that is built from nothing (sandbox/interpreter.py).
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from prefect.blocks.system import Secret

from engineers.models import PROVIDERS, ModelNameError, parse_model
from journal import Settings
from retrieval.search import TAVILY_KEY

ROLES = ("model", "planner", "coder", "judge")
"""The settings that name a model."""


def block_name(variable: str) -> str:
    """Prefect takes lowercase letters, digits and dashes only."""
    return variable.lower().replace("_", "-")


def needed_keys(settings: Settings) -> tuple[str, ...]:
    """The environment variables that hold the keys of the run's models and of its web search."""
    if settings.model is None:
        return ()
    names = [name for role in ROLES if (name := getattr(settings, role, None))]
    searched = {"auto", "tavily"} & {each.strip() for each in settings.search.split(",")}
    variables = [variable for name in names for variable in _variables(name, getattr(settings, "base_url", None))]
    return tuple(dict.fromkeys([*variables, *([TAVILY_KEY] if searched else [])]))


def _variables(name: str, base_url: str | None) -> tuple[str, ...]:
    try:
        provider = parse_model(name, base_url).provider
    except ModelNameError:  # said when the model is made, with what to do
        return ()
    known = PROVIDERS.get(provider)
    return known.keys if known is not None else (f"{provider.upper()}_API_KEY",)


@asynccontextmanager
async def keys_from_blocks(settings: Settings) -> AsyncIterator[tuple[str, ...]]:
    """Put the keys that the environment lacks and a Secret block has into this process's environment, and take them out at the end.

    Yields:
        The variables that came from blocks.
    """
    found = {variable: key for variable in needed_keys(settings) if not os.environ.get(variable) and (key := await _secret(variable))}
    os.environ.update(found)
    try:
        yield tuple(found)
    finally:
        for variable in found:
            os.environ.pop(variable, None)


async def _secret(variable: str) -> str | None:
    """The block's value as it was typed; none: there is no such block."""
    try:
        block: Secret[str] = await Secret.aload(block_name(variable))
    except ValueError:
        return None
    value = block.value.get_secret_value()  # .get() would read a key of digits as a number
    return str(value).strip() or None
