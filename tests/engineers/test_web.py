"""Runs whose model reads the web: the real chat client and the real Tavily client, each against a server on loopback."""

import re
from pathlib import Path

import pytest

from benchmarks.plain import solve
from competitions import Brief, load_competition, make_brief
from engineers.llm.families import family_of
from journal import Run, Settings
from reports import report_html
from retrieval import compose, rank
from tests.engineers.competent import Competent
from tests.engineers.endpoint import Endpoint, Reply, Request, endpoint
from tests.retrieval.web_servers import ARXIV, TAVILY, Page, WebServer, web_server

PAGES: tuple[Page, ...] = (
    ("Trees that learn from errors", "https://example.org/boosting", "Boosted trees: GRADIENTS-OF-THE-PAGE and code."),
    ("Winners of the contest", "https://www.kaggle.com/c/winners", "SECRET-OF-THE-SITE"),
    ("Notes", "https://example.org/notes", "How I did it in Toy: SECRET-OF-THE-NAME"),
)
KEY = "tvly-planted-0123456789"


class Reader(Competent):
    """Takes its cards from the documents, all of them boosting, each under another name; the floor is boosting, too."""

    def __init__(self, brief: Brief) -> None:
        super().__init__(brief)
        self.retriever_prompt = ""

    def __call__(self, request: Request) -> Reply:
        if request.agent == "queries":
            return '{"queries": ["best solution of Toy", "boosting for small tables"]}'
        return super().__call__(request)

    def _retriever(self, text: str, codes: list[str]) -> str:
        self.retriever_prompt = text
        sources = re.findall(r'<document url="([^"]+)"', text) or ["own knowledge"]
        code = compose(rank(self.brief)[0], self.brief)
        families = ("Boosted Trees", "GBDT", "ridge")
        return "\n\n".join(
            f"## card: model {number}\nfamily: {family}\nwhy: it fits\nsource: {sources[0]}\n```python\n{code}\n```"
            for number, family in enumerate(families)
        )


@pytest.fixture
def reader(toy: Path) -> Reader:
    return Reader(make_brief(load_competition(toy)))


async def run_with(
    reader: Reader, toy: Path, runs: Path, web: WebServer, patch: pytest.MonkeyPatch, **given: object
) -> tuple[Run, Endpoint]:
    """A run of two drafts."""
    patch.setenv("TAVILY_API_KEY", KEY)
    patch.setenv("TAVILY_API_URL", web.url)
    patch.setenv("ARXIV_API_URL", web.url)
    small = {"tracks": 2, "models": 2, "outer_steps": 0, "ensemble_rounds": 0, "evaluations": 2, "folds": 2, "isolation": "none"}
    with endpoint(reader) as served:
        settings = Settings.model_validate({"model": "openai:test", "base_url": served.url, **small, **given})
        return await solve(toy, settings, runs, "1"), served


@pytest.mark.parametrize("search", ["tavily", "auto"])
async def test_documents_become_cards_with_their_sources_and_are_kept(
    search: str, reader: Reader, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server(TAVILY, PAGES[:1]) as web:
        run, served = await run_with(reader, toy, tmp_path, web, monkeypatch, search=search)
    assert {asked["query"] for asked in web.asked} == {"best solution of Toy", "boosting for small tables"}
    assert all(KEY in str(headers.values()) for headers in web.headers)
    assert "GRADIENTS-OF-THE-PAGE" in reader.retriever_prompt
    assert served.agents[:2] == ["queries", "retriever"]
    first, second = run.tree().cards
    found = [card for card in (*first, *second) if card.name.startswith("model ")]
    assert found and {card.source for card in found} == {"https://example.org/boosting"}
    assert [path.name for path in sorted((run.folder / "retrieval").iterdir())] == ["001.json", "002.json"]
    assert run.finished is not None and run.finished.chosen is not None
    assert "tavily: 2 searches, 2 documents" in report_html(run)


async def test_tracks_begin_with_different_families_whatever_the_model_calls_them(
    reader: Reader, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server(TAVILY, PAGES[:1]) as web:
        run, _ = await run_with(reader, toy, tmp_path, web, monkeypatch, search="tavily")
    first, second = run.tree().cards
    assert first[0].source.startswith("catalogue:") and first[0].family == "gradient boosting"
    assert second[0].family == "linear" and second[0].name == "model 2"


@pytest.mark.parametrize("secret", PAGES[1:], ids=["site", "name"])
async def test_excluded_sites_and_pages_that_name_the_competition_reach_no_prompt(
    secret: Page, reader: Reader, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server(TAVILY, [secret, PAGES[0]]) as web:
        run, served = await run_with(
            reader, toy, tmp_path, web, monkeypatch, search="tavily", exclude_domains=("https://kaggle.com/",), blind_search=True
        )
    assert {asked["query"] for asked in web.asked} == {"best solution of", "boosting for small tables"}
    assert all(asked["exclude_domains"] == ["kaggle.com"] for asked in web.asked)
    sent = "\n".join(str(request.body) for request in served.requests)
    assert "GRADIENTS-OF-THE-PAGE" in sent and "SECRET-OF-THE" not in sent
    kept = "".join(path.read_text() for path in (run.folder / "retrieval").iterdir())
    assert "SECRET-OF-THE" not in kept
    assert "2 documents left out" in report_html(run)


async def test_arxiv_needs_no_key(reader: Reader, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retrieval.arxiv.PAUSE_SECONDS", 0.0)
    with web_server(ARXIV, PAGES[:1]) as web:
        run, _ = await run_with(reader, toy, tmp_path, web, monkeypatch, search="arxiv")
    assert "GRADIENTS-OF-THE-PAGE" in reader.retriever_prompt
    assert any(card.source == "https://example.org/boosting" for hand in run.tree().cards for card in hand)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "the key in TAVILY_API_KEY was refused"),
        (429, "rate limit or quota"),
        (432, "the plan does not allow it, or its credit is used up"),
        (500, "the service failed"),
    ],
)
async def test_where_the_search_fails_the_catalogue_and_the_models_own_knowledge_stand_in_and_the_report_says_why(
    status: int, reason: str, reader: Reader, toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server(TAVILY, raw=b'{"detail": {"error": "not today"}}', status=status) as web:
        run, served = await run_with(reader, toy, tmp_path, web, monkeypatch, search="tavily")
    assert "<document" not in reader.retriever_prompt
    sources = {card.source.partition(":")[0] for hand in run.tree().cards for card in hand}
    assert sources == {"catalogue", "own knowledge"}
    assert run.finished is not None and run.finished.chosen is not None
    page = report_html(run)
    assert f"failed: tavily: {reason}" in page and KEY not in page
    assert served.agents.count("queries") == 1


@pytest.mark.parametrize(
    ("said", "name", "family"),
    [
        ("Boosted Trees", "x", "gradient boosting"),
        ("GBDT", "x", "gradient boosting"),
        ("", "CatBoost with text", "gradient boosting"),
        ("tree ensemble", "XGBoost", "gradient boosting"),
        ("Random Forest", "x", "randomised trees"),
        ("SVM (RBF)", "x", "kernel"),
        ("logistic regression", "x", "linear"),
        ("tabular transformer", "x", "neural network"),
        ("K-Nearest Neighbors", "x", "neighbours"),
        ("Symbolic", "rules", "symbolic"),
    ],
)
def test_a_family_has_one_name(said: str, name: str, family: str) -> None:
    assert family_of(said, name) == family
