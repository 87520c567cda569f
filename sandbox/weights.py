"""Pretrained weights that this machine has: where the libraries keep them, what they are called, and where a script finds them.

Hugging Face's libraries, sentence-transformers and timm share one cache, torch.hub, torchvision and timm another
(https://huggingface.co/docs/huggingface_hub/guides/manage-cache, https://docs.pytorch.org/docs/stable/hub.html). Model by model is shown,
never a whole folder: beside them lie datasets and, one level higher, the user's tokens.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PLACE = Path("/weights")
"""Where a cage or a container shows them."""
MOST = 100
"""Models at most, the newest: each is a mount of its own, a quarter of a millisecond."""
HUB, TORCH = "huggingface", "torch"
MODEL = "models--"
ENDINGS = (".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".h5", ".keras", ".onnx", ".msgpack", ".gguf", ".joblib")
"""Of files that hold weights; a model of which only a configuration was fetched is not had."""
_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True)
class Weights:
    """One model of a cache."""

    name: str
    """What a script calls it: 'google-bert/bert-base-uncased', 'resnet18-f37072fd.pth'."""
    source: Path
    """Its folder in Hugging Face's cache, or its file in torch's."""
    place: str
    """Where it lies below the folder that a script finds them in."""


def hub_cache() -> Path:
    """Hugging Face's folder of models, whether it exists or not."""
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        if value := os.environ.get(name):
            return Path(value).expanduser()
    home = os.environ.get("HF_HOME")
    return (Path(home).expanduser() if home else _user_cache() / "huggingface") / "hub"


def checkpoints() -> Path:
    """torch.hub's folder of files, whether it exists or not."""
    home = os.environ.get("TORCH_HOME")
    return (Path(home).expanduser() if home else _user_cache() / "torch") / "hub" / "checkpoints"


def found() -> tuple[Weights, ...]:
    """What can be shown to a script, by name; of more than MOST the newest."""
    every = [*_of_hub(hub_cache()), *_of_torch(checkpoints())]
    newest = sorted(every, key=lambda one: _changed(one.source), reverse=True)[:MOST]
    return tuple(sorted(newest, key=lambda one: one.name))


def names() -> tuple[str, ...]:
    """What of it a script can load, by the names that it uses."""
    return tuple(one.name for one in found() if one.source.is_file() or _has_weights(one.source))


def variables(folder: Path) -> dict[str, str]:
    """What makes the libraries look there, and nowhere else: without a network they would try again and again."""
    return {
        "HF_HUB_CACHE": str(folder / HUB),
        "TORCH_HOME": str(folder / TORCH),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
    }


def link(folder: Path) -> None:
    """Fill a folder of a script's own with links to them: what it adds or removes there changes nothing of the user's. Blocking."""
    for one in found():
        target = folder / one.place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(one.source)


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()


def _of_hub(folder: Path) -> Iterator[Weights]:
    for path in _entries(folder):
        name = path.name.removeprefix(MODEL).replace("--", "/")
        source = path.resolve()
        if path.name.startswith(MODEL) and _NAME.fullmatch(name) and source.is_dir() and _can_be_shown(source):
            yield Weights(name, source, f"{HUB}/{path.name}")


def _of_torch(folder: Path) -> Iterator[Weights]:
    for path in _entries(folder):
        source = path.resolve()
        if path.suffix in ENDINGS and _NAME.fullmatch(path.name) and source.is_file() and _can_be_shown(source):
            yield Weights(path.name, source, f"{TORCH}/hub/checkpoints/{path.name}")


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _has_weights(model: Path) -> bool:
    """Whether a snapshot holds any; an interrupted download leaves none there."""
    return any(path.suffix in ENDINGS and path.exists() for path in model.glob("snapshots/**/*"))


def _can_be_shown(path: Path) -> bool:
    """Whether this user may read it without privileges: in a cage root has no power over what belongs to others."""
    try:
        user = os.geteuid()
        if user != 0:
            return os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK)
        owners = [folder.stat() for folder in path.parents]
        return all(one.st_uid == 0 or one.st_mode & 0o001 for one in owners) and (
            path.stat().st_uid == 0 or bool(path.stat().st_mode & 0o004)
        )
    except OSError:
        return False


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
