import json
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from journal import Finished, ModelCard, Operator, Retrieved, Run, Solution, Started, Status, Studied, open_run
from reports import report_html, scores_table, write_report

VOID = {"meta", "link", "br", "img", "hr", "input"}
HOSTILE = "<script>alert('x')</script> \" onmouseover=\"alert(1) {{ 7 * 7 }} | \x1b[31m </details></section>"


class Page(HTMLParser):
    """Reads a page strictly: every element closed in order. Keeps tags, attributes, ids and visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]

    def links(self) -> list[str]:
        return [attributes.get("href") or "" for tag, attributes in self.tags if tag == "a"]


def test_the_answer_stands_before_everything_else(whole_run: Run) -> None:
    text = Page(report_html(whole_run)).text
    head = text[: text.index("Progress")]
    for part in ("0.32620", "+18.9 %", "0.40110", "search complete", "22", "18 valid, 4 failed", "weighted mean", "features"):
        assert part in head


def test_every_candidate_has_one_section_with_its_score_and_folds(whole_run: Run) -> None:
    html = report_html(whole_run)
    page = Page(html)
    for row in scores_table(whole_run):
        assert page.ids.count(f"c{row['candidate']}") == 1
        section = html.split(f'id="c{row["candidate"]}"')[1].split("</details>")[0]
        if row["score"] is None:
            assert row["status"].replace("_", " ") in section
        else:
            assert f"<b>{row['score']:#.5g}</b>" in section
            assert section.count("220 MiB") == 4  # three folds and the largest


def test_the_study_shows_the_journals_numbers_and_what_the_refinement_gained(whole_run: Run) -> None:
    text = Page(report_html(whole_run)).text
    assert "+0.182 ± 0.021 94.1 %" in text
    assert "After 2 attempts the best is candidate 1009: 0.33400, better by 0.057." in text


def test_the_ensemble_shows_members_weights_and_the_gain_over_the_best_single(whole_run: Run) -> None:
    text = Page(report_html(whole_run)).text
    section = text[text.index("Members are combined") : text.index("Each stands below")]
    assert "The best single candidate is 1009" in section
    assert "m1009 0.62 m2009 0.38" in section
    assert "0.32620 +0.0078" in section


@pytest.mark.parametrize("content", ["[1, 2]", "{", '{"m1": "heavy"}', "\xff"])
def test_a_script_may_write_any_nonsense_as_weights(whole_run: Run, content: str) -> None:
    (whole_run.candidate_folder(2) / "weights.json").write_bytes(content.encode("latin-1"))
    assert "heavy" not in report_html(whole_run)


def test_only_the_changed_blocks_are_shown_against_the_parent(whole_run: Run) -> None:
    section = report_html(whole_run).split('id="c1009"')[1].split("</details>")[0]
    assert "What changed against 1005" in section
    assert "<ins>    part[&#34;weekday&#34;] = moment.dt.dayofweek\n</ins>" in section
    assert "<del>prediction = (first + second) / 2\n</del>" in section
    assert "LGBMRegressor" not in section


def test_the_way_to_the_answer_is_marked(whole_run: Run) -> None:
    html = report_html(whole_run)
    marked = {int(number) for number in re.findall(r'<li class="path">\s*<details class="candidate" id="c(\d+)"', html)}
    assert marked == {2, 1009, 1005, 1001, 1002, 2009, 2005, 2001, 2002}


def test_errors_are_counted_by_kind(whole_run: Run) -> None:
    text = Page(report_html(whole_run)).text
    section = text[text.index("Errors by kind") :]
    assert "KeyError crashed 2 2 1003 KeyError: 'tempp'" in section
    assert "timed out timed out 2 0 1010 stopped after 600 s" in section


def test_every_point_of_the_timeline_leads_to_a_section(whole_run: Run) -> None:
    html = report_html(whole_run)
    page = Page(html)
    points = re.findall(r'<a href="#(c\d+)"><path aria-label="([^"]*)"', html)
    assert len(points) == len(whole_run.tree().nodes)
    assert {link for link, _ in points} <= set(page.ids)
    label = dict(points)["c1009"]
    assert "day of the week: 0.33400" in label
    assert "Add the day of the week" in label


def test_every_link_leads_somewhere_in_the_page(whole_run: Run) -> None:
    page = Page(report_html(whole_run))
    assert page.links()
    assert {link.removeprefix("#") for link in page.links()} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_nothing_is_loaded_from_anywhere(whole_run: Run) -> None:
    html = report_html(whole_run)
    loads = re.findall(r"""(?:src|href|action|data|poster)\s*=\s*["']?\s*(?:https?:)?//|@import|url\(|\bimport\s*\(|fetch\(""", html)
    assert loads == []
    assert "default-src 'none'" in html
    assert not {"link", "img", "iframe", "object", "embed"} & {tag for tag, _ in Page(html).tags}


