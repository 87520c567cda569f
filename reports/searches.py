"""What a run looked for in the web, in one sentence."""

from journal import Run
from reports import text
from retrieval import WEB_FOLDER, WebSearch


def searched(run: Run) -> str:
    """'tavily: 3 searches, 5 documents; failed: tavily: rate limit …'; empty: there was no search."""
    search = WebSearch((), run.folder / WEB_FOLDER)
    kept = search.kept()
    sources = dict.fromkeys(found.source for found in kept)
    parts = [
        f"{source}: {text.plural(len(ours), 'search', 'searches')}, {text.plural(sum(len(one.documents) for one in ours), 'document')}"
        for source in sources
        if (ours := [found for found in kept if found.source == source])
    ]
    if left_out := sum(found.excluded for found in kept):
        parts.append(f"{text.plural(left_out, 'document')} left out")
    return "; ".join([*parts, *(f"failed: {failure}" for failure in search.failures())])
