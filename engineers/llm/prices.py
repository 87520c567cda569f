"""What a token costs, from the table that the LiteLLM project maintains (MIT licence), shipped as `prices.json`.

To refresh it: `python -m engineers.llm.prices [FILE]`, with LiteLLM's model_prices_and_context_window.json; without FILE it is fetched.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from time import strftime
from typing import Any

SOURCE = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
PROVIDERS = {
    "openai": ("openai", ""),
    "anthropic": ("anthropic", ""),
    "gemini": ("google_genai", "gemini/"),
    "mistral": ("mistralai", "mistral/"),
    "groq": ("groq", "groq/"),
    "deepseek": ("deepseek", "deepseek/"),
    "xai": ("xai", "xai/"),
    "azure": ("azure_openai", "azure/"),
    "bedrock_converse": ("bedrock_converse", ""),
}
"""LiteLLM's name of a provider: LangChain's, and what LiteLLM's names of its models begin with."""
FIELDS = ("input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost")


@dataclass(frozen=True)
class Price:
    """US dollars a token. Tokens read from the provider's cache, or written to it, have prices of their own."""

    prompt: float
    answer: float
    cache_read: float
    cache_write: float

    def cost(self, prompt_tokens: int, answer_tokens: int, read: int = 0, written: int = 0) -> float:
        """US dollars of one call; `read` and `written` are parts of the prompt's tokens."""
        plain = max(0, prompt_tokens - read - written)
        return plain * self.prompt + read * self.cache_read + written * self.cache_write + answer_tokens * self.answer

    def bound(self, prompt_tokens: int, answer_tokens: int) -> float:
        """No call with so many tokens costs more."""
        return prompt_tokens * max(self.prompt, self.cache_write, self.cache_read) + answer_tokens * self.answer


def price_of(model: str) -> Price | None:
    """The price of 'provider:name'; a dated name ('gpt-5-2025-08-07') may have that of the undated. None: unknown, which is not nothing."""
    provider, _, name = model.partition(":")
    parts = name.removeprefix("models/").split("-")
    for last in range(len(parts), 0, -1):
        if not all(part.isdigit() or part == "latest" for part in parts[last:]):
            continue
        if row := _table().get(f"{provider}:{'-'.join(parts[:last])}"):
            prompt, answer, read, write, _ = row
            if prompt is not None and answer is not None:
                return Price(prompt, answer, prompt if read is None else read, prompt if write is None else write)
    return None


def longest_answer(model: str) -> int | None:
    """Tokens of an answer that the model allows at most; none: unknown."""
    row = _table().get(model)
    return int(row[4]) if row and row[4] else None


@cache
def _table() -> Mapping[str, list[float | None]]:
    text = files("engineers.llm").joinpath("prices.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)["models"]
    return table


def extract(table: Mapping[str, Mapping[str, Any]]) -> dict[str, list[float | None]]:
    """Of LiteLLM's table: chat models of providers that LangChain has, as [prompt, answer, cache read, cache write, longest answer]."""
    rows: dict[str, list[float | None]] = {}
    for name, entry in table.items():
        provider, prefix = PROVIDERS.get(str(entry.get("litellm_provider")), ("", ""))
        prices = [entry.get(field) for field in FIELDS]
        if provider and name.startswith(prefix) and entry.get("mode") in ("chat", "responses") and prices[0] and prices[1]:
            rows[f"{provider}:{name.removeprefix(prefix)}"] = [*prices, entry.get("max_output_tokens")]
    return dict(sorted(rows.items()))


def refresh(path: Path | None) -> None:
    """Write prices.json anew."""
    if path is None:
        import httpx

        text = httpx.get(SOURCE, timeout=60, follow_redirects=True).raise_for_status().text
    else:
        text = path.read_text("utf-8")
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(row)}" for name, row in extract(json.loads(text)).items())
    head = f'"source": {json.dumps(SOURCE)},\n"date": "{strftime("%Y-%m-%d")}"'
    Path(__file__).with_name("prices.json").write_text(f'{{\n{head},\n"models": {{\n{rows}\n}}\n}}\n', "utf-8")


if __name__ == "__main__":
    refresh(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
