"""The documented schemas are those of the code. `python tests/reports/test_schemas.py` writes them anew."""

import json
from pathlib import Path

import pytest

from journal import Record
from reports import AblationReport, DataProfile, Summary

DOCS = Path(__file__).parents[2] / "docs"
SCHEMAS: dict[str, type[Record]] = {"ablation": AblationReport, "data": DataProfile, "summary": Summary}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_documented_schema_is_the_codes(name: str) -> None:
    assert json.loads((DOCS / f"{name}.schema.json").read_text()) == SCHEMAS[name].model_json_schema()


if __name__ == "__main__":
    for name, model in SCHEMAS.items():
        (DOCS / f"{name}.schema.json").write_text(json.dumps(model.model_json_schema(), indent=1) + "\n")
