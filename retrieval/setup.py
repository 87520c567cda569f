"""The first cell of a recipe or an ensemble strategy: what this competition's names are, as constants."""

from pprint import pformat

from competitions.brief import Brief

WIDTH = 110


def setup_cell(brief: Brief, seed: int = 0, **further: object) -> str:
    """Source of the cell `setup`: the constants that the catalogue's blocks refer to; `further` ones are added by name."""
    constants: dict[str, object] = {
        "TRAIN_FILE": brief.train_file,
        "TEST_FILE": brief.test_file,
        "SAMPLE_FILE": brief.sample_file,
        "ID_COLUMNS": list(brief.id_columns),
        "TARGET": brief.target,
        "PREDICTION_COLUMNS": list(brief.prediction_columns),
        "TASK": brief.task,
        "METRIC": brief.metric,
        "PREDICTION": brief.prediction,
        "CLASSES": list(brief.classes),
        "POSITIVE_CLASS": brief.positive_class,
        "SEED": seed,
    } | further
    return "\n".join(f"{name} = {pformat(value, width=WIDTH, compact=True)}" for name, value in constants.items())
