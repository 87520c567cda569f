"""Numbers and foreign text as a report shows them: the same rounding everywhere, and nothing that a reader's program would obey."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from html import escape
from itertools import accumulate

MISSING = "—"
_LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+](?=\s)|={3,}|-{3,}|~{3,}|\d+(?=[.)]\s))", re.MULTILINE)
_MARKUP = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])")


def visible(text: str, limit: int | None = None) -> str:
    """Foreign text with control characters made visible (ESC as ␛), line ends and tabs kept, cut at `limit` characters.

    Terminal colours and the marks that turn the direction of writing would otherwise hide what a script really says.
    """
    text = text.replace("\r\n", "\n")
    if limit is not None and len(text) > limit:
        text = f"{text[:limit]} … ({len(text) - limit:,} more characters)"
    return "".join(map(_visible_character, text)) if not text.isascii() or not text.isprintable() else text


def _visible_character(character: str) -> str:
    code = ord(character)
    if character in "\n\t" or character.isprintable():
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if unicodedata.category(character) == "Zs" or character == "\u200d":  # wide spaces, joined emoji
        return character
    return "␡" if code == 0x7F else f"\\u{code:04x}"


def weight(text: str) -> int:
    """Characters of a text once it is escaped for HTML: what it adds to a page."""
    return len(escape(text))


def fitting(text: str, limit: int, end: bool = False) -> str:
    """Visible text of at most about `limit` characters of HTML: its beginning or, of an error, its end."""
    shown = visible(text)
    if weight(shown) <= limit:
        return shown
    costs = [weight(character) for character in (reversed(shown) if end else shown)]
    kept = sum(total <= limit for total in accumulate(costs))
    note = f"({len(shown) - kept:,} more characters)"
    return f"{note} … {shown[-kept:]}" if end else f"{shown[:kept]} … {note}"


def one_line(text: str, limit: int | None = None) -> str:
    """Visible text on one line; runs of white space become one blank."""
    short = " ".join(text.split())
    if limit is not None and len(short) > limit:
        short = short[: limit - 1].rstrip() + "…"
    return visible(short)


def markdown(text: str) -> str:
    """Foreign text as Markdown that renders to that text: markup, HTML and table borders are escaped, line ends kept."""
    escaped = _MARKUP.sub(lambda match: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(match[0], "\\" + match[0]), visible(text))
    return _LINE_START.sub(lambda match: match[1] + (match[2] + "\\" if match[2].isdigit() else "\\" + match[2]), escaped)


def cell(text: str) -> str:
    """Foreign text for a cell of a Markdown table."""
    return markdown(one_line(text))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown already; header cells that begin with '>' stand above numbers and align to the right."""
    titles = [title.removeprefix(">") for title in header]
    rule = ["---:" if title.startswith(">") else "---" for title in header]
    return "".join(f"| {' | '.join(line)} |\n" for line in (titles, rule, *rows))


def score(value: float | None) -> str:
    """A score with five significant digits: enough to tell candidates apart, few enough to read."""
    if value is None:
        return MISSING
    return f"{value:#.5g}".rstrip(".") if abs(value) < 1e5 else f"{value:,.0f}"


def number(candidate: int) -> str:
    """A candidate's number as its folder is called: '0002', '1007'."""
    return f"{candidate:04d}"


def signed(value: float | None, digits: int = 3) -> str:
    """A difference with its sign, in significant digits; the minus is the typographic one."""
    return MISSING if value is None else f"{value:+.{digits}g}".replace("-", "−")


def delta(value: float | None, error: float | None) -> str:
    """A difference with its standard error: '+0.0123 ± 0.0040'."""
    return signed(value) if value is None or error is None else f"{signed(value)} ± {error:.2g}"


def bar(value: float | None, longest: float) -> str:
    """A bar of block characters, at most twelve for a value of the size `longest`; hollow where the value is below zero."""
    if not value or not longest:
        return ""
    return ("█" if value > 0 else "░") * max(1, round(12 * abs(value) / longest))


def percent(share: float | None, sign: bool = False) -> str:
    """A share (0..1) with one decimal: '12.3 %'."""
    if share is None:
        return MISSING
    return f"{share:{'+' if sign else ''}.1%}".replace("%", " %").replace("-", "−")


def duration(seconds: float | None) -> str:
    """Seconds as a person would say them: '0.4 s', '12 s', '3 min 20 s', '2 h 5 min'."""
    if seconds is None:
        return MISSING
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def memory(size: int) -> str:
    """Bytes in MiB or GiB; nothing measured is shown as missing."""
    if not size:
        return MISSING
    return f"{size / 2**20:,.0f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """A count with its noun: '1 fold', '5 folds'."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
