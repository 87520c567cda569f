"""An ablation study as a Mermaid picture, which Prefect's pages draw."""

from journal import Run, Study
from reports import ablation_json


def ablation_picture(run: Run, study: Study) -> str:
    """The base, what each block is worth, the chosen block, and what its refinements gained, as a fenced Mermaid flowchart."""
    report = ablation_json(run, study)
    lines = ["flowchart LR", f"    base{_box(report['base'], 'base', report['base_score'])}"]
    for index, row in enumerate(report["rows"]):
        effect = "failed" if row["delta"] is None else f"{row['delta']:+.3g} ± {row['standard_error'] or 0.0:.2g}"
        lines.append(f'    base -->|"{effect}"| v{index}{_box(row["block"], row["variant"])}')
    chosen = next((index for index, row in enumerate(report["rows"]) if row["block"] == report["target"]), None)
    if chosen is not None:
        lines.append(f"    style v{chosen} stroke-width:4px")
        for index, trial in enumerate(report["trials"]):
            gained = trial["status"] if trial["gain"] is None else f"gain {trial['gain']:+.3g}"
            lines.append(f"    v{chosen} ==> t{index}{_box('refined', trial['candidate'], gained)}")
    return "\n".join(["```mermaid", *lines, "```", ""])


def _box(*words: object) -> str:
    """A node's text; what Mermaid would obey is left out of foreign words."""
    texts = (f"{word:.5g}" if isinstance(word, float) else str(word) for word in words)
    plain = ("".join(letter if letter.isalnum() or letter in " .,:=+-_" else " " for letter in text) for text in texts)
    return '["' + "<br>".join(" ".join(text.split())[:60] for text in plain) + '"]'