def table_rows(html: str, label: str) -> list[list[str]]:
    """Cells of the table's body in the region with a label, tags taken out."""
    region = html.split(f'aria-label="{label}"')[1].split("</table>", maxsplit=1)[0].split("<tbody>")[1]
    rows = (re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in region.split("</tr>")[:-1])
    return [[" ".join(unescape(re.sub("<[^>]*>", "", cell)).split()) for cell in row] for row in rows]


def number(cell: str) -> float | None:
    return None if cell == "—" else float(cell.split(" ± ", maxsplit=1)[0].replace("−", "-").replace("+", "").removesuffix(" s"))


def close(value: float | None, digits: int) -> object:
    return value if value is None else pytest.approx(value, rel=0.6 * 10 ** (1 - digits), abs=1e-12)


def test_every_number_in_the_tables_is_the_journals(whole_run: Run) -> None:
    """Recomputed from the lines of the journal's file, without the package."""
    entries = [json.loads(line)["entry"] for line in (whole_run.folder / "journal.jsonl").read_text().splitlines()]
    made = {each["number"]: each for entry in entries if entry["kind"] == "proposed" for each in entry["candidates"]}
    evaluated = {entry["candidate"]: entry["evaluation"] for entry in entries if entry["kind"] == "evaluated"}
    scores = {candidate: evaluation["score"] for candidate, evaluation in evaluated.items()}
    html = report_html(whole_run)

    def gain(candidate: int) -> float | None:
        parents = [scores[parent] for parent in made[candidate]["parents"] if scores[parent] is not None]
        return min(parents) - scores[candidate] if parents and scores[candidate] is not None else None

    for label in ("Plans by gain", "Table of the candidates on the way"):
        rows = table_rows(html, label)
        assert len(rows) >= 4
        for cells in rows:
            candidate = int(cells[1 if label.startswith("Table") else 0].split()[0])
            assert number(cells[3]) == close(scores[candidate], 5)
            assert number(cells[4]) == close(gain(candidate), 3)
    for study in (entry["study"] for entry in entries if entry["kind"] == "studied"):
        rows = table_rows(html, f"Table of study {study['number']}")
        recorded = {row["block"]: row for row in study["rows"]}
        assert len(rows) == len(recorded)
        for block, _, score, delta, share, seconds, _ in rows:
            row = recorded[block]
            assert number(score) == close(row["score"], 5)
            assert number(delta) == close(row["delta"], 3)
            assert float(delta.split(" ± ")[1]) == close(row["standard_error"], 2)
            assert float(share.removesuffix(" %")) / 100 == pytest.approx(row["share"], abs=6e-4)
            assert number(seconds) == close(row["seconds"], 2)
    best = min(score for candidate, score in scores.items() if score is not None and made[candidate]["operator"] != "ensemble")
    for cells in table_rows(html, "Ensemble proposals"):
        candidate = int(cells[0].split()[0])
        assert (number(cells[3]), number(cells[4])) == (close(scores[candidate], 5), close(best - scores[candidate], 3))
    for candidate, evaluation in evaluated.items():
        folds = html.split(f'id="c{candidate}"')[1].split('class="folds"')[1].split("</table>")[0].split("<tbody>")[1]
        cells = re.findall(r'<td class="number">(.*?)</td>', folds)
        assert [number(cell) for cell in cells[0::3]] == [close(fold["score"], 5) for fold in evaluation["folds"]]
        assert [number(cell) for cell in cells[1::3]] == [close(fold["seconds"], 2) for fold in evaluation["folds"]]


def test_the_end_of_a_log_is_shown(whole_run: Run) -> None:
    log = whole_run.candidate_folder(1009) / "search-0" / "log.txt"
    log.parent.mkdir()
    log.write_text("first\n" * 2000 + "the last words\n")
    text = Page(report_html(whole_run)).text
    assert "the last words" in text
    assert text.count("first ") < 400


def test_headings_do_not_skip_a_level_and_tables_name_their_columns(whole_run: Run) -> None:
    page = Page(report_html(whole_run))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")


def hostile_run(new_run: Callable) -> Run:
    maker = new_run(competition=HOSTILE)
    solution = Solution.parse(f"# %% {HOSTILE}\nx = 1")
    card = ModelCard(name=HOSTILE, family=HOSTILE, why=HOSTILE, code="", source="javascript:alert(1)")
    maker.run.append(Retrieved(cards=((card,),)))
    base = maker.candidate(Operator.DRAFT, HOSTILE, 0.5, plan=HOSTILE, solution=solution, block=HOSTILE)
    broken = maker.candidate(Operator.DRAFT, HOSTILE, None, status=Status.CRASHED, error=HOSTILE)
    maker.candidate(Operator.DEBUG, HOSTILE, 0.6, parents=(broken,), plan=HOSTILE)
    log = maker.run.candidate_folder(base) / "search-0" / "log.txt"
    log.parent.mkdir()
    log.write_text(HOSTILE)
    study = maker.study(1, base, 0.5, {"x": (HOSTILE, 0.6, 0.01)}, target="x", plan=HOSTILE, summary=HOSTILE)
    maker.run.append(Studied(study=study.model_copy(update={"number": 2, "target": HOSTILE, "action": "1.0009"})))
    maker.candidate(Operator.REFINE, HOSTILE, 0.4, parents=(base,), plan=HOSTILE, block=HOSTILE, step=1, solution=solution)
    ensemble = maker.candidate(Operator.ENSEMBLE, HOSTILE, 0.3, track=0, parents=(base,), plan=HOSTILE)
    (maker.run.candidate_folder(ensemble) / "weights.json").write_text(json.dumps({HOSTILE: 1}))
    maker.run.append(Finished(chosen=ensemble, score=0.3, first_score=0.5, reason=HOSTILE))
    return maker.run


