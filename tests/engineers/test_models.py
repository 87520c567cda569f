"""Every provider's real client against a loopback server that speaks its wire format."""

import subprocess
import sys
import time

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from engineers.models import ModelNameError, invoke, resolve_model
from engineers.trouble import ChatError, Trouble
from tests.engineers.chat_servers import DIALECTS, OLLAMA, OPENAI, ChatServer, Dialect, Reply, chat_server

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY")
PLANTED = "sk-planted-0123456789abcdef"


@pytest.fixture(params=DIALECTS, ids=lambda dialect: dialect.provider)
def dialect(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Dialect:
    for name in KEYS:
        monkeypatch.setenv(name, PLANTED)
    return request.param  # type: ignore[no-any-return]


async def ask(server: ChatServer, *, seconds: float = 20.0, one: float = 10.0, retries: int = 1) -> str:
    model = resolve_model(f"{server.dialect.provider}:some-model", base_url=server.base_url, timeout=one, retries=retries)
    messages = [SystemMessage("You are brief."), HumanMessage("How many?")]
    answer = await invoke(model, messages, seconds=seconds, name=f"{server.dialect.provider}:some-model")
    assert answer.usage_metadata is not None
    assert (answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]) == (11, 5)
    return str(answer.text)


async def failure(server: ChatServer, **limits: float) -> ChatError:
    with pytest.raises(ChatError) as caught:
        await ask(server, **limits)  # type: ignore[arg-type]
    assert PLANTED not in str(caught.value)
    return caught.value


async def test_a_question_reaches_the_provider_with_model_and_key_and_its_answer_comes_back(dialect: Dialect) -> None:
    with chat_server(dialect, Reply("Four.")) as server:
        assert await ask(server) == "Four."
    (sent,) = server.sent
    assert dialect.prompt(sent.body) == "How many?"
    assert "some-model" in str(sent.body.get("model", sent.path))
    if dialect is not OLLAMA:
        assert dialect.key(sent.headers) == PLANTED


async def test_a_refused_key_stops_at_once_and_the_message_names_the_variable_but_not_the_key(dialect: Dialect) -> None:
    with chat_server(dialect, Reply(status=401, error=f"Incorrect API key provided: {PLANTED}.")) as server:
        error = await failure(server, retries=3)
    assert error.kind is Trouble.AUTHENTICATION and error.fatal and len(server.sent) == 1
    if dialect is not OLLAMA:
        assert "_API_KEY" in str(error)


async def test_a_bad_request_stops_at_once(dialect: Dialect) -> None:
    with chat_server(dialect, Reply(status=400, error="no such parameter")) as server:
        error = await failure(server, retries=3)
    assert error.kind is Trouble.BAD_REQUEST and error.fatal and len(server.sent) == 1
    assert "no such parameter" in str(error) and "--model" in str(error)


async def test_an_unknown_model_is_a_bad_request(dialect: Dialect) -> None:
    with chat_server(dialect, Reply(status=404, error="model not found")) as server:
        assert (await failure(server)).kind is Trouble.BAD_REQUEST


@pytest.mark.parametrize("status", [429, 503])
async def test_the_client_tries_again_after_a_passing_failure(dialect: Dialect, status: int) -> None:
    with chat_server(dialect, Reply(status=status, error="slow down"), Reply("Four.")) as server:
        assert await ask(server) == "Four."
    assert len(server.sent) == 2


async def test_a_storm_of_rate_limits_ends_after_the_bound(dialect: Dialect) -> None:
    with chat_server(dialect, Reply(status=429, error="slow down")) as server:
        error = await failure(server, retries=1)
    assert error.kind is Trouble.RATE_LIMITED and not error.fatal
    assert len(server.sent) == 2


async def test_a_broken_server_is_told_apart(dialect: Dialect) -> None:
    with chat_server(dialect, Reply(status=500, error="oops")) as server:
        error = await failure(server, retries=0)
    assert error.kind is Trouble.SERVER and not error.fatal and len(server.sent) == 1


async def test_a_server_that_hangs_is_given_up_after_the_time_out(dialect: Dialect) -> None:
    began = time.monotonic()
    with chat_server(dialect, Reply("late", hang=30)) as server:
        error = await failure(server, one=0.5, retries=0)
    assert error.kind is Trouble.TIMEOUT and time.monotonic() - began < 8


async def test_a_server_that_sends_a_byte_now_and_then_is_given_up_too(dialect: Dialect) -> None:
    began = time.monotonic()
    with chat_server(dialect, Reply("never", drip=True)) as server:
        error = await failure(server, seconds=1.0)
    assert error.kind is Trouble.TIMEOUT and time.monotonic() - began < 8


async def test_no_server_at_all_is_unreachable(dialect: Dialect) -> None:
    with chat_server(dialect) as server:
        pass
    assert (await failure(server, retries=0)).kind is Trouble.UNREACHABLE


async def test_an_exhausted_quota_is_no_rate_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", PLANTED)
    with chat_server(OPENAI, Reply(status=429, error="insufficient_quota")) as server:
        error = await failure(server, retries=0)
    assert error.kind is Trouble.QUOTA and error.fatal


async def test_a_server_of_ones_own_needs_no_key_and_a_bare_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    with chat_server(OPENAI, Reply("hello")) as server:
        model = resolve_model("qwen3:8b", base_url=server.base_url)
        assert str((await invoke(model, "hi", seconds=10)).text) == "hello"
    assert server.sent[0].body["model"] == "qwen3:8b"


@pytest.mark.parametrize(
    ("name", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY"), ("google-genai", "GEMINI")]
)
def test_a_missing_key_is_one_line_that_names_the_variable(name: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)
    with pytest.raises(ModelNameError, match=variable) as caught:
        resolve_model(f"{name}:some-model")
    assert "\n" not in str(caught.value) and "--model" in str(caught.value)


@pytest.mark.parametrize("name", ["", "gpt-5", "openai:", ":x", "Open AI:x"])
def test_a_name_without_provider_or_model_says_how_to_write_it(name: str) -> None:
    with pytest.raises(ModelNameError, match=r"provider:name, such as openai:NAME"):
        resolve_model(name)


def test_an_unknown_provider_is_one_line() -> None:
    with pytest.raises(ModelNameError, match="nonsense:x cannot be used"):
        resolve_model("nonsense:x")


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("openai", "mlestar[openai]"),
        ("anthropic", "mlestar[anthropic]"),
        ("google_genai", "mlestar[google-genai]"),
        ("ollama", "mlestar[ollama]"),
    ],
)
def test_a_missing_package_is_named(name: str, package: str) -> None:
    code = (
        "import sys; sys.modules['langchain_' + sys.argv[1]] = None\n"
        "from engineers.models import ModelNameError, resolve_model\n"
        "try: resolve_model(sys.argv[1] + ':m', base_url='http://127.0.0.1:1')\n"
        "except ModelNameError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True)
    assert f"pip install '{package}'" in done.stdout


def test_a_provider_without_an_extra_names_its_own_package() -> None:
    with pytest.raises(ModelNameError, match="pip install langchain-groq"):
        resolve_model("groq:some-model")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://", "http://host:notaport/v1"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ModelNameError, match=r"--base-url: .* is no URL"):
        resolve_model("m", base_url=url)


@pytest.mark.parametrize("url", [f"http://user:{PLANTED}@host/v1", f"http://host/v1?api_key={PLANTED}"])
def test_a_url_with_a_key_in_it_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ModelNameError, match="has a key in it") as caught:
        resolve_model("m", base_url=url)
    assert PLANTED not in str(caught.value)
