"""The Mermaid picture of a study on Prefect's pages."""

from flows.picture import ablation_picture
from journal import Run
from reports import ablation_json


def test_every_variant_and_every_refinement_is_in_the_picture(whole_run: Run) -> None:
    study = whole_run.tree().studies[0]
    report = ablation_json(whole_run, study)
    picture = ablation_picture(whole_run, study)
    assert picture.startswith("```mermaid\nflowchart LR\n")
    assert picture.count(" -->|") == len(report["rows"]) > 0
    assert picture.count(" ==> ") == len(report["trials"]) > 0
    assert f"{report['rows'][0]['delta']:+.3g} ± " in picture


def test_words_of_others_do_not_end_a_node(whole_run: Run) -> None:
    study = whole_run.tree().studies[0]
    row = study.rows[0].model_copy(update={"title": 'x"] --> y["<script>```'})
    picture = ablation_picture(whole_run, study.model_copy(update={"rows": (row,)}))
    assert "<script>" not in picture
    assert picture.count("```") == 2
    assert picture.count('["') == picture.count('"]') == 2 + len(ablation_json(whole_run, study)["trials"]) * (row.block == study.target)
