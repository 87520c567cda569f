"""A flow's process whose reader is gone, as when its worker was killed."""

import subprocess
import sys
from pathlib import Path

from tests.flows.processes import ROOT

FLOW = """
import sys
from prefect.logging import get_logger
from prefect.logging.configuration import setup_logging
from flows.process import prepare_process
setup_logging()
prepare_process()
sys.stdin.read()
for number in range(3):
    get_logger("mlestar").warning("line %d", number)
print("printed", flush=True)
open(sys.argv[1], "w").write("done")
"""


def test_it_goes_on_when_nobody_reads_its_output_any_more(tmp_path: Path, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", FLOW, str(tmp_path / "end")]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    process.stdout.close()
    process.stderr.close()
    process.stdin.close()
    assert process.wait(60) == 0
    assert (tmp_path / "end").read_text() == "done"
