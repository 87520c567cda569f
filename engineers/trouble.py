"""What can go wrong between us and a chat model: every client's errors as one, which says whether to go on and what to do."""

from collections.abc import Iterator
from enum import StrEnum

from langchain_core import exceptions as langchain

from journal.redact import redact

LONGEST = 500
"""Characters of a client's own message that are kept."""


class Trouble(StrEnum):
    """Kinds of failure of a request, after the client's own retries."""

    AUTHENTICATION = "authentication"
    QUOTA = "quota"
    BAD_REQUEST = "bad request"
    TOO_LONG = "too long"
    RATE_LIMITED = "rate limited"
    SERVER = "server"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    OTHER = "other"


FATAL = frozenset({Trouble.AUTHENTICATION, Trouble.QUOTA, Trouble.BAD_REQUEST})
"""The next request would fail as this one did: whoever asked stops at once. After the others one may go on, a bounded number of times."""

REMEDIES = {
    Trouble.AUTHENTICATION: "check the key{key}",
    Trouble.QUOTA: "add credit to the account, or choose another model with --model",
    Trouble.BAD_REQUEST: "check the model's name (--model provider:name) and --base-url",
    Trouble.TOO_LONG: "choose a model with a larger context",
    Trouble.RATE_LIMITED: "wait, or take fewer tracks with --tracks, then `mlestar resume`",
    Trouble.SERVER: "wait for the provider, then `mlestar resume`",
    Trouble.TIMEOUT: "allow more time for an answer, or choose a faster model",
    Trouble.UNREACHABLE: "check --base-url and the network, and that the server runs",
    Trouble.OTHER: "see the message",
}

CLASSES: tuple[tuple[type[Exception], Trouble], ...] = (
    (langchain.ContextOverflowError, Trouble.TOO_LONG),
    (langchain.ModelAuthenticationError, Trouble.AUTHENTICATION),
    (langchain.ModelPermissionDeniedError, Trouble.AUTHENTICATION),
    (langchain.ModelInvalidRequestError, Trouble.BAD_REQUEST),
    (langchain.ModelNotFoundError, Trouble.BAD_REQUEST),
    (langchain.ModelRateLimitError, Trouble.RATE_LIMITED),
    (langchain.ModelTimeoutError, Trouble.TIMEOUT),
    (langchain.ModelConnectionError, Trouble.UNREACHABLE),
    (TimeoutError, Trouble.TIMEOUT),
    (ConnectionError, Trouble.UNREACHABLE),
)
"""LangChain's own kinds; clients raise subclasses of them as well as of their vendor's."""

STATUSES = {
    400: Trouble.BAD_REQUEST,
    401: Trouble.AUTHENTICATION,
    402: Trouble.QUOTA,
    403: Trouble.AUTHENTICATION,
    404: Trouble.BAD_REQUEST,
    408: Trouble.TIMEOUT,
    413: Trouble.TOO_LONG,
    422: Trouble.BAD_REQUEST,
    429: Trouble.RATE_LIMITED,
}
OUT_OF_CREDIT = ("insufficient_quota", "credit balance is too low", "exceeded your current quota, please check your plan and billing")
WRONG_KEY = ("API_KEY_INVALID", "API key not valid")
"""Google refuses a wrong key with 400."""


class ChatError(RuntimeError):
    """A request to a chat model failed for good; the message holds no key and ends with a remedy."""

    def __init__(self, kind: Trouble, message: str) -> None:
        super().__init__(message)
        self.kind = kind

    @property
    def fatal(self) -> bool:
        """Whether the next request would fail as well: stop at once."""
        return self.kind in FATAL


def chat_error(error: BaseException, model: str = "the model", key: str | None = None) -> ChatError:
    """A client's exception as one of ours.

    Args:
        error: what the client raised.
        model: how the user calls the model, 'openai:gpt-5'.
        key: the environment variable of the model's key, for the remedy.
    """
    if isinstance(error, ChatError):
        return error
    kind = trouble(error)
    said = " ".join(redact(str(error) or type(error).__name__).split())
    said = said if len(said) <= LONGEST else f"{said[:LONGEST]}…"
    remedy = REMEDIES[kind].format(key=f" in {key}" if key else "")
    return ChatError(kind, f"{model}: {kind.value} ({said}) — {remedy}")


def trouble(error: BaseException) -> Trouble:
    """The kind of a client's exception: by what it says of credit and keys, by LangChain's classes, by HTTP status, by its name."""
    chain = list(_chain(error))
    said = " ".join(str(each) for each in chain)
    if any(phrase.lower() in said.lower() for phrase in OUT_OF_CREDIT):
        return Trouble.QUOTA
    if any(phrase in said for phrase in WRONG_KEY):
        return Trouble.AUTHENTICATION
    kinds = (kind for read in (_by_class, _by_status, _by_name) for each in chain if (kind := read(each)) is not None)
    return next(kinds, Trouble.OTHER)


def _by_class(error: BaseException) -> Trouble | None:
    return next((kind for base, kind in CLASSES if isinstance(error, base)), None)


def _by_status(error: BaseException) -> Trouble | None:
    response = getattr(error, "response", None)
    for status in (getattr(error, "status_code", None), getattr(error, "code", None), getattr(response, "status_code", None)):
        if isinstance(status, int) and status >= 400:
            return STATUSES.get(status, Trouble.SERVER if status >= 500 else Trouble.BAD_REQUEST)
    return None


def _by_name(error: BaseException) -> Trouble | None:
    """Several HTTP libraries are in use, with the same names of their errors and no common class."""
    name = type(error).__name__
    if "Timeout" in name:
        return Trouble.TIMEOUT
    return Trouble.UNREACHABLE if any(part in name for part in ("Connect", "RemoteProtocol", "ReadError", "WriteError")) else None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and its causes, each once."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