def test_hostile_text_is_shown_as_text_everywhere(new_run: Callable, whole_run_tags: set[str]) -> None:
    html = report_html(hostile_run(new_run))
    page = Page(html)
    assert "<script>alert" not in html
    assert html.count("<script") == 1
    assert "\x1b" not in html
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.text.count("<script>alert('x')</script>") >= 30
    assert "{{ 7 * 7 }}" in page.text
    assert {tag for tag, _ in page.tags} <= whole_run_tags | {"p", "del"}


@pytest.fixture
def whole_run_tags(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Elements that a harmless page is made of."""
    source = "\n".join(path.read_text() for path in (Path(__file__).parents[2] / "reports" / "templates").glob("*.j2"))
    drawing = {"svg", "g", "path", "line", "text", "a", "rect", "defs", "clippath"}
    return {tag.lower() for tag in re.findall(r"<([a-zA-Z][a-z0-9]*)", source)} | drawing


def test_an_empty_run_has_a_page(new_run: Callable) -> None:
    text = Page(report_html(new_run().run)).text
    assert "The run is still going on" in text
    assert "No candidate has been made yet." in text


def test_a_run_that_no_process_holds_was_interrupted(new_run: Callable) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "LightGBM", 0.5)
    assert "The run is still going on" in report_html(open_run(maker.run.folder))
    maker.run.close()
    text = Page(report_html(open_run(maker.run.folder))).text
    assert "The run was interrupted before its end" in text
    assert "Best so far 0.50000" in text


def test_a_run_taken_up_again_is_not_finished(whole_run: Run) -> None:
    whole_run.open_for_writing()
    whole_run.append(Started(settings=whole_run.info.settings, resumed=True))
    text = Page(report_html(whole_run)).text
    assert "The run is still going on" in text
    assert "Test score" not in text


def test_a_run_without_a_valid_solution_says_so_on_top(new_run: Callable) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "a", None, status=Status.OUT_OF_MEMORY, error="more than 8 GiB")
    maker.run.append(Finished(chosen=None, score=None, reason="time"))
    text = Page(report_html(maker.run)).text
    assert "The run ended without a valid solution: time." in text[: text.index("Candidates")]
    assert "out of memory" in text


def test_what_was_stopped_early_is_not_called_failed(new_run: Callable) -> None:
    maker = new_run()
    maker.candidate(Operator.DRAFT, "a", 0.4)
    maker.candidate(Operator.DRAFT, "b", 0.7, raced=True)
    html = report_html(maker.run)
    legend = set(re.findall(r"<text[^>]*>(draft|failed|stopped early)</text>", html))
    assert legend == {"draft", "stopped early"}
    assert "1 valid, 0 failed, 1 stopped early" in Page(html).text


def test_a_missing_script_is_said_and_stops_nothing(whole_run: Run) -> None:
    (whole_run.candidate_folder(1005) / "solution.py").unlink()
    assert "no longer in the run folder" in report_html(whole_run)


def test_a_long_line_of_descent_stays_readable(new_run: Callable) -> None:
    maker = new_run()
    parent = maker.candidate(Operator.DRAFT, "0", 1.0)
    for step in range(60):
        parent = maker.candidate(Operator.IMPROVE, str(step), 0.9 - step / 100, parents=(parent,))
    page = Page(report_html(maker.run))
    assert len([name for name in page.ids if re.fullmatch(r"c\d+", name)]) == 61


def test_two_hundred_candidates_with_long_scripts_stay_under_three_megabytes(new_run: Callable, tmp_path: Path) -> None:
    maker = new_run()
    parents: tuple[int, ...] = ()
    for number in range(200):
        cells = "\n".join(
            f"# %% block {block}\n" + "\n".join(f'value_{block}_{line} = "<&{number}>"' for line in range(40)) for block in range(6)
        )
        solution = Solution.parse(cells)
        made = maker.candidate(
            Operator.IMPROVE, f"<{number}>" * 20, 1 - number / 1000, parents=parents, plan="<&" * 1500, solution=solution, error="<&" * 2000
        )
        parents = (made,) if number % 5 else ()
    path = tmp_path / "report.html"
    write_report(maker.run, path)
    assert 200_000 < path.stat().st_size < 3_000_000
