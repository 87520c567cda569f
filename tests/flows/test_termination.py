"""SIGTERM that strikes where the exception of its handler gets lost; the handler is one like Prefect's."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from flows.termination import ended_by_sigterm


class Terminated(BaseException):
    """As Prefect's TerminationSignal is."""


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    def terminate(number: int, frame: FrameType | None) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


def strike() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def in_a_callback() -> None:
    asyncio.get_running_loop().call_soon(strike)


def in_a_task_that_nobody_awaits() -> None:
    async def forgotten() -> None:
        strike()

    in_a_callback.kept = asyncio.ensure_future(forgotten())  # type: ignore[attr-defined]


async def work(how: Callable[[], None], cleaned: list[str]) -> None:
    try:
        with ended_by_sigterm():
            how()
            await asyncio.sleep(20)
    finally:
        await asyncio.sleep(1)  # longer than the grace: cleaning up is not cancelled
        cleaned.append("cleaned up")


@pytest.mark.parametrize("how", [in_a_callback, in_a_task_that_nobody_awaits])
async def test_the_task_is_cancelled_and_cleans_up(how: Callable[[], None]) -> None:
    cleaned: list[str] = []
    task = asyncio.ensure_future(work(how, cleaned))
    await asyncio.wait({task}, timeout=10)
    assert task.cancelled()
    assert cleaned == ["cleaned up"]


async def test_what_arrives_by_itself_is_not_cancelled_too() -> None:
    cleaned: list[str] = []
    task = asyncio.ensure_future(work(strike, cleaned))
    await asyncio.wait({task}, timeout=10)
    assert isinstance(task.exception(), Terminated)
    assert cleaned == ["cleaned up"]


async def test_other_signals_and_the_time_after_are_none_of_its_business() -> None:
    before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
    with ended_by_sigterm():
        os.kill(os.getpid(), signal.SIGUSR1)
        await asyncio.sleep(1)
    signal.signal(signal.SIGUSR1, before)
    assert signal.set_wakeup_fd(-1) == -1


async def test_in_another_thread_it_does_nothing() -> None:
    async def inside() -> str:
        with ended_by_sigterm():
            return threading.current_thread().name

    assert await asyncio.to_thread(asyncio.run, inside()) != "MainThread"
    assert signal.set_wakeup_fd(-1) == -1
