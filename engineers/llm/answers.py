"""Reading a model's answer: tolerant of fences, of prose around them and of reasoning that was left in; strict about what is in it."""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from journal import parse_python

REASONING = re.compile(r"<(think|thinking|reasoning|scratchpad)>.*?</\1>", re.DOTALL | re.IGNORECASE)
REASONING_END = re.compile(r"\A.*</(?:think|thinking|reasoning|scratchpad)>", re.DOTALL | re.IGNORECASE)
FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*\1[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^[ \t>*_#-]*(\w+)[*_ \t]*:[*_ \t]*(.*)$")
CODE_LANGUAGES = ("", "python", "py", "python3", "ipython")


class AnswerError(ValueError):
    """The answer cannot be used; the message is the complaint that the model gets."""


@dataclass(frozen=True)
class Section:
    """One headed part of an answer: its `name: value` lines, and its code (empty where there is none)."""

    heading: str
    fields: Mapping[str, str]
    code: str


def without_reasoning(text: str) -> str:
    """The answer without what a reasoning model thought aloud, also where only the closing tag was given."""
    return REASONING_END.sub("", REASONING.sub("", text)).strip()


def code_in(text: str) -> str:
    """The code of an answer: its longest fenced block; without fences the whole answer, where that is Python.

    Raises:
        AnswerError: there is none.
    """
    blocks = [match[3] for match in FENCE.finditer(text) if match[2].lower() in CODE_LANGUAGES]
    if blocks:
        return max(blocks, key=len).strip("\n")
    if fields := _json_object(text):
        code = next((fields[name] for name in ("code", "script", "source") if isinstance(fields.get(name), str)), None)
        if code:
            return str(code)
    try:
        parse_python(text)
    except (SyntaxError, ValueError):
        raise AnswerError("There is no code in it. Put the code between ```python and ```.") from None
    if "\n" not in text.strip() and "=" not in text:
        raise AnswerError("There is no code in it. Put the code between ```python and ```.")
    return text


def prose_in(text: str) -> str:
    """The answer without its fenced blocks."""
    return FENCE.sub("", text).strip()


def field_in(text: str, name: str) -> str:
    """The value of a line `name: value` outside of the code, with the lines after it up to an empty one or the next such line; or ''."""
    lines = prose_in(text).splitlines()
    for start, line in enumerate(lines):
        match = FIELD.match(line)
        if match and match[1].lower() == name:
            value = [match[2]]
            for following in lines[start + 1 :]:
                if not following.strip() or FIELD.match(following):
                    break
                value.append(following.strip())
            return " ".join(part for part in value if part).strip(" *_")
    return ""


def json_in(text: str) -> dict[str, Any]:
    """The JSON object of an answer, in fences or in the middle of prose; trailing commas and Python's literals are taken too.

    Raises:
        AnswerError: there is none.
    """
    if (found := _json_object(text)) is None:
        raise AnswerError("There is no JSON object in it that can be read. Answer with one JSON object, its strings in double quotes.")
    return found


def sections_in(text: str, heading: str) -> list[Section]:
    """The parts that begin with a line `## <heading>: <name>`, in order; a part without a name is left out."""
    start = re.compile(rf"^[ \t>*_#]*{heading}[ \t]*\d*[*_ \t]*:[*_ \t]*(.+?)[*_ \t]*$", re.IGNORECASE | re.MULTILINE)
    fenced = [match.span() for match in FENCE.finditer(text)]
    heads = [match for match in start.finditer(text) if not any(first <= match.start() < last for first, last in fenced)]
    sections = []
    for position, head in enumerate(heads):
        part = text[head.end() : heads[position + 1].start() if position + 1 < len(heads) else len(text)]
        code = next((match[3].strip("\n") for match in FENCE.finditer(part)), "")
        fields = {match[1].lower(): match[2].strip(" *_`") for line in prose_in(part).splitlines() if (match := FIELD.match(line))}
        sections.append(Section(head[1].strip(" *_`"), fields, code))
    return sections


def _json_object(text: str) -> dict[str, Any] | None:
    fenced = [match[3] for match in FENCE.finditer(text) if match[2].lower() in ("json", "")]
    for candidate in [*fenced, text]:
        for start in (match.start() for match in re.finditer(r"\{", candidate)):
            value = _read_object(candidate[start:])
            if value is not None:
                return value
    return None


def _read_object(text: str) -> dict[str, Any] | None:
    """The object at the beginning of the text, whatever follows."""
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
        return value if isinstance(value, dict) else None
    except ValueError:
        pass
    body = text[: text.rfind("}") + 1]
    for read in (_with_trailing_commas, ast.literal_eval):
        try:
            value = read(body)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None


def _with_trailing_commas(text: str) -> object:
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", text), strict=False)
