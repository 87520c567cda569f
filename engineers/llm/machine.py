"""The machine that scripts run on, as prompts describe it."""

import importlib.metadata
import os
import shutil
import subprocess
from dataclasses import dataclass

USEFUL = (
    "numpy", "pandas", "polars", "pyarrow", "scipy", "scikit-learn", "statsmodels", "lightgbm", "xgboost", "xgboost-cpu", "catboost",
    "imbalanced-learn", "category-encoders", "optuna", "umap-learn", "numba", "networkx", "torch", "torchvision", "torchaudio", "timm",
    "transformers", "sentence-transformers", "tokenizers", "accelerate", "pytorch-lightning", "tensorflow", "keras", "jax", "nltk",
    "spacy", "gensim", "pillow", "opencv-python", "opencv-python-headless", "scikit-image", "albumentations", "librosa", "soundfile",
    "pytorch-tabnet", "tabpfn", "rdkit",
)  # fmt: skip
"""Distributions that a script may want."""
GPU_SECONDS = 10.0
GPU_QUERY = ("--query-gpu=name,memory.total", "--format=csv,noheader")


@dataclass(frozen=True)
class Machine:
    """What a script finds where it runs."""

    hardware: str
    packages: tuple[str, ...]
    """'name version'."""
    weights: tuple[str, ...] = ()
    """Pretrained weights that can be loaded without a network."""


def this_machine(threads: int) -> Machine:
    """This machine, of which a script has so many threads."""
    return Machine(f"CPU: {threads} {'thread' if threads == 1 else 'threads'} for a script. GPU: {_gpu()}.", _packages())


def _packages() -> tuple[str, ...]:
    found = []
    for name in USEFUL:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return tuple(found)


def _gpu() -> str:
    """The first GPU's name and memory; 'none'."""
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "" or (tool := shutil.which("nvidia-smi")) is None:
        return "none"
    try:
        answer = subprocess.run(
            [tool, *GPU_QUERY],
            capture_output=True,
            text=True,
            timeout=GPU_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "none"
    return next(iter(answer.stdout.strip().splitlines()), "none")
