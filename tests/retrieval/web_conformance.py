"""What every source of documents keeps to; test_web.py runs it over all of them, each against a server that speaks its format."""

import time

import pytest

from retrieval.web import LONGEST_TEXT, LONGEST_TITLE
from tests.retrieval.web_servers import Service, web_server

PAGES = (
    ("Gradient boosting", "https://example.org/a", "Trees, one after the other."),
    ("Linear models & more", "https://example.org/b", "A sum <of> products."),
    ("Neighbours", "https://example.org/c", "Those nearby vote."),
)


class WebConformance:
    async def test_documents_come_in_the_services_order_with_title_address_and_text(self, service: Service) -> None:
        with web_server(service, PAGES) as server:
            found = await server.source().search("tabular boosting", 5)
        assert [(each.title, each.url, each.text) for each in found.documents] == list(PAGES)
        assert {each.source for each in found.documents} == {service.name} == {found.source}
        assert (found.query, found.reason) == ("tabular boosting", "")

    async def test_the_query_and_the_limit_reach_the_service_and_no_more_comes_back(self, service: Service) -> None:
        with web_server(service, PAGES) as server:
            found = await server.source().search("tabular boosting", 2)
        assert len(found.documents) == 2
        (asked,) = server.asked
        assert "tabular" in service.query(asked) and "boosting" in service.query(asked)
        assert "2" in {str(value) for value in asked.values()}

    async def test_texts_and_titles_are_bounded(self, service: Service) -> None:
        with web_server(service, [("t" * 5000, "https://example.org/long", "x" * (LONGEST_TEXT * 3))]) as server:
            (only,) = (await server.source().search("long", 3)).documents
        assert len(only.text) == LONGEST_TEXT and len(only.title) == LONGEST_TITLE

    async def test_entries_without_text_or_web_address_are_passed_over(self, service: Service) -> None:
        pages = [("no text", "https://example.org/a", ""), ("a file", "file:///etc/passwd", "root"), PAGES[0]]
        with web_server(service, pages) as server:
            assert [each.title for each in (await server.source().search("q", 3)).documents] == ["Gradient boosting"]

    async def test_nothing_found_is_no_failure(self, service: Service) -> None:
        with web_server(service) as server:
            found = await server.source().search("q", 3)
        assert found.documents == () and found.reason == ""

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 432, 500, 503])
    async def test_an_error_of_the_service_is_a_value_with_a_reason(self, service: Service, status: int) -> None:
        with web_server(service, raw=b'{"detail": {"error": "not today"}}', status=status) as server:
            found = await server.source().search("q", 3)
        assert found.documents == () and found.reason
        assert len(server.asked) == 1, "a search is asked once"

    @pytest.mark.parametrize("raw", [b"", b"<html>", b'{"results": "many"}', b"[]", b"null", b"\xff\xfe\x00"])
    async def test_an_answer_that_makes_no_sense_is_a_value_with_a_reason(self, service: Service, raw: bytes) -> None:
        with web_server(service, raw=raw) as server:
            found = await server.source().search("q", 3)
        assert found.documents == () and found.reason

    async def test_a_service_that_hangs_is_given_up(self, service: Service) -> None:
        began = time.monotonic()
        with web_server(service, PAGES, hang=30) as server:
            found = await server.source(seconds=0.5).search("q", 3)
            assert time.monotonic() - began < 5
        assert found.documents == () and "timed out" in found.reason

    async def test_no_service_at_all_is_a_value_with_a_reason(self, service: Service) -> None:
        with web_server(service) as server:
            pass
        found = await server.source().search("q", 3)
        assert found.documents == () and "reached" in found.reason

    async def test_a_query_of_any_length_is_sent(self, service: Service) -> None:
        with web_server(service, PAGES) as server:
            found = await server.source().search("word " * 2000, 3)
        assert len(found.documents) == 3 and len(service.query(server.asked[0])) < 2000
