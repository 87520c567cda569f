import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from journal import AblationRow, Operator, Run, Status, Studied, Study
from reports import ablation_chart, ablation_json, ablation_markdown, ablation_report, write_ablation_report

NAMESPACE = "{http://www.w3.org/2000/svg}"


def first_study(run: Run) -> Study:
    return run.tree().studies[0]


def table_cells(markdown: str, heading: str) -> list[list[str]]:
    """The body of the table whose header begins with `heading`."""
    lines = markdown.splitlines()
    start = next(position for position, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    body = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        body.append([part.strip() for part in line.strip("|").split(" | ")])
    return body


def test_the_most_influential_variant_comes_first_whatever_its_sign(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "base", 0.5)
    study = maker.study(1, base, 0.5, {"weak": ("a", 0.51, 0.01), "harmful": ("b", 0.3, 0.01), "strong": ("c", 0.6, 0.01)})
    assert [row.block for row in ablation_report(maker.run, study).rows] == ["harmful", "strong", "weak"]


def test_the_table_holds_the_journals_numbers(whole_run: Run) -> None:
    study = first_study(whole_run)
    body = table_cells(ablation_markdown(whole_run, study), "block")
    recorded = {row.block: row for row in study.rows}
    assert len(body) == len(recorded)
    for block, variant, score, delta, _, share, seconds, status in body:
        row = recorded[block]
        assert variant == row.title
        assert float(score) == pytest.approx(row.score, rel=1e-4)
        value, error = delta.replace("−", "-").split(" ± ")
        assert float(value) == pytest.approx(row.delta, rel=1e-2)
        assert float(error) == pytest.approx(row.standard_error, rel=0.05)
        assert float(share.removesuffix(" %")) / 100 == pytest.approx(row.share, abs=6e-4)
        assert float(seconds) == pytest.approx(row.seconds)
        assert status == row.status


def test_json_and_markdown_say_the_same(whole_run: Run) -> None:
    study = first_study(whole_run)
    data = ablation_json(whole_run, study)
    body = table_cells(ablation_markdown(whole_run, study), "block")
    assert [row["block"] for row in data["rows"]] == [cells[0] for cells in body]
    assert sum(row["share"] for row in data["rows"]) == pytest.approx(1.0)
    assert data["target"] == "features"
    assert json.loads(json.dumps(data)) == data


def test_a_variant_that_failed_comes_last_and_has_no_bar(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "base", 0.5)
    rows = (
        AblationRow(block="broken", title="removed", candidate=1002, status=Status.CRASHED),
        AblationRow(block="fine", title="removed", candidate=1003, status=Status.OK, score=0.5, delta=0.0, standard_error=0.0, share=0.0),
    )
    study = Study(number=1, action="1.0009", track=1, step=1, base=base, base_score=0.5, rows=rows)
    maker.run.append(Studied(study=study))
    body = table_cells(ablation_markdown(maker.run, study), "block")
    assert [cells[0] for cells in body] == ["fine", "broken"]
    assert body[1][2:6] == ["—", "—", "", "—"]
    assert body[1][7] == "crashed"
    chart = ablation_chart(maker.run, study)
    assert "fine: removed" in chart
    assert "broken" not in chart


def test_the_refinements_of_the_target_are_told_with_what_they_gained(whole_run: Run) -> None:
    report = ablation_report(whole_run, first_study(whole_run))
    assert [(trial.candidate, trial.status) for trial in report.trials] == [(1009, "ok"), (1010, "timed_out")]
    assert report.trials[0].gain == pytest.approx(0.391 - 0.334)
    assert report.trials[1].gain is None
    assert report.gained == pytest.approx(0.057)


def test_a_gain_is_positive_also_where_higher_scores_are_better(new_run: Callable) -> None:
    maker = new_run(greater_is_better=True)
    base = maker.candidate(Operator.DRAFT, "base", 0.8)
    study = maker.study(1, base, 0.8, {"features": ("none", 0.7, 0.01)}, target="features", plan="more")
    maker.candidate(Operator.REFINE, "more", 0.85, parents=(base,), block="features", step=1)
    maker.candidate(Operator.REFINE, "worse", 0.75, parents=(base,), block="features", step=1)
    report = ablation_report(maker.run, study)
    assert [trial.gain for trial in report.trials] == pytest.approx([0.05, -0.05])
    assert report.gained == pytest.approx(0.05)


def test_a_repaired_refinement_counts_for_the_study(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "base", 0.5)
    study = maker.study(1, base, 0.5, {"features": ("none", 0.6, 0.01)}, target="features", plan="more")
    broken = maker.candidate(Operator.REFINE, "more", None, parents=(base,), step=1, status=Status.CRASHED, error="ValueError: x")
    repaired = maker.candidate(Operator.DEBUG, "more, repaired", 0.45, parents=(broken,))
    maker.candidate(Operator.REFINE, "of the next study", 0.1, parents=(base,), step=2)
    report = ablation_report(maker.run, study)
    assert [trial.candidate for trial in report.trials] == [broken, repaired]
    assert report.gained == pytest.approx(0.05)


def test_a_study_with_nothing_left_to_try_says_so(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "base", 0.5)
    study = maker.study(1, base, 0.5, {"features": ("none", 0.6, 0.01)})
    assert "nothing was left to try" in ablation_markdown(maker.run, study)


def test_hostile_names_stay_in_their_cells(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "a | b\n# heading <script>alert(1)</script>", 0.5)
    study = maker.study(
        1, base, 0.5, {"x": ("<img src=x> | **bold** \x1b[31mred\n| new | row |", 0.6, 0.01)}, target="x", plan="# not a heading"
    )
    markdown = ablation_markdown(maker.run, study)
    assert len([line for line in markdown.splitlines() if line.startswith("#")]) == 2
    assert "<img" not in markdown
    assert "<script" not in markdown
    assert "\x1b" not in markdown
    row = next(line for line in markdown.splitlines() if line.startswith("| x |"))
    assert row.replace("\\|", "").count("|") == 9
    assert "&lt;img src=x&gt; \\| \\*\\*bold\\*\\* ␛\\[31mred" in row


def test_the_chart_is_svg_with_one_bar_for_each_measured_variant(whole_run: Run) -> None:
    study = first_study(whole_run)
    root = ET.fromstring(ablation_chart(whole_run, study))
    assert root.tag == f"{NAMESPACE}svg"
    bars = [element for element in root.iter(f"{NAMESPACE}path") if element.get("aria-roledescription") == "bar"]
    assert [bar.get("aria-label", "").split(":")[0] for bar in bars] == ["features", "model", "blend"]
    assert "chosen for refinement" in bars[0].get("aria-label", "")


def test_a_hostile_title_in_the_chart_is_text(new_run: Callable) -> None:
    maker = new_run()
    base = maker.candidate(Operator.DRAFT, "base", 0.5)
    study = maker.study(1, base, 0.5, {"x": ("</text><script>alert(1)</script>", 0.6, 0.01)})
    root = ET.fromstring(ablation_chart(maker.run, study))
    assert not list(root.iter(f"{NAMESPACE}script"))
    assert any("<script>" in (element.text or "") for element in root.iter(f"{NAMESPACE}text"))


def test_the_report_is_three_files(whole_run: Run, tmp_path: Path) -> None:
    study = first_study(whole_run)
    write_ablation_report(whole_run, study, tmp_path / "ablations" / "01")
    assert sorted(path.name for path in (tmp_path / "ablations" / "01").iterdir()) == ["chart.svg", "report.json", "report.md"]
    assert json.loads((tmp_path / "ablations" / "01" / "report.json").read_text()) == ablation_json(whole_run, study)


def test_the_bars_are_as_long_as_the_deltas(whole_run: Run) -> None:
    study = first_study(whole_run)
    body = {cells[0]: cells[4] for cells in table_cells(ablation_markdown(whole_run, study), "block")}
    assert body["features"] == "█" * 12  # 0.182, the largest
    assert body["model"] == "█"  # 0.0075
    assert body["blend"] == "░"  # better without it


def test_the_written_page_shows_the_chart_beside_it(whole_run: Run, tmp_path: Path) -> None:
    write_ablation_report(whole_run, first_study(whole_run), tmp_path)
    assert "](chart.svg)" in (tmp_path / "report.md").read_text()
    assert "chart.svg" not in ablation_markdown(whole_run, first_study(whole_run))
