from hypothesis import given
from hypothesis import strategies as st

from sandbox.boundedlog import BoundedLog


def test_a_short_log_is_kept_whole() -> None:
    log = BoundedLog(10)
    log.write(b"01234")
    log.write(b"56789")
    assert log.text() == "0123456789"


def test_of_a_long_log_both_ends_are_kept_and_the_rest_is_counted() -> None:
    log = BoundedLog(10)
    for number in range(10_000):
        log.write(b"%d," % number)
    assert log.text() == "0,1,2\n… 48,880 bytes left out …\n9999,"


def test_a_character_cut_by_the_bound_is_replaced() -> None:
    log = BoundedLog(6)
    log.write("aaü…………".encode())
    assert log.text().startswith("aa�\n… ")


@given(st.lists(st.binary(max_size=40)), st.integers(0, 60))
def test_how_it_was_cut_into_pieces_changes_nothing(pieces: list[bytes], limit: int) -> None:
    whole, parts = BoundedLog(limit), BoundedLog(limit)
    whole.write(b"".join(pieces))
    for piece in pieces:
        parts.write(piece)
    assert parts.text() == whole.text()
