import json
from pathlib import Path

import pytest

from mlestar import checks
from tests.mlestar.test_cli import command


def test_doctor_looks_at_everything_and_never_shows_a_key(tmp_path: Path) -> None:
    secret = "sk-very-secret"
    done = command(
        "doctor",
        "--json",
        OPENAI_API_KEY=secret,
        PREFECT_API_URL=f"http://user:{secret}@127.0.0.1:9/api",
        MLESTAR_RUNS=str(tmp_path / "runs"),
    )
    assert secret not in done.stdout + done.stderr
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert found.keys() >= {
        "Python",
        "packages",
        "LightGBM",
        "recipes",
        "cores",
        "memory",
        "disk",
        "GPU",
        "weights",
        "isolation",
        "Docker",
        "Prefect API",
        "keys",
    }
    assert "OPENAI_API_KEY" in found["keys"]["found"]
    assert found["Prefect API"]["state"] == "bad" and found["Prefect API"]["remedy"]
    assert done.returncode == 1
    assert not (tmp_path / "runs").exists()


def test_recipes_whose_library_is_missing_are_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "find_spec", lambda name: None if name == "catboost" else object())
    check = checks.check_recipes()
    assert (check.state, check.found) == ("note", "without catboost")
    assert "boosting" in check.remedy
    monkeypatch.setattr(checks, "find_spec", lambda name: object())
    assert checks.check_recipes().found == "with catboost, torch, xgboost"


def test_without_a_prefect_api_nothing_is_amiss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_PROFILES_PATH", raising=False)
    assert checks.check_prefect().state == "good"


def test_the_prefect_api_of_the_active_profile_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    monkeypatch.delenv("PREFECT_PROFILE", raising=False)
    profiles = tmp_path / "profiles.toml"
    profiles.write_text('active = "mine"\n[profiles.mine]\nPREFECT_API_URL = "http://127.0.0.1:9/api"\n')
    monkeypatch.setenv("PREFECT_PROFILES_PATH", str(profiles))
    check = checks.check_prefect()
    assert check.state == "bad" and "profile 'mine'" in check.found


def test_a_disk_without_space_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "LEAST_DISK", 2**70)
    assert checks.check_disk(tmp_path / "not" / "yet").state == "note"


def test_pretrained_weights_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "TORCH_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    assert checks.check_weights().found == "none"
    checkpoints = tmp_path / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (checkpoints / "resnet18-f37072fd.pth").write_text("")
    check = checks.check_weights()
    assert (check.state, check.found) == ("good", "resnet18-f37072fd.pth")


def test_what_is_amiss_comes_with_a_remedy(tmp_path: Path) -> None:
    for check in checks.check_all(tmp_path):
        assert check.state == "good" or check.remedy, check.name
