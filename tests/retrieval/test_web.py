"""Searching the web: the sources one by one, what is left out, and what a run keeps. The clients are real, the services on loopback."""

import time
from pathlib import Path

import pytest

from retrieval.arxiv import LONGEST_ANSWER, Arxiv
from retrieval.exclusion import DomainError, Exclusion, domains
from retrieval.search import SearchError, WebSearch, web_sources
from retrieval.tavily import Tavily
from retrieval.web import Document, Found
from tests.retrieval.web_conformance import PAGES, WebConformance
from tests.retrieval.web_servers import ARXIV, SERVICES, TAVILY, Service, web_server

KEY = "tvly-planted-0123456789"


class TestSources(WebConformance):
    @pytest.fixture(params=SERVICES, ids=lambda service: service.name)
    def service(self, request: pytest.FixtureRequest) -> Service:
        return request.param  # type: ignore[no-any-return]


async def test_tavily_is_sent_its_key_and_the_excluded_domains_and_asked_for_whole_texts() -> None:
    with web_server(TAVILY, PAGES) as server:
        await Tavily(KEY, server.url, ["kaggle.com"]).search("q", 3)
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert server.asked[0]["exclude_domains"] == ["kaggle.com"] and server.asked[0]["include_raw_content"] == "text"


@pytest.mark.parametrize(("status", "reason"), [(401, "TAVILY_API_KEY"), (429, "quota"), (432, "credit"), (433, "credit"), (500, "failed")])
async def test_tavilys_refusals_are_told_apart_and_never_repeat_the_key(status: int, reason: str) -> None:
    with web_server(TAVILY, raw=f'{{"detail": {{"error": "no: {KEY}"}}}}'.encode(), status=status) as server:
        found = await server.source().search("q", 3)
    assert reason in found.reason and KEY not in found.reason


def test_tavily_without_a_key_is_never_made() -> None:
    with pytest.raises(ValueError, match="TAVILY_API_KEY"):
        Tavily(" ")


async def test_arxiv_refuses_document_types_and_endless_answers() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "aaaa">]><feed xmlns="http://www.w3.org/2005/Atom">&a;</feed>'
    with web_server(ARXIV, raw=bomb) as server:
        assert "document type" in (await server.source().search("q", 3)).reason
    with web_server(ARXIV, raw=b" " * (LONGEST_ANSWER + 1)) as server:
        assert "more than" in (await server.source().search("q", 3)).reason


async def test_arxiv_asks_for_all_words_but_fillers_and_pauses_between_searches() -> None:
    with web_server(ARXIV, PAGES) as server:
        source, began = Arxiv(server.url, pause=0.3), time.monotonic()
        await source.search("The best of boosting for (tabular) data", 3)
        await source.search("again", 3)
    assert server.asked[0]["search_query"] == "all:boosting AND all:tabular AND all:data"
    assert time.monotonic() - began >= 0.6


@pytest.mark.parametrize(
    ("search", "key", "names"),
    [
        ("auto", "", []),
        ("auto", KEY, ["tavily"]),
        ("none", KEY, []),
        ("tavily", KEY, ["tavily"]),
        ("arxiv", "", ["arxiv"]),
        ("tavily, arxiv", KEY, ["tavily", "arxiv"]),
    ],
)
def test_which_sources_a_run_has(search: str, key: str, names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVILY_API_KEY", key)
    assert [source.name for source in web_sources(search)] == names


@pytest.mark.parametrize(
    ("search", "message"),
    [("tavily", "set TAVILY_API_KEY"), ("google", "'google' is no source"), ("none,arxiv", "mixes"), ("", "no source")],
)
def test_a_search_that_cannot_be_served_is_one_line(search: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAVILY_API_KEY", raising=False)
    with pytest.raises(SearchError, match=message):
        web_sources(search)


def test_domains_are_taken_as_users_write_them() -> None:
    assert domains(("https://www.Kaggle.com/c/x", "kaggle.com", "github.io/")) == ("kaggle.com", "github.io")
    with pytest.raises(DomainError, match="'not a domain' is no domain"):
        domains(("not a domain",))


@pytest.mark.parametrize(
    ("url", "title", "kept"),
    [
        ("https://kaggle.com/x", "t", False),
        ("https://www.kaggle.com/x", "t", False),
        ("https://notkaggle.com/x", "t", True),
        ("https://example.org/?from=kaggle.com", "t", True),
        ("https://example.org/spaceship_titanic", "t", False),
        ("https://example.org/", "My Spaceship Titanic notes", False),
        ("https://example.org/", "Spaceship and the Titanic", True),
        ("https://example.org/", "spaceship-titanics", True),
    ],
)
def test_documents_of_excluded_domains_or_about_the_competition_are_left_out(url: str, title: str, kept: bool) -> None:
    exclusion = Exclusion(("kaggle.com",), ("spaceship-titanic",))
    assert exclusion.keeps(Document(title=title, url=url, text="text", source="tavily")) is kept


def test_queries_lose_the_competitions_name() -> None:
    assert Exclusion(names=("spaceship-titanic",)).query("best Spaceship Titanic solution") == "best solution"


class Scripted:
    """A source that finds what it is told, for what is only about the order and the keeping of searches."""

    def __init__(self, name: str, found: dict[str, list[str]], reason: str = "") -> None:
        self.name, self.found, self.reason, self.asked = name, found, reason, list[str]()

    async def search(self, query: str, limit: int) -> Found:
        self.asked.append(query)
        documents = [Document(title=url, url=f"https://{url}", text="text", source=self.name) for url in self.found.get(query, [])]
        return Found(source=self.name, query=query, documents=tuple(documents[:limit]), reason=self.reason)


async def test_documents_of_all_searches_are_interleaved_and_come_once(tmp_path: Path) -> None:
    one = Scripted("one", {"q1": ["a.org", "b.org"], "q2": ["c.org"]})
    two = Scripted("two", {"q1": ["c.org", "d.org"]})
    found = await WebSearch([one, two], tmp_path / "retrieval").documents(["q1", "q2", "q1", " "], 5)
    assert [each.title for each in found] == ["a.org", "c.org", "b.org", "d.org"]


async def test_every_search_is_kept_and_only_failed_ones_are_repeated(tmp_path: Path) -> None:
    good, bad = Scripted("good", {"q1": ["a.org"]}), Scripted("bad", {}, reason="quota")
    search = WebSearch([good, bad], tmp_path / "retrieval")
    first = await search.documents(["q1"], 5)
    assert sorted(path.name for path in search.folder.iterdir()) == ["001.json", "002.json"]
    assert search.failures() == ("bad: quota",)
    assert await WebSearch([good, bad], search.folder).documents(["q1"], 5) == first
    assert (len(good.asked), len(bad.asked)) == (1, 2)
    assert len(list(search.folder.iterdir())) == 2


async def test_what_is_excluded_is_neither_returned_nor_kept_but_counted(tmp_path: Path) -> None:
    source = Scripted("one", {"best solution": ["kaggle.com", "a.org"]})
    search = WebSearch([source], tmp_path / "retrieval", Exclusion(("kaggle.com",), ("some-contest",)))
    assert [each.title for each in await search.documents(["best Some Contest solution"], 5)] == ["a.org"]
    (kept,) = search.kept()
    assert kept.excluded == 1 and "kaggle" not in (search.folder / "001.json").read_text()


async def test_without_sources_there_is_nothing_and_no_folder(tmp_path: Path) -> None:
    search = WebSearch([], tmp_path / "retrieval")
    assert await search.documents(["q"], 5) == () and search.name == "none"
    assert not search.folder.exists()
