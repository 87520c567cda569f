"""A recorded run's exchanges as a model: requests are matched by agent, track, step, attempt and ask, not by the letter.

Kept in tests/exchanges/<name>/, one JSON file an exchange with the fields of `Kept`. To keep the exchanges of a run:

    python -m tests.engineers.replay keep RUN_FOLDER tests/exchanges/NAME

To serve them to any client (prints the base URL):

    python -m tests.engineers.replay serve tests/exchanges/NAME
"""

import argparse
import json
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.engineers.endpoint import Failure, Reply, Request, endpoint

FIELDS = ("agent", "track", "step", "attempt", "ask")


@dataclass(frozen=True)
class Kept:
    """One answered request."""

    agent: str
    track: int
    step: int
    attempt: int
    ask: int
    answer: str


def read(folder: Path) -> list[Kept]:
    return [Kept(**json.loads(path.read_text("utf-8"))) for path in sorted(folder.glob("*.json"))]


def keep(run: Path, folder: Path) -> int:
    """Copy what a run's llm/ holds, answers only; gives their number. What was in the folder is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    count = 0
    for path in sorted((run / "llm").glob("*.json")):
        exchange = json.loads(path.read_text("utf-8"))
        if exchange["answer"]:
            kept = Kept(**{name: exchange[name] for name in FIELDS}, answer=exchange["answer"])
            (folder / path.name).write_text(json.dumps(asdict(kept), indent=1, ensure_ascii=False) + "\n", "utf-8")
            count += 1
    return count


class Recorded:
    """Answers a request with the recorded one of the same place.

    Scores differ in the last digits between machines, so a search may take a slightly different course: where the place itself was
    not recorded, the nearest one of the same agent answers, of the same
    step if there is one; each answer is given once as long as there are others. A request of an agent that was never recorded fails.
    """

    def __init__(self, kept: list[Kept]) -> None:
        self._by_agent: defaultdict[str, list[Kept]] = defaultdict(list)
        for one in kept:
            self._by_agent[one.agent].append(one)
        self._given: set[Kept] = set()
        self.exact = 0
        """Requests whose place was recorded."""

    def __call__(self, request: Request) -> Reply:
        candidates = self._by_agent.get(request.agent)
        if not candidates:
            return Failure(404, f"no exchange of agent {request.agent} was recorded")
        best = min(candidates, key=lambda one: _distance(one, request, one in self._given))
        self._given.add(best)
        self.exact += _place(best) == _place(request)
        return best.answer


def _place(one: Kept | Request) -> tuple[object, ...]:
    return tuple(getattr(one, name) for name in FIELDS)


def _distance(one: Kept, request: Request, given: bool) -> tuple[object, ...]:
    same = _place(one) == _place(request)
    gaps = (one.track != request.track, abs(one.step - request.step), abs(one.attempt - request.attempt), abs(one.ask - request.ask))
    return (not same, given, *gaps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    keeping = commands.add_parser("keep", help="copy a run's exchanges")
    keeping.add_argument("run", type=Path)
    keeping.add_argument("folder", type=Path)
    commands.add_parser("serve", help="serve kept exchanges").add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.command == "keep":
        print(f"{keep(options.run, options.folder)} exchanges kept in {options.folder}")
        return
    with endpoint(Recorded(read(options.folder))) as served:
        print(served.url, flush=True)
        while True:
            time.sleep(60)


if __name__ == "__main__":
    main()
