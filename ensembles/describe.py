"""What a stacking view looks like to those who write for it."""

from collections.abc import Sequence

from competitions import Brief


def stack_description(target: str, prefixes: Sequence[str], classes: Sequence[str]) -> str:
    """What the columns of a stacking view are, one paragraph."""
    named = ", ".join(f"`{prefix}`" for prefix in prefixes)
    columns = (
        f"for each class a column `<member>__<class>` (such as `{prefixes[0]}__{classes[0]}`) with the probability that the member gives "
        "it, or 0 and 1 where the member gave labels only"
        if classes
        else "one column with the value that the member predicts"
    )
    return (
        f"Each row is a row of the original competition, and its features are what {len(prefixes)} models ({named}) predicted for it "
        f"without having seen its label: {columns}. The task is to combine them into one prediction of `{target}`; "
        "the metric and the form of the submission are the original's.\n"
    )


def stacking_brief(brief: Brief, prefixes: Sequence[str]) -> Brief:
    """The brief of the stacking view over members with these prefixes, as an engineer sees it; `columns` is empty, the description
    says what they are."""
    files = {"train_file": "train.csv", "test_file": "test.csv", "sample_file": "sample_submission.csv", "shared_files": ()}
    described = {"columns": (), "train_only": (), "image_shape": None}
    return brief.model_copy(update={**files, **described, "description": stack_description(brief.target, prefixes, brief.classes)})
