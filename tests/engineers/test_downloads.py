"""A run whose model names pretrained weights: fetched from a hub on loopback, told to the model, read by scripts in their cage."""

from pathlib import Path

import pytest

from benchmarks.plain import solve
from competitions import load_competition, make_brief
from journal import Fetched, Settings
from retrieval import compose, rank
from tests.engineers.competent import Competent
from tests.engineers.endpoint import Endpoint, endpoint
from tests.retrieval.hub_server import hub

pytestmark = pytest.mark.slow

pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed: pip install 'mlestar[weights]'")

READING = """# %% weights
import glob, os
(path,) = glob.glob(os.environ["HF_HUB_CACHE"] + "/models--acme--tiny/snapshots/*/model.safetensors")
assert open(path).read() == "safe"

"""


class Fetching(Competent):
    """Its cards name two models' weights, of which the hub has one."""

    def _retriever(self, text: str, codes: list[str]) -> str:
        code = READING + str(compose(rank(self.brief)[0], self.brief))
        asked = "weights: acme/tiny, acme/missing" if "weights: <" in text else "weights: acme/unasked"
        return f"## card: tiny\nfamily: transformer\nwhy: it fits\nsource: own knowledge\n{asked}\n```python\n{code}\n```"


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))


def settings(served: Endpoint, **given: object) -> Settings:
    small = {"tracks": 1, "models": 1, "outer_steps": 0, "ensemble_rounds": 0, "evaluations": 1, "folds": 2, "recipes": False}
    return Settings.model_validate({"model": "openai:test", "base_url": served.url, **small, **given})


@pytest.mark.usefixtures("no_weights")
async def test_what_a_card_names_is_fetched_before_its_script_runs(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        hub({"acme/tiny": {"config.json": b"{}", "model.safetensors": b"safe"}}) as server,
        endpoint(Fetching(make_brief(load_competition(toy)))) as served,
    ):
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        run = await solve(toy, settings(served, allow_downloads=True), tmp_path / "runs", "1")
    had, missing = run.entries(Fetched)
    assert (had.weights, had.error) == ("acme/tiny", "")
    assert missing.weights == "acme/missing" and "404" in missing.error
    systems = {request.agent: request.system for request in served.requests}
    assert "no pretrained weights" in systems["retriever"]
    assert "Pretrained weights on the machine: acme/tiny." in systems["init"]
    (node,) = run.tree().nodes
    assert node.valid, node.evaluation


@pytest.mark.usefixtures("no_weights")
async def test_unless_it_is_allowed_nothing_is_fetched(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub({"acme/unasked": {"model.safetensors": b"safe"}}) as server, endpoint(Fetching(make_brief(load_competition(toy)))) as served:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        run = await solve(toy, settings(served), tmp_path / "runs", "2")
    assert server.asked == []
    assert list(run.entries(Fetched)) == []
    assert [card.weights for card in run.tree().cards[0]] == [("acme/unasked",)]
