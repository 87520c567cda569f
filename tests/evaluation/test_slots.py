import asyncio

import psutil
import pytest

from evaluation import Slots, available_memory


async def hold(slots: Slots, name: str, order: list[str], priority: tuple[int, ...] = ()) -> None:
    async with slots.take(priority):
        order.append(name)
        await asyncio.sleep(0.01)


async def test_who_waits_is_served_by_priority_and_then_by_arrival() -> None:
    slots, order = Slots(1), list[str]()
    names = [("first", (9,)), ("late", (2, 1)), ("early", (1, 5)), ("also late", (2, 1))]
    await asyncio.gather(*(hold(slots, name, order, priority) for name, priority in names))
    assert order == ["first", "early", "late", "also late"]


async def test_a_group_with_much_to_do_leaves_places_to_another() -> None:
    slots, order = Slots(2), list[str]()

    async def long_one(name: str) -> None:
        async with slots.take((1,), group=1):
            order.append(name)
            await asyncio.sleep(0.1)

    async def short_one(name: str) -> None:
        async with slots.take((2,), group=2):
            order.append(name)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(long_one(f"long {number}") for number in range(4)), *(short_one(f"short {number}") for number in range(3)))
    assert order[:2] == ["long 0", "long 1"], "nobody else was there yet"
    assert order.index("short 2") < order.index("long 3")
    assert order[2] == "short 0"


async def test_a_place_is_kept_for_a_group_that_works_and_has_none_yet() -> None:
    slots, order = Slots(2), list[str]()

    async def evaluation(group: int, prepares: float, runs: float, folds: int) -> None:
        async def fold(number: int) -> None:
            await asyncio.sleep(prepares)
            async with slots.take((group, number), group=group):
                order.append(f"{group}/{number}")
                await asyncio.sleep(runs)

        with slots.working(group):
            await asyncio.gather(*(fold(number) for number in range(folds)))

    async with asyncio.timeout(5):
        await asyncio.gather(evaluation(1, 0.05, 0.01, 3), evaluation(2, 0.0, 0.3, 3))
    assert order == ["2/0", "1/0", "1/1", "1/2", "2/1", "2/2"]


async def test_a_group_without_a_score_has_all_places_until_it_has_one() -> None:
    """But leaves one to every other that has none."""
    slots, order = Slots(2), list[str]()

    async def fold(group: int, number: int) -> None:
        async with slots.take((number,), group=group):
            order.append(f"{group}/{number}")
            await asyncio.sleep(0.01)

    async def evaluation(group: int) -> None:
        with slots.working(group):
            await asyncio.gather(*(fold(group, number) for number in range(3)))
        slots.scored(group)

    slots.scored(2)
    with slots.working(2):
        await asyncio.gather(evaluation(2), evaluation(1))
    assert order == ["2/0", "1/0", "1/1", "1/2", "2/1", "2/2"]
    order.clear()
    await asyncio.gather(evaluation(2), evaluation(1))
    assert order == ["2/0", "1/0", "2/1", "1/1", "2/2", "1/2"]


async def test_a_group_that_holds_nothing_is_never_kept_waiting_for_another() -> None:
    slots = Slots(1)
    with slots.working(1), slots.working(2):
        async with asyncio.timeout(1), slots.take(group=3):
            pass


async def test_a_place_of_one_who_gave_up_waiting_goes_to_the_next() -> None:
    slots, order = Slots(1), list[str]()
    tasks = [asyncio.ensure_future(hold(slots, name, order)) for name in ("a", "b", "c")]
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["a", "c"]
    async with asyncio.timeout(1), slots.take():
        pass


async def test_a_place_given_in_the_moment_of_a_cancellation_is_not_lost() -> None:
    slots = Slots(1)
    async with slots.take():
        waiting = asyncio.ensure_future(hold(slots, "b", []))
        await asyncio.sleep(0)
    waiting.cancel()  # its turn has come, but it has not run yet
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with asyncio.timeout(1), slots.take():
        pass


async def test_what_does_not_fit_in_memory_waits_and_keeps_its_turn() -> None:
    slots, order = Slots(3, memory=100), list[str]()

    async def run(name: str, memory: int, until: asyncio.Event) -> None:
        async with slots.take((), lambda: memory):
            order.append(name)
            await until.wait()

    ends = {name: asyncio.Event() for name in ("60", "50", "10", "40")}
    tasks = [asyncio.ensure_future(run(name, int(name), ends[name])) for name in ends]
    await asyncio.sleep(0.01)
    assert order == ["60"], "10 would fit, but 50 comes first"
    ends["60"].set()
    await asyncio.sleep(0.01)
    assert order == ["60", "50", "10", "40"], "together 100"
    for end in ends.values():
        end.set()
    await asyncio.gather(*tasks)


async def test_one_may_always_run_and_what_is_unknown_is_no_matter() -> None:
    slots = Slots(2, memory=100)
    async with asyncio.timeout(1), slots.take((), lambda: 500):
        waiting = asyncio.ensure_future(hold(slots, "later", order := [], (1,)))
        await asyncio.sleep(0.01)
        assert order == [], "nothing goes beside one that takes more than there is"
    await waiting
    async with asyncio.timeout(1), slots.take(), slots.take():
        pass


async def test_what_is_known_when_the_turn_comes_counts() -> None:
    slots, known, order = Slots(2, memory=100), [10], list[str]()

    async def second() -> None:
        async with slots.take((), lambda: max(known)):
            order.append("second")

    async with slots.take((), lambda: 60):
        async with slots.take((), lambda: 10):
            task = asyncio.ensure_future(second())
            await asyncio.sleep(0)
            known.append(50)  # meanwhile an earlier execution has shown it
        await asyncio.sleep(0.01)
        assert order == []
    await task
    assert order == ["second"]


async def test_one_who_gives_up_waiting_for_memory_holds_nobody_back() -> None:
    slots, order = Slots(3, memory=100), list[str]()
    async with slots.take((), lambda: 60):
        large = asyncio.ensure_future(slots.take((), lambda: 90).__aenter__())
        small = asyncio.ensure_future(hold(slots, "small", order))
        await asyncio.sleep(0.01)
        assert order == []
        large.cancel()
        await small
    assert order == ["small"]


def test_the_memory_of_the_machine_is_what_is_free() -> None:
    assert 0 < available_memory() <= psutil.virtual_memory().total


async def test_each_place_has_its_gpu() -> None:
    slots = Slots(2, gpus=["0", "1"])
    async with slots.take() as one, slots.take() as other:
        assert {one, other} == {"0", "1"}
