import pytest

from journal.redact import HIDDEN, redact


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-0123456789abcdef",
        "sk-ant-api03-0123456789",
        "tvly-dev-0123456789abc",
        "AIzaSyA-0123456789abcdefghij",
        "gsk_0123456789abcdef",
    ],
)
def test_what_looks_like_a_key_is_hidden(key: str) -> None:
    assert redact(f"Incorrect API key provided: {key}, see the docs.").count(HIDDEN) == 1
    assert key not in redact(f"key {key} is wrong")


def test_values_of_secret_variables_are_hidden_wherever_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_VENDOR_API_KEY", "plain-looking-words")
    assert redact("refused: 'plain-looking-words'") == f"refused: '{HIDDEN}'"


def test_urls_lose_their_credentials_and_keep_the_rest() -> None:
    assert redact("GET http://user:pass@host/v1?key=abc&n=1") == f"GET http://{HIDDEN}@host/v1?{HIDDEN}&n=1"


@pytest.mark.parametrize(
    "text", ["risk-adjusted features of 12 columns", "sk-learn", "use the token budget of 300", "hf hub", "http://host:8000/v1"]
)
def test_plain_text_stays(text: str) -> None:
    assert redact(text) == text
