"""A torch candidate on a GPU, through its slot; two slots on one GPU keep to their share of its memory."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from evaluation import MachineSlots, Slots, visible_gpus
from journal import Status
from sandbox import DescribedRunner, ExecutionResult, Job, Limits, best_runner

pytestmark = pytest.mark.slow

TRAIN = """
import torch
assert torch.cuda.device_count() == 1
x = torch.randn(4096, 16, device="cuda")
y = x @ torch.arange(16.0, device="cuda")
model = torch.nn.Linear(16, 1).cuda()
optimiser = torch.optim.Adam(model.parameters(), lr=0.3)
for _ in range(300):
    optimiser.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x)[:, 0], y)
    loss.backward()
    optimiser.step()
print(next(model.parameters()).device.type, loss.item() < 1.0)
"""
TAKE = """
import time, torch
free, total = torch.cuda.mem_get_info()
kept = torch.empty(int(FRACTION * total), dtype=torch.uint8, device="cuda")
time.sleep(3)
print("taken")
"""


@pytest.fixture(scope="module")
def gpu() -> str:
    gpus = visible_gpus()
    if not gpus:
        pytest.skip("there is no NVIDIA GPU here")
    if find_spec("torch") is None:
        pytest.skip("torch is not installed")
    import torch

    if torch.version.cuda is None:
        pytest.skip("this build of torch is without CUDA")
    return gpus[0]


@pytest.fixture(scope="module")
def runner(gpu: str) -> Iterator[DescribedRunner]:
    yield best_runner()


async def execute(runner: DescribedRunner, slots: Slots, folder: Path, code: str, name: str = "one") -> ExecutionResult:
    (folder / "view").mkdir(exist_ok=True)
    async with slots.take() as gpu:
        job = Job(code, folder / "view", folder / name, Limits(seconds=120.0, memory=16 * 2**30), gpu=gpu, gpu_share=slots.gpu_share)
        return await runner.execute(job)


async def test_a_candidate_trains_on_the_gpu_of_its_slot(gpu: str, runner: DescribedRunner, tmp_path: Path) -> None:
    slots = Slots(1, [gpu], MachineSlots(tmp_path / "slots"))
    result = await execute(runner, slots, tmp_path, TRAIN)
    assert (result.status, result.log.split()) == (Status.OK, ["cuda", "True"]), result.log


async def test_two_slots_on_one_gpu_keep_to_their_share(gpu: str, runner: DescribedRunner, tmp_path: Path) -> None:
    slots = Slots(2, [gpu], MachineSlots(tmp_path / "slots"))
    both = await asyncio.gather(*(execute(runner, slots, tmp_path, f"FRACTION = 0.3\n{TAKE}", str(number)) for number in range(2)))
    assert [result.status for result in both] == [Status.OK, Status.OK], [result.log for result in both]
    greedy = await execute(runner, slots, tmp_path, f"FRACTION = 0.7\n{TAKE}")
    assert greedy.status is Status.OUT_OF_MEMORY, greedy.log
    async with AsyncExitStack() as held:  # a third one waits, also where another run holds the places
        for _ in range(2):
            await held.enter_async_context(Slots(2, [gpu], MachineSlots(tmp_path / "slots")).take())
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(execute(runner, slots, tmp_path, TRAIN), 0.5)
