"""Durations as people write them: '90s', '3m', '1h30m', '2d'; a bare number is seconds."""

import re

from mlestar.errors import UserError

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
PATTERN = re.compile(r"^(?:(?P<d>\d+(?:\.\d+)?)d)?(?:(?P<h>\d+(?:\.\d+)?)h)?(?:(?P<m>\d+(?:\.\d+)?)m)?(?:(?P<s>\d+(?:\.\d+)?)s?)?$")


def parse_duration(text: str, option: str = "--time") -> float:
    """Seconds, more than zero; a leading '+' is allowed, as in `resume --time +30m`.

    Raises:
        UserError: the text is no duration, or it is zero.
    """
    compact = re.sub(r"\s+", "", text.lower()).removeprefix("+")
    match = PATTERN.match(compact)
    seconds = sum(float(value) * SECONDS[unit] for unit, value in match.groupdict().items() if value) if match else 0.0
    if not seconds:
        raise UserError(f"{option}: {text!r} is no duration above zero — write it like 90s, 3m or 1h30m")
    return seconds
