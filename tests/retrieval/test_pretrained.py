"""Fetching the weights that cards name: the real client, against a server of the same protocol on loopback."""

import asyncio
import time
from pathlib import Path

import psutil
import pytest

from retrieval import fetch, names_in
from retrieval.hub_client import chosen
from sandbox import weights
from tests.retrieval.hub_server import hub

pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed: pip install 'mlestar[weights]'")

TINY = {
    "config.json": b"{}",
    "model.safetensors": b"safe",
    "pytorch_model.bin": b"pickle",
    "tf_model.h5": b"other",
    "onnx/model.onnx": b"other",
    "1_Pooling/config.json": b"{ }",
    "2_Dense/pytorch_model.bin": b"dense",
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "hf"


async def test_what_a_script_loads_is_fetched_once_and_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub({"acme/tiny": TINY}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        assert await fetch("acme/tiny") == ""
        asked = len(served.asked)
        assert await fetch("acme/tiny") == ""
        assert len(served.asked) == asked
    assert served.files == {"config.json", "model.safetensors", "1_Pooling/config.json", "2_Dense/pytorch_model.bin"}
    assert weights.names() == ("acme/tiny",)
    (model,) = (cache / "hub").glob("models--acme--tiny/snapshots/*/model.safetensors")
    assert model.read_bytes() == b"safe"
    assert (model.parents[2] / "refs" / "main").read_text() == model.parent.name


async def test_why_it_could_not_be_had_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with hub({"acme/tiny": TINY, "acme/vast": TINY}, {"model.safetensors": 11 * 2**30}) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        missing, vast = await fetch("acme/missing"), await fetch("acme/vast")
    gone = await fetch("acme/tiny")
    assert "acme/missing" in missing or "404" in missing
    assert "11.0 GiB, 10.0 GiB at most" in vast
    assert "onnect" in gone
    assert all(text and "\n" not in text for text in (missing, vast, gone))
    assert served.files == set()
    assert weights.names() == ()


async def test_a_cancelled_download_leaves_no_process(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub({"acme/tiny": TINY}, hang=True) as served:
        monkeypatch.setenv("HF_ENDPOINT", served.url)
        task = asyncio.create_task(fetch("acme/tiny"))
        end = time.monotonic() + 20
        while not any("/resolve/" in path for path in served.asked):
            assert time.monotonic() < end
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not [child for child in psutil.Process().children() if "hub_client.py" in " ".join(child.cmdline())]
    assert weights.names() == ()


def test_names_are_found_among_words() -> None:
    assert names_in("`google-bert/bert-base-uncased`, timm/resnet18.a1_in1k; none") == (
        "google-bert/bert-base-uncased",
        "timm/resnet18.a1_in1k",
    )
    for text in ("none", "", "../etc", "a/b/c", "https://huggingface.co/a/b", "a--b/c", "-x/y"):
        assert names_in(text) == ()


def test_without_safetensors_the_pickles_are_fetched() -> None:
    assert chosen({"pytorch_model.bin": 1, "flax/x.msgpack": 1, "model.gguf": 1}) == ["pytorch_model.bin"]
