"""Pretrained weights: which of the machine's describe texts or pictures, names in model cards, and fetching these from Hugging Face."""

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Literal

from sandbox import weights

CLIENT = Path(__file__).with_name("hub_client.py")
NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
LONGEST_REASON = 300
Kind = Literal["text", "pictures"]
ENCODERS = frozenset(("albert", "bert", "camembert", "deberta", "deberta-v2", "distilbert", "electra", "modernbert", "mpnet", "roberta"))
"""Model types of Hugging Face's whose last layer describes a text word by word."""


def weights_for(kind: Kind) -> str | None:
    """The lightest model of this machine's that describes texts, or pictures by timm; none: there is none.

    The lightest, because it is tried within the time of a script; an engineer who knows the data may load any other.
    """
    loadable = set(weights.names())
    fitting = [one for one in weights.found() if one.name in loadable and one.source.is_dir() and _describes(one.source, kind)]
    return min(fitting, key=lambda one: (_size(one.source), one.name)).name if fitting else None


def _describes(model: Path, kind: Kind) -> bool:
    for path in model.glob("snapshots/*/config.json"):
        try:
            config = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            continue
        if not isinstance(config, dict):
            continue
        if config.get("model_type") in ENCODERS if kind == "text" else {"architecture", "num_features"} <= config.keys():  # timm's way
            return True
    return False


def _size(model: Path) -> int:
    return max((path.stat().st_size for path in model.glob("snapshots/**/*") if path.suffix in weights.ENDINGS), default=0)


def is_name(text: str) -> bool:
    """Whether it can be a model of Hugging Face's: organisation/name."""
    return NAME.fullmatch(text) is not None and "--" not in text and ".." not in text


def names_in(text: str) -> tuple[str, ...]:
    """The names among its words, each once."""
    words = (word.strip(" `'\"<>[]()") for word in re.split(r"[,;\s]+", text))
    return tuple(dict.fromkeys(word for word in words if is_name(word)))


async def fetch(name: str) -> str:
    """Have the model's weights on the machine. Why that could not be, one line; empty: they are there.

    HF_ENDPOINT and the user's token are as in all of Hugging Face's programs. A cancellation ends the download.
    """
    if name in await asyncio.to_thread(weights.names):
        return ""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", str(CLIENT), name, str(weights.hub_cache())),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"},
    )
    try:
        assert process.stderr is not None
        said = await process.stderr.read()
        if await process.wait() == 0:
            return ""
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = said.decode(errors="replace").strip().splitlines()
    return (lines[-1] if lines else f"the download ended with status {process.returncode}")[:LONGEST_REASON]
