import pytest

from journal import Status
from sandbox import Limits
from sandbox.verdict import Ending, bounded, explain, judge

LIBRARY = """epoch 1
Traceback (most recent call last):
  File "solution.py", line 9, in <module>
    main()
  File "solution.py", line 5, in main
    model.fit(x, y)
  File "/usr/lib/python3/site-packages/sklearn/base.py", line 100, in fit
    raise ValueError(
    ^^^^^^^^^^^^^^^^^
ValueError: Input X contains NaN.
Estimators refuse it.
"""


def ending(reason: str = "ended", returncode: int | None = 1, log: str = "", machine: bool = False) -> Ending:
    return Ending(reason, returncode, 1.0, 2**20, log, machine)


def test_the_deepest_own_line_and_the_whole_message_explain_a_crash() -> None:
    assert explain(LIBRARY) == (
        '  File "solution.py", line 5, in main\n    model.fit(x, y)\nValueError: Input X contains NaN.\nEstimators refuse it.'
    )


def test_of_chained_exceptions_the_last_explains() -> None:
    chained = LIBRARY + (
        "\nDuring handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n  File \"solution.py\", line 11, in <module>\n    x = y\nNameError: name 'y' is not defined\n"
    )
    assert explain(chained) == "  File \"solution.py\", line 11, in <module>\n    x = y\nNameError: name 'y' is not defined"


def test_without_an_own_line_the_last_frame_explains() -> None:
    assert explain(LIBRARY.replace("solution.py", "other.py")).startswith(
        '  File "/usr/lib/python3/site-packages/sklearn/base.py", line 100'
    )


def test_without_a_traceback_the_last_lines_explain() -> None:
    assert explain("\n".join(map(str, range(100)))) == "\n".join(map(str, range(80, 100)))
    assert explain("") == ""


@pytest.mark.parametrize(
    ("how", "status"),
    [
        (ending(returncode=0), Status.OK),
        (ending(returncode=0, log="MemoryError"), Status.OK),
        (ending(log=LIBRARY), Status.CRASHED),
        (ending(log=LIBRARY.replace("ValueError", "MemoryError")), Status.OUT_OF_MEMORY),
        (ending(log=LIBRARY.replace("ValueError", "numpy._core._exceptions._ArrayMemoryError")), Status.OUT_OF_MEMORY),
        (ending(log=LIBRARY.replace("ValueError", "torch.OutOfMemoryError")), Status.OUT_OF_MEMORY),
        (ending(log=LIBRARY.replace("model.fit(x, y)", "raise MemoryError")), Status.CRASHED),
        (ending(returncode=-6, log="terminate called after throwing an instance of 'std::bad_alloc'"), Status.OUT_OF_MEMORY),
        (ending(returncode=-6), Status.CRASHED),
        (ending(returncode=-11), Status.CRASHED),
        (ending(returncode=-25), Status.CRASHED),
        (ending(returncode=-9), Status.KILLED),
        (ending(returncode=-15), Status.KILLED),
        (ending(returncode=-9, machine=True), Status.OUT_OF_MEMORY),
        (ending(reason="vanished", returncode=None), Status.KILLED),
        (ending(reason="time", returncode=0), Status.TIMED_OUT),
        (ending(reason="memory", returncode=-9), Status.OUT_OF_MEMORY),
    ],
)
def test_the_status_follows_from_how_it_ended(how: Ending, status: Status) -> None:
    found, why = judge(how, Limits())
    assert found is status
    assert bool(why) == (status is not Status.OK)


def test_a_bounded_text_keeps_both_ends() -> None:
    assert bounded("a" * 50 + "b" * 50, 20) == "a" * 8 + "\n…\n" + "b" * 8
    assert bounded("short", 20) == "short"
