import asyncio

import pytest

from evaluation import Slots


async def hold(slots: Slots, name: str, order: list[str], priority: tuple[int, ...] = ()) -> None:
    async with slots.take(priority):
        order.append(name)
        await asyncio.sleep(0.01)


async def test_who_waits_is_served_by_priority_and_then_by_arrival() -> None:
    slots, order = Slots(1), list[str]()
    names = [("first", (9,)), ("late", (2, 1)), ("early", (1, 5)), ("also late", (2, 1))]
    await asyncio.gather(*(hold(slots, name, order, priority) for name, priority in names))
    assert order == ["first", "early", "late", "also late"]


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


async def test_each_place_has_its_gpu() -> None:
    slots = Slots(2, gpus=["0", "1"])
    async with slots.take() as one, slots.take() as other:
        assert {one, other} == {"0", "1"}
