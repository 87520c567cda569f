import pytest

from journal import ModelCard
from nodes import deal
from nodes.context import evaluation_share
from nodes.operators import candidate_number


def card(family: str, name: str = "") -> ModelCard:
    return ModelCard(name=name or family, family=family, why="w", code="x", source="s")


def test_tracks_get_different_families_first_and_then_the_rest_in_turn() -> None:
    first, second = deal([card("boosting", "1"), card("boosting", "2"), card("linear"), card("trees")], tracks=2, models=2)
    assert [each.name for each in first] == ["1", "trees"]
    assert [each.name for each in second] == ["linear", "2"]


def test_where_cards_run_out_tracks_share_but_do_not_begin_alike() -> None:
    hands = deal([card("a"), card("b"), card("c")], tracks=2, models=3)
    assert [[each.name for each in hand] for hand in hands] == [["a", "c"], ["b", "c"]]


def test_more_tracks_than_cards_leave_no_track_without_one() -> None:
    assert all(deal([card("a"), card("b")], tracks=3, models=2))


def test_no_cards_no_hands() -> None:
    assert deal([], tracks=2, models=2) == ((), ())


@pytest.mark.parametrize("total", range(1, 60))
@pytest.mark.parametrize(("tracks", "rounds"), [(1, 5), (2, 5), (3, 0)])
def test_the_shares_of_evaluations_add_up(total: int, tracks: int, rounds: int) -> None:
    shares = [evaluation_share(tracks, rounds, total, track) for track in range(tracks + 1)]
    assert sum(shares) == total
    assert max(shares[1:]) - min(shares[1:]) <= 1


def test_candidate_numbers_never_meet() -> None:
    numbers = [candidate_number(track, position) for track in range(9) for position in range(1, 2500)]
    assert len(numbers) == len(set(numbers))
    assert candidate_number(2, 7) == 2007
