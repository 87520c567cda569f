"""A program that fetches one model from Hugging Face into a folder: `python hub_client.py ORGANISATION/NAME CACHE`.

A process of its own, so that it can be ended at any moment; it ends with whoever holds its standard input open. What went wrong is the last
line of its standard error, with exit status 1. It runs nothing of what it fetches.
"""

import glob
import os
import shutil
import sys
import threading
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

MOST_BYTES = 10 * 2**30
"""Of one model: a card may name anything."""
LEFT_FREE = 2 * 2**30
"""Bytes on the disk that are not used up."""
OTHER_FORMATS = (".h5", ".msgpack", ".ot", ".onnx", ".onnx_data", ".gguf", ".tflite", ".mlmodel", ".tar", ".zip")
OTHER_FOLDERS = ("onnx", "openvino", "coreml", "tf", "flax")
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
INSTALL = "pip install 'mlestar[weights]'"


def main(name: str, cache: str) -> None:
    """Fetch what a PyTorch script loads of the model.

    Raises:
        SystemExit: it cannot be had; why.
    """
    threading.Thread(target=end_with_parent, daemon=True).start()
    try:
        from huggingface_hub import HfApi, snapshot_download
    except ImportError:
        sys.exit(f"huggingface_hub is not installed: {INSTALL}")
    try:
        sizes = {file.rfilename: file.size or 0 for file in HfApi().model_info(name, files_metadata=True).siblings or ()}
        wanted = chosen(sizes)
        check_size(sum(sizes[path] for path in wanted), Path(cache))
        snapshot_download(name, cache_dir=cache, allow_patterns=[glob.escape(path) for path in wanted])
    except Exception as error:
        sys.exit(f"{type(error).__name__}: {' '.join(str(error).split())}")


def chosen(sizes: Mapping[str, int]) -> list[str]:
    """The files that PyTorch's libraries read: no other framework's, and no pickles beside safetensors in the same folder."""
    safe = {PurePosixPath(path).parent for path in sizes if path.endswith(".safetensors")}
    return [path for path in sizes if _is_wanted(PurePosixPath(path), safe)]


def _is_wanted(path: PurePosixPath, safe: set[PurePosixPath]) -> bool:
    if path.suffix in OTHER_FORMATS or path.parts[0] in OTHER_FOLDERS or path.name == ".gitattributes":
        return False
    return path.suffix not in PICKLES or path.parent not in safe


def check_size(size: int, cache: Path) -> None:
    """Raises OSError where it is too much, or would fill the disk."""
    place = next(folder for folder in (cache.absolute(), *cache.absolute().parents) if folder.is_dir())
    free = max(0, shutil.disk_usage(place).free - LEFT_FREE)
    for most, why in ((MOST_BYTES, "at most are fetched"), (free, "are free on the disk")):
        if size > most:
            raise OSError(f"it has {size / 2**30:.1f} GiB, {most / 2**30:.1f} GiB {why}")


def end_with_parent() -> None:
    """End this process when standard input is closed."""
    while os.read(sys.stdin.fileno(), 1 << 16):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
