import pytest

from mlestar.durations import parse_duration
from mlestar.errors import UserError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("3m", 180),
        ("1h30m", 5400),
        ("+30m", 1800),
        ("45", 45),
        ("1.5h", 5400),
        ("2d", 172_800),
        ("1h 5m 2s", 3902),
        ("3M", 180),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "0s", "three minutes", "-3m", "3m1h", "3 moons", "1e3s", "nan", "h"])
def test_what_is_no_duration_is_said_with_the_option_the_value_and_the_remedy(text: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_duration(text, "--script-time")
    message = str(caught.value)
    assert message.startswith("--script-time: ") and repr(text) in message and "1h30m" in message
