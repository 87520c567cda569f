"""Which engineer a run has: the recipes, a chat model, or a chat model with the recipes behind it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from competitions import Brief
from engineers import Engineer, RecipesEngineer, seconds_a_model
from journal import Asked, ModelCard, Run, Settings
from retrieval import WebSearch
from sandbox import weights

if TYPE_CHECKING:  # LangChain takes a second to import, and a run without a model does not need it
    from engineers.llm import Chat

LLM_FOLDER = "llm"
ANSWER_SHARE = 0.1
"""Of the run's time: a model that hangs must leave time for the first recipe."""


def chat_models(settings: Settings) -> "Mapping[str, Chat] | None":
    """The chat models by role; none: the settings name none. Raises ModelNameError, as `engineers.llm.chats` does."""
    if not any((settings.model, settings.planner, settings.coder, settings.judge)):
        return None
    from engineers.llm import chats

    return chats(settings)


def engineer_name(settings: Settings, models: "Mapping[str, Chat] | None") -> str:
    """What run records call the engineer: 'recipes', 'openai:gpt-5 + recipes'."""
    names = list(dict.fromkeys(chat.name for chat in models.values())) if models else []
    return " + ".join([*names, *(["recipes"] if not models or settings.recipes else [])])


def make_engineer(
    brief: Brief,
    settings: Settings,
    cards: tuple[ModelCard, ...],
    models: "Mapping[str, Chat] | None",
    run: Run,
    web: WebSearch,
) -> Engineer:
    """The engineer of a run that is open for writing; exchanges and spending of the run's earlier processes are taken up."""
    if models is None:
        return RecipesEngineer(brief, settings.seed, cards, seconds_a_model(settings))
    from engineers.llm import Desk, Exchanges, HybridEngineer, Ledger, LlmEngineer, Terms, as_record, this_machine

    exchanges = Exchanges(run.folder / LLM_FOLDER)
    recorded = {call.number for call in run.entries(Asked)}
    for exchange in exchanges.all:  # a crash came between the file and its record
        if exchange.number not in recorded:
            run.append(as_record(exchange))
    ledger = Ledger(settings.max_cost, settings.max_tokens, run.entries(Asked))
    desk = Desk(models, ledger, exchanges, run.append, answer_seconds(settings))
    terms = Terms(settings.script_seconds, settings.script_memory, settings.data_samples, settings.allow_downloads, settings.search_rows)
    library = web if web.sources else None
    model = LlmEngineer(desk, brief, terms, this_machine(settings.threads), cards, library, pretrained(settings))
    return HybridEngineer(model, RecipesEngineer(brief, settings.seed, seconds=seconds_a_model(settings))) if settings.recipes else model


def pretrained(settings: Settings) -> Callable[[], tuple[str, ...]]:
    """Names the weights that scripts find where they run; of workers' machines nothing is known."""
    return tuple if settings.runner == "workers" else weights.names


def answer_seconds(settings: Settings) -> float:
    """Wall-clock of one answer: what the settings allow, and a small share of a run that has an end."""
    return settings.answer_seconds if settings.seconds is None else min(settings.answer_seconds, ANSWER_SHARE * settings.seconds)
