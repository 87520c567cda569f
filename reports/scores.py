"""The candidates of a run as a table, and where a run stands."""

from typing import Any

from journal import Decided, Node, Operator, Run, Tree
from reports import text
from reports.summary import evaluation_times, gain, summarise


def scores_table(run: Run) -> list[dict[str, Any]]:
    """One row a candidate, best first, those without a score last (by number).

    Keys: candidate (number), track (0: ensembling), operator, title, block (or None), score (or None), better (strictly better than
    the best of its parents; None where one of the two has no score), gain (over that parent, in the metric's units, positive: better;
    or None), seconds (script time of all folds; None while unfinished), status (a Status, 'stopped early', or 'unfinished').
    """
    tree = run.tree()
    nodes = {node.number: node for node in tree.nodes}
    return [_row(tree, nodes, node) for node in sorted(tree.nodes, key=lambda node: _rank(tree, node))]


def _rank(tree: Tree, node: Node) -> tuple[bool, float, int]:
    if node.score is None:
        return True, 0.0, node.number
    return False, -node.score if tree.greater_is_better else node.score, node.number


def _row(tree: Tree, nodes: dict[int, Node], node: Node) -> dict[str, Any]:
    candidate, evaluation = node.candidate, node.evaluation
    parent = tree.best(nodes[number] for number in candidate.parents if number in nodes)
    gained = gain(tree, node.score, parent.score) if parent else None
    return {
        "candidate": node.number,
        "track": candidate.track,
        "operator": str(candidate.operator),
        "title": candidate.title,
        "block": candidate.block,
        "score": node.score,
        "better": None if gained is None else gained > 0,
        "gain": gained,
        "seconds": evaluation.seconds if evaluation else None,
        "status": str(node.outcome),
    }


def scores_markdown(run: Run) -> str:
    """The table of candidates as Markdown, best first."""
    rows = scores_table(run)
    if not rows:
        return "No candidate yet.\n"
    header = (
        ">candidate",
        ">track",
        "operator",
        "title",
        "block",
        f">{text.cell(run.info.metric)}",
        "better than parent?",
        ">seconds",
        "status",
    )
    return text.markdown_table(
        header,
        (
            (
                text.number(row["candidate"]),
                str(row["track"]) if row["track"] else "ensemble",
                row["operator"],
                text.cell(row["title"]),
                text.cell(row["block"]) if row["block"] else text.MISSING,
                text.score(row["score"]),
                {None: text.MISSING, True: f"yes ({text.signed(row['gain'])})", False: f"no ({text.signed(row['gain'])})"}[row["better"]],
                text.MISSING if row["seconds"] is None else f"{row['seconds']:.1f}",
                row["status"],
            )
            for row in rows
        ),
    )


def progress_markdown(run: Run, recent: int = 10) -> str:
    """Where a run stands: state, best score, time and counts, the best of each track, the `recent` last evaluated candidates."""
    summary, tree = summarise(run), run.tree()
    parts = [f"# {text.cell(run.info.competition)}: run {text.cell(run.info.id)}\n", text.markdown(summary.sentence) + "\n", _facts(run)]
    tracks = sorted({node.candidate.track for node in tree.nodes}, key=lambda number: (number == 0, number))
    if tracks:
        parts += ["## Tracks\n", text.markdown_table(("track", ">candidates", ">best score", "best candidate"), map(_track(tree), tracks))]
    times = evaluation_times(run)
    nodes = {node.number: node for node in tree.nodes}
    last = [nodes[number] for number in list(times)[-recent:] if number in nodes]
    if last:
        rows = (
            (
                text.duration(times[node.number]),
                text.number(node.number),
                node.candidate.operator,
                text.cell(node.candidate.title),
                text.score(node.score),
                node.outcome,
            )
            for node in reversed(last)
        )
        header = (">after", ">candidate", "operator", "title", ">score", "status")
        parts += ["## Last evaluated\n", text.markdown_table(header, rows)]
    return "\n".join(parts)


def _facts(run: Run) -> str:
    summary, settings = summarise(run), run.settings
    metric = text.cell(run.info.metric)
    waiting = _waiting(run)
    lines = []
    if summary.chosen is not None:
        label = "Answer" if summary.state == "finished" else "Best so far"
        answer = f"{label}: **{text.score(summary.score)}** {metric}"
        lines.append(f"{answer} (candidate {text.number(summary.chosen)}, {text.cell(summary.title)})")
    if summary.gain is not None:
        share = f", {text.percent(summary.gain_share, sign=True)}" if summary.gain_share is not None else ""
        lines.append(f"First valid solution: {text.score(summary.first_score)} (gain since {text.signed(summary.gain)}{share})")
    if summary.grade is not None:
        lines.append(f"Test score: **{text.score(summary.grade)}**")
    lines.append(f"Time: {text.duration(summary.seconds)}" + (f" of {text.duration(settings.seconds)}" if settings.seconds else ""))
    lines.append(
        f"Candidates: {summary.candidates} ({summary.valid} valid, {summary.failed} failed, {summary.unfinished} unfinished); "
        f"executions: {summary.executions} ({summary.stored} from the store); ablation studies: {summary.studies}"
    )
    if waiting and summary.state in ("running", "waiting", "interrupted"):
        lines.append(f"Under way: {', '.join(waiting)}")
    return "".join(f"- {line}\n" for line in lines)


def _waiting(run: Run) -> list[str]:
    """Actions that were decided and have not come to anything yet."""
    closed = run.tree().closed
    decided = (action for entry in run.entries(Decided) for action in entry.actions)
    return [
        f"{action.operator} (track {action.track})" if action.track else action.operator for action in decided if action.id not in closed
    ]


def _track(tree: Tree) -> Any:
    def row(number: int) -> tuple[str, str, str, str]:
        part = tree.track(number)
        best = part.best(part.nodes)
        made = sum(node.candidate.operator is not Operator.ABLATE for node in part.nodes)
        name = f"track {number}" if number else "ensemble"
        if best is None:
            return name, str(made), text.MISSING, text.MISSING
        return name, str(made), text.score(best.score), f"{text.number(best.number)} {text.cell(best.candidate.title)}"

    return row
