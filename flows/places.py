"""Where things lie on this machine."""

import os
from pathlib import Path

from platformdirs import user_cache_path


def cache_folder() -> Path:
    """Where views and results are kept between runs: MLESTAR_CACHE, else the user's cache folder."""
    return Path(os.environ.get("MLESTAR_CACHE") or user_cache_path("mlestar"))
