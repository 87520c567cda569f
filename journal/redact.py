"""Keeping keys out of what is written down: errors of clients may repeat what was sent to them."""

import os
import re

HIDDEN = "[hidden]"
SECRET_NAME = re.compile(r"(_|^)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD)$", re.IGNORECASE)
"""Environment variables whose values are secrets, by the end of their names."""
SHORTEST = 8
"""Shorter values are no keys, and replacing them would garble texts."""
PATTERNS = (
    re.compile(r"\b(?:sk|pk|rk|tvly|gsk|xai|hf|ghp|pplx|AIza)[-_]?[A-Za-z0-9*][A-Za-z0-9_*.-]{11,}"),
    re.compile(r"(?<=://)[^/\s@:]+:[^/\s@]+(?=@)"),
    re.compile(r"(?<=[?&])(?:api[_-]?key|key|token|access_token)=[^&\s\"']+", re.IGNORECASE),
    re.compile(r"(?<=Bearer )[A-Za-z0-9._~+/=-]{8,}"),
)
"""What looks like a key wherever it came from: vendors' prefixes, credentials in URLs, authorization headers."""


def redact(text: str) -> str:
    """The text without the values of the environment's secrets, and without what looks like a key."""
    for secret in sorted(secrets(), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern in PATTERNS:
        text = pattern.sub(HIDDEN, text)
    return text


def secrets() -> set[str]:
    """Values of the environment variables that hold secrets, by their names."""
    return {value for name, value in os.environ.items() if SECRET_NAME.search(name) and len(value) >= SHORTEST}
