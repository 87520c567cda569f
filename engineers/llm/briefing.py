"""What every prompt says of the competition, and how it is bounded: what is cut is cut by rule, and the prompt says so."""

import re
from collections.abc import Sequence

from competitions.brief import Brief, Column
from engineers.llm.machine import Machine
from engineers.protocol import Attempt, Member
from prompts import render

LONG_DESCRIPTION = 6_000
"""Characters from which a description is summed up once, by the model."""
MOST_COLUMNS = 80
LOG_CHARACTERS = 4_000
LOG_HEAD = 0.25
"""Of a log, the share that is kept of its beginning; the rest is its end, where the error stands."""
MOST_ATTEMPTS = 12
MEMBER_CODE_CHARACTERS = 30_000
"""Of the members' scripts in one prompt; whole scripts only, the best first."""
KIND = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)")
"""The line of a traceback that names the exception."""
BETWEEN = ("Traceback (most recent call last)", "During handling of the above exception", "The above exception was the direct cause")
QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`")
NUMBER = re.compile(r"\d[\d.,]*(?:e[+-]?\d+)?")


def system_prompt(
    brief: Brief, summary: str, machine: Machine, seconds: float, memory: int, samples: bool = True, search_rows: int | None = None
) -> str:
    """Contract, competition and machine: the part that is the same in most requests.

    Args:
        brief: of the competition, or of the stacking view.
        summary: stands in for a long description; empty: the description itself.
        machine: what scripts run on.
        seconds: that a script may take.
        memory: bytes that a script may take.
        samples: false: no cell of the data is shown.
        search_rows: that scripts are compared on, at most.
    """
    shown = brief if samples else without_samples(brief)
    return render(
        "system",
        brief=shown,
        description=shown.description.strip(),
        summary=summary,
        columns=shown.columns[:MOST_COLUMNS],
        further=max(0, len(shown.columns) - MOST_COLUMNS),
        target=_target(shown),
        samples=samples,
        sample=search_rows if search_rows is not None and search_rows < brief.train_rows else None,
        machine=machine,
        seconds=seconds,
        memory=memory,
    )


def without_samples(brief: Brief) -> Brief:
    """The brief without any value of a cell: no examples, ranges, classes or figures of the target."""
    columns = tuple(_bare(column) for column in brief.columns)
    return brief.model_copy(update={"columns": columns, "classes": (), "positive_class": None, "target_summary": {}})


def _bare(column: Column) -> Column:
    return column.model_copy(update={"examples": (), "low": None, "high": None})


def _target(brief: Brief) -> str:
    """The target's distribution in one line."""
    if brief.classes:
        return ", ".join(f"{label} {share:.2%}" for label, share in list(brief.target_summary.items())[:MOST_COLUMNS])
    return ", ".join(f"{name} {value:.5g}" for name, value in brief.target_summary.items())


def cut_log(text: str) -> str:
    """Head and tail of a log that is too long, with a line that says how much is missing."""
    if len(text) <= LOG_CHARACTERS:
        return text
    head = int(LOG_CHARACTERS * LOG_HEAD)
    tail = LOG_CHARACTERS - head
    return f"{text[:head]}\n… {len(text) - LOG_CHARACTERS} characters are left out …\n{text[-tail:]}"


def without_messages(error: str) -> str:
    """An error without anything that may be a cell of the data.

    Of tracebacks the places and the kinds of exceptions are kept; of other errors what is neither quoted nor a number.
    """
    status, colon, said = error.partition(": ")
    if 'File "' not in said:
        return f"{status}{colon}{NUMBER.sub('#', QUOTED.sub('(withheld)', said))}"
    kept: list[str] = []
    code = 0
    """Lines that may still belong to the last place: its code and the marks below it."""
    for line in said.splitlines():
        if line.lstrip().startswith('File "'):
            code = 2
        elif line.startswith(BETWEEN):
            code = 0
        elif code > 0 and line.startswith("    "):
            code -= 1
        elif kept and code >= 0 and (match := KIND.match(line)):
            line, code = f"{match[1]}: (message withheld)", -1  # noqa: PLW2901
        else:
            continue
        kept.append(line)
    return status + colon + "\n".join(kept)


def kept_attempts(attempts: Sequence[Attempt], greater_is_better: bool) -> tuple[tuple[Attempt, ...], int]:
    """The last attempts and the best one, in their order, and how many others there were."""
    if len(attempts) <= MOST_ATTEMPTS:
        return tuple(attempts), 0
    sign = 1.0 if greater_is_better else -1.0
    scored = [place for place, each in enumerate(attempts) if each.score is not None]
    best = max(scored, key=lambda place: sign * (attempts[place].score or 0.0), default=None)
    kept = sorted({*range(len(attempts) - MOST_ATTEMPTS + 1, len(attempts)), *([] if best is None else [best])})
    return tuple(attempts[place] for place in kept), len(attempts) - len(kept)


def shown_members(members: Sequence[Member], greater_is_better: bool) -> tuple[Member, ...]:
    """Those whose scripts fit into a prompt together, the best first."""
    ranked = sorted(members, key=lambda one: -one.score if greater_is_better else one.score)
    shown, used = [], 0
    for member in ranked:
        used += len(member.code)
        if used > MEMBER_CODE_CHARACTERS:
            break
        if member.code:
            shown.append(member)
    return tuple(shown)
