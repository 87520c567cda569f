"""The candidates of a run as nested branches, with all that a page says about each."""

from dataclasses import dataclass, field
from os import SEEK_END

from evaluation import LOG, execution_name
from journal import Evaluation, FoldResult, Node, Operator, Run, Solution, SolutionError, Status, Tree
from reports import text
from reports.diff import BlockChange, block_changes
from reports.summary import gain

DEPTH = 12
"""Deeper descendants stand beside their parents: pages and readers do not go down without end."""
CODE_TOTAL = 1_000_000
"""Characters of HTML that code differences may take in a page, shared out evenly among the candidates."""
CODE_EACH = 16_000
PROSE_TOTAL = 300_000
"""The same for plans, and once more for errors."""
PROSE_EACH = 4_000
LOG_TOTAL = 200_000
"""The same for the ends of logs."""
LOG_EACH = 2_000


@dataclass(frozen=True)
class Branch:
    """One candidate and what grew from it. Text is foreign, to be escaped by the page."""

    node: Node
    parent: int | None
    gain: float | None
    """Over the best parent, in the metric's units; positive: better."""
    on_path: bool
    """It is the answer, or the answer grew from it."""
    chosen: bool
    changes: tuple[BlockChange, ...]
    code_error: str
    plan: str
    """Made visible and cut to size, as is `error`."""
    error: str
    log: str
    """The end of what its script printed: on the first fold that failed, else on the first."""
    files: tuple[str, ...] | None
    """Provided files opened in any fold; none: not observed."""
    children: list["Branch"] = field(default_factory=list)
    variants: list["Branch"] = field(default_factory=list)
    """Ablation variants, which are kept apart from what was meant to be better."""

    @property
    def folds(self) -> tuple[FoldResult, ...]:
        return self.node.evaluation.folds if self.node.evaluation else ()

    @property
    def status(self) -> str:
        return self.node.outcome

    @property
    def memory(self) -> int:
        """Bytes, the largest of the folds."""
        return max((fold.peak_memory for fold in self.folds), default=0)


@dataclass(frozen=True)
class Track:
    """The branches of one track; number 0 is the ensembling phase."""

    number: int
    roots: list[Branch]
    count: int
    best: Node | None
    on_path: bool


def tracks(run: Run, chosen: int | None) -> list[Track]:
    """All candidates, nested below the parent they were made from, by track; the ensembling phase last."""
    tree = run.tree()
    path = _ancestry(tree, chosen)
    branches = {node.number: _branch(run, tree, node, path, chosen) for node in tree.nodes}
    roots: dict[int, list[Branch]] = {}
    depths: dict[int, int] = {}
    for node in sorted(tree.nodes, key=lambda node: node.candidate.action):
        branch = branches[node.number]
        above = branches.get(branch.parent) if branch.parent is not None else None
        if above is None or above.node.candidate.track != node.candidate.track or above.node.number not in depths:
            depths[node.number] = 0
            roots.setdefault(node.candidate.track, []).append(branch)
            continue
        while depths[above.node.number] >= DEPTH and above.parent is not None:
            above = branches[above.parent]
        depths[node.number] = depths[above.node.number] + 1
        (above.variants if node.candidate.operator is Operator.ABLATE else above.children).append(branch)
    found = []
    for number in sorted(roots, key=lambda number: (number == 0, number)):
        nodes = tree.track(number).nodes
        on_path = any(node.number in path for node in nodes)
        found.append(Track(number, roots[number], len(nodes), tree.best(nodes), on_path))
    return found


def _ancestry(tree: Tree, chosen: int | None) -> set[int]:
    """The chosen candidate and all that it was made from."""
    parents = {node.number: node.candidate.parents for node in tree.nodes}
    path: set[int] = set()
    ahead = [chosen] if chosen is not None else []
    while ahead:
        number = ahead.pop()
        if number not in path:
            path.add(number)
            ahead.extend(parents.get(number, ()))
    return path


def _branch(run: Run, tree: Tree, node: Node, path: set[int], chosen: int | None) -> Branch:
    candidate = node.candidate
    parent = candidate.parents[0] if candidate.parents else None
    best = tree.best(other for other in tree.nodes if other.number in candidate.parents)
    count = len(tree.nodes)
    changes, code_error = _changes(run, node, parent, min(CODE_EACH, CODE_TOTAL // count))
    prose = min(PROSE_EACH, PROSE_TOTAL // count)
    return Branch(
        node=node,
        parent=parent,
        gain=gain(tree, node.score, best.score) if best else None,
        on_path=node.number in path,
        chosen=node.number == chosen,
        changes=changes,
        code_error=code_error,
        plan=text.fitting(candidate.plan, prose),
        error=text.fitting(node.evaluation.error, prose, end=True) if node.evaluation else "",
        log=text.fitting(_log(run, node), min(LOG_EACH, LOG_TOTAL // count), end=True),
        files=_files(node.evaluation),
    )


def _changes(run: Run, node: Node, parent: int | None, limit: int) -> tuple[tuple[BlockChange, ...], str]:
    """Differences to the parent; to nothing, where there is none or where members are only combined (an ensemble)."""
    compared = parent if node.candidate.operator is not Operator.ENSEMBLE else None
    try:
        before: Solution | None = run.solution(compared) if compared is not None else None
        return tuple(block_changes(before, run.solution(node.number), limit)), ""
    except FileNotFoundError:
        return (), "Its script, or that of its parent, is no longer in the run folder."
    except (SolutionError, OSError, UnicodeDecodeError) as error:
        return (), f"Its script, or that of its parent, cannot be read: {error}"


def _log(run: Run, node: Node) -> str:
    """Read at most what can be shown: a log may be large."""
    evaluation = node.evaluation
    if evaluation is None or not evaluation.folds:
        return ""
    shown = next((fold for fold in evaluation.folds if fold.status is not Status.OK), evaluation.folds[0])
    try:
        with (run.candidate_folder(node.number) / execution_name(evaluation.fidelity, shown.fold) / LOG).open("rb") as file:
            file.seek(0, SEEK_END)
            file.seek(max(0, file.tell() - LOG_EACH))
            return file.read().decode(errors="replace").strip()
    except OSError:
        return ""


def _files(evaluation: Evaluation | None) -> tuple[str, ...] | None:
    observed = [fold.files_opened for fold in evaluation.folds if fold.files_opened is not None] if evaluation else []
    return tuple(sorted({name for names in observed for name in names})) if observed else None
