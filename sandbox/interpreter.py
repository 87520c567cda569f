"""The Python that candidates run on: what identifies it, and the environment variables that a script sees."""

import hashlib
import os
import subprocess
from pathlib import Path

from sandbox import weights
from sandbox.runner import InfrastructureError, Job

MARKER = "MLESTAR_JOB"
"""The variable that marks the processes of a job, each job's with a value of its own."""

DESCRIBE = """
import importlib.metadata, platform
print(platform.python_implementation(), platform.python_version(), platform.system(), platform.machine())
print("\\n".join(sorted({f"{d.name}=={d.version}" for d in importlib.metadata.distributions()})))
"""
_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "POLARS_MAX_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "PYTHON_CPU_COUNT",
)
INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""Where some installations have their CUDA and BLAS; no place for secrets."""


def digest(python: Path) -> str:
    """SHA-256 over the interpreter's version, the platform, and the installed distributions with their versions, hexadecimal.

    Raises:
        InfrastructureError: the interpreter is missing or broken.
    """
    try:
        described = subprocess.run([str(python), "-I", "-c", DESCRIBE], capture_output=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        detail = getattr(error, "stderr", None) or b""
        raise InfrastructureError(
            f"{python} is no working Python interpreter: {error} {detail.decode(errors='replace')[-500:]}".rstrip()
        ) from error
    return digest_of(described.stdout)


def digest_of(described: bytes) -> str:
    """The same from what DESCRIBE printed."""
    return hashlib.sha256(described).hexdigest()


def variables(job: Job, python: Path, home: Path, temporary: Path, marker: str, pretrained: Path = weights.PLACE) -> dict[str, str]:
    """The whole environment of a job, built from nothing: whatever secrets this process has, the script has none of them.

    `pretrained`: where the script finds pretrained weights.
    """
    threads = str(job.threads)
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return inherited | {
        MARKER: marker,
        "PATH": f"{python.parent}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(home),
        "TMPDIR": str(temporary),
        "JOBLIB_TEMP_FOLDER": str(temporary),  # else in /dev/shm, where a killed job would leave it
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "MPLBACKEND": "Agg",
        "PYTHONHASHSEED": str(job.seed % 2**32),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "CUDA_VISIBLE_DEVICES": job.gpu or "",
        **dict.fromkeys(_THREADS, threads),
        **weights.variables(pretrained),
        **(_gpu_share(job.gpu_share) if job.gpu and job.gpu_share < 1 else {}),
    }


def _gpu_share(share: float) -> dict[str, str]:
    """What makes libraries keep to a share of the GPU's memory; a script that means to take more can."""
    return {"PYTORCH_ALLOC_CONF": f"per_process_memory_fraction:{share:.2f}", "XLA_PYTHON_CLIENT_MEM_FRACTION": f"{share:.2f}"}
