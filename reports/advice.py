"""What a reader of a run may do next, with the commands."""

import shlex
from dataclasses import dataclass

from competitions import EXAMPLES
from journal import Run
from reports.summary import Summary

OUT_OF_BUDGET = ("time", "evaluations", "budget", "tokens", "cost")
"""Words by which a run's reason tells that it could have gone on."""
FAILED_SHARE = 0.3
"""From here on failures are worth a look before anything else is tried."""


@dataclass(frozen=True)
class Advice:
    """One thing to do: a sentence, and the command that does it, if one does."""

    sentence: str
    command: str = ""


def advice(run: Run, summary: Summary) -> list[Advice]:
    """The next steps, the most useful first."""
    name, found = run.info.id, []
    if summary.state == "running":
        return [Advice("See how it goes on:", f"mlestar watch {name}"), Advice("End it with the best so far:", f"mlestar finish {name}")]
    if summary.state == "interrupted":
        found.append(Advice("Take it up where it stopped:", f"mlestar resume {name}"))
    if summary.state == "waiting":
        found.append(Advice("Answer what it asks, and go on:", f"mlestar approve {name}"))
    if summary.state == "no_solution":
        found.append(
            Advice("Look at the errors below, then begin with a script of your own that runs; what it must do is said by:", contract(run))
        )
    if summary.state == "finished":
        found.append(Advice("Take the submission, or the script that makes it:", f"mlestar export {name} --submission"))
        if any(word in summary.reason.lower() for word in OUT_OF_BUDGET):
            found.append(Advice("The search was not complete. Give it more time:", f"mlestar resume {name} --time +30m"))
        else:
            found.append(Advice("The search was complete. Another seed or more tracks try other ways:", another(run)))
    if summary.failed and summary.failed >= FAILED_SHARE * summary.candidates and summary.state != "no_solution":
        found.append(Advice(f"{summary.failed} of {summary.candidates} candidates failed: see the errors by kind below."))
    return found


def contract(run: Run) -> str:
    """The command that says what a script must do."""
    return f"mlestar contract {_competition(run)}"


def another(run: Run) -> str:
    """The command of a wider search."""
    return f"mlestar run {_competition(run)} --seed {run.settings.seed + 1} --tracks {run.settings.tracks + 1}"


def _competition(run: Run) -> str:
    return run.info.competition if run.info.competition in EXAMPLES else shlex.quote(run.info.competition_path)
