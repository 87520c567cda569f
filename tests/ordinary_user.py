"""Running this test suite's own Python as an ordinary user, wherever root has installed it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
USER = 65534
_AS_USER = """
set -e
keep=/mnt
mount -t tmpfs tmpfs $keep
for place in $PLACES; do
    mkdir -p "$keep$place" && mount --rbind "$place" "$keep$place"
done
# What lies below a folder that only root may enter is shown below an open one; only in here.
for top in $CLOSED; do
    mount -t tmpfs -o mode=755 tmpfs "$top"
done
for place in $PLACES; do
    mkdir -p "$place" && mount --rbind "$keep$place" "$place"
done
chown -R $NUMBER:$NUMBER "$HOME"
cd "$REPOSITORY"
exec setpriv --reuid=$NUMBER --regid=$NUMBER --clear-groups --inh-caps=-all --bounding-set=-all "$@"
"""


def as_ordinary_user(home: Path, *command: str, timeout: float) -> subprocess.CompletedProcess[str]:
    """Run the command as nobody, with a home folder of its own and no capabilities; skips with the reason where that cannot be done."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can run something as another user; an ordinary user runs the tests themselves")
    if shutil.which("setpriv") is None or shutil.which("unshare") is None:
        pytest.skip("util-linux's setpriv and unshare are not installed")
    home.mkdir(parents=True)
    places = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), ROOT, home.resolve()}
    closed = {top for place in places for top in place.parents if top != Path("/") and not top.stat().st_mode & 0o001}
    tops = {top for top in closed if not closed.intersection(top.parents)}
    inside = [place for place in places if tops.intersection(place.parents)]
    variables = {
        "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "NUMBER": str(USER),
        "PLACES": " ".join(map(str, inside)),
        "CLOSED": " ".join(map(str, tops)),
        "REPOSITORY": str(ROOT),
        "MLESTAR_CACHE": str(home / "cache"),
        "MLESTAR_SLOTS": str(home / "slots"),
    }
    words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _AS_USER, "sh", *command]
    return subprocess.run(words, env=variables, capture_output=True, text=True, timeout=timeout, check=False)
