"""Which pretrained weights the machine has, by the libraries' own rules of where they lie."""

import os
from pathlib import Path

import pytest

from sandbox import weights
from tests.sandbox.conformance import use_weights


def test_models_and_files_are_named_as_scripts_name_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_weights(tmp_path, monkeypatch)
    assert weights.names() == ("acme/tiny", "net-00.pth")


def test_a_model_that_is_only_begun_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_weights(tmp_path, monkeypatch)
    hub = tmp_path / "huggingface" / "hub"
    begun = hub / "models--acme--begun"
    (begun / "blobs").mkdir(parents=True)
    (begun / "blobs" / "abc.incomplete").write_text("half")
    (begun / "snapshots" / "1").mkdir(parents=True)
    (begun / "snapshots" / "1" / "config.json").write_text("{}")
    (begun / "snapshots" / "1" / "model.safetensors").symlink_to("../../blobs/gone")
    (tmp_path / "torch" / "hub" / "checkpoints" / "half.pth.0123.partial").write_text("half")
    assert weights.names() == ("acme/tiny", "net-00.pth")


@pytest.mark.parametrize(
    ("set_to", "hub", "torch"),
    [
        ({}, "home/.cache/huggingface/hub", "home/.cache/torch/hub/checkpoints"),
        ({"XDG_CACHE_HOME": "x"}, "x/huggingface/hub", "x/torch/hub/checkpoints"),
        ({"XDG_CACHE_HOME": "x", "HF_HOME": "h", "TORCH_HOME": "t"}, "h/hub", "t/hub/checkpoints"),
        ({"HF_HOME": "h", "HF_HUB_CACHE": "c"}, "c", "home/.cache/torch/hub/checkpoints"),
    ],
)
def test_the_variables_of_the_libraries_say_where(
    set_to: dict[str, str], hub: str, torch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "TORCH_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name, value in set_to.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    assert (weights.hub_cache(), weights.checkpoints()) == (tmp_path / hub, tmp_path / torch)


def test_of_too_many_the_newest_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_weights(tmp_path, monkeypatch)
    for number in range(weights.MOST + 5):
        file = tmp_path / "torch" / "hub" / "checkpoints" / f"many-{number:03}.pt"
        file.write_text("")
        os.utime(file, (number, number))
    shown = [one.name for one in weights.found()]
    assert len(shown) == weights.MOST
    assert {"acme/tiny", "net-00.pth"} < set(shown)
    assert "many-006.pt" not in shown and "many-007.pt" in shown


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make another user's files")
def test_what_only_its_owner_may_read_is_shown_to_no_cage_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_weights(tmp_path, monkeypatch)
    file = tmp_path / "torch" / "hub" / "checkpoints" / "net-00.pth"
    os.chown(file, 65533, 65533)
    assert "net-00.pth" in weights.names()
    file.chmod(0o600)
    assert "net-00.pth" not in weights.names()


def test_without_caches_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "TORCH_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    assert weights.found() == weights.names() == ()
