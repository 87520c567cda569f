"""Which of the machine's pretrained weights a recipe takes."""

import json
from pathlib import Path

import pytest

from retrieval import compose, rank
from retrieval.needs import Needs
from retrieval.pretrained import weights_for


@pytest.fixture(autouse=True)
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def put(hub: Path, name: str, config: object, size: int = 10) -> None:
    """A model as Hugging Face's client leaves it; none of it is loaded."""
    snapshot = hub / f"models--{name.replace('/', '--')}" / "snapshots" / "0"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text(json.dumps(config))
    if size:
        (snapshot / "model.safetensors").write_bytes(b"w" * size)


def test_the_lightest_that_describes_texts_or_pictures_is_taken(hub: Path) -> None:
    assert weights_for("text") is None
    put(hub, "acme/large", {"model_type": "bert"}, 900)
    put(hub, "acme/small", {"model_type": "mpnet"}, 100)
    put(hub, "acme/writer", {"model_type": "gpt2"}, 50)
    put(hub, "acme/emptied", {"model_type": "bert"}, 0)
    put(hub, "timm/eye", {"architecture": "resnet18", "num_features": 512}, 70)
    put(hub, "acme/odd", ["no", "configuration"], 1)
    assert weights_for("text") == "acme/small"
    assert weights_for("pictures") == "timm/eye"


def test_recipes_with_pretrained_weights_come_with_the_weights(hub, brief_of, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.needs.is_installed", lambda package: True)
    brief = brief_of("pairs")
    assert "pretrained texts" not in {recipe.name for recipe in rank(brief)}
    assert "TEXT_WEIGHTS" not in str(compose(rank(brief)[0], brief))
    put(hub, "acme/small", {"model_type": "bert"})
    recipe = next(recipe for recipe in rank(brief) if recipe.name == "pretrained texts")
    assert "TEXT_WEIGHTS = 'acme/small'" in str(compose(recipe, brief))
    assert not Needs(weights="pictures").met(brief)
