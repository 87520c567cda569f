"""Kaggle through its official client, the command `kaggle`: getting a competition's files, sending a submission."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from mlestar.errors import UserError

PREFIX = "kaggle:"
CREDENTIALS = ("access_token", "kaggle.json", "credentials.json")
"""Below the client's folder: a token, a legacy key, what `kaggle auth login` leaves."""
HOW = "https://www.kaggle.com/settings/api: set KAGGLE_API_TOKEN, or save the token as ~/.kaggle/access_token"


def download(name: str, folder: Path) -> Path:
    """Get all files of a competition, unpacked, as `folder`; whole or not at all.

    Raises:
        UserError: no client, no credentials, the folder is there already, or the client could not do it.
    """
    if folder.exists():
        raise UserError(f"--output: {str(folder)!r} is there already — choose another folder")
    client = _client()
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent))
    try:
        said = _ask(client, "download", name, "-p", str(partial), "-q")
        bundle = partial / f"{name}.zip"
        if bundle.is_file():
            with zipfile.ZipFile(bundle) as archive:
                archive.extractall(partial)
            bundle.unlink()
        if not any(partial.iterdir()):
            raise UserError(f"kaggle: nothing was downloaded for {name!r}: {said} — accept the rules on the competition's page first")
        partial.chmod(0o755)
        return partial.rename(folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise UserError(f"kaggle: {name}: the download cannot be unpacked: {error} — try again") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def submit(name: str, submission: Path, message: str) -> str:
    """Send a submission; what the client says of it.

    Raises:
        UserError: no client, no credentials, or the client could not do it.
    """
    return _ask(_client(), "submit", name, "-f", str(submission), "-m", message)


def check_client() -> None:
    """Whether there are a client and credentials.

    Raises:
        UserError: there are not.
    """
    _client()


def _client() -> str:
    beside = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    client = shutil.which("kaggle", path=beside)
    if client is None:
        raise UserError("kaggle: the official client is not installed — pip install 'mlestar[kaggle]', or kaggle alone")
    if not _has_credentials():
        raise UserError(f"kaggle: there are no credentials — make a token on {HOW}")
    return client


def _has_credentials() -> bool:
    """Where the client looks; it is for the client to say whether they are any good."""
    if os.environ.get("KAGGLE_API_TOKEN") or (os.environ.get("KAGGLE_USERNAME") and os.environ.get("KAGGLE_KEY")):
        return True
    settings = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "kaggle"
    given = os.environ.get("KAGGLE_CONFIG_DIR")
    folders = [Path(given)] if given else [Path.home() / ".kaggle", settings]
    return any((folder / name).is_file() for folder in folders for name in CREDENTIALS)


def _ask(client: str, action: str, name: str, *options: str) -> str:
    """The last line of what the client says."""
    command = [client, "competitions", action, name, *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
    said = lines[-1] if lines else "nothing was said"
    if done.returncode != 0:
        raise UserError(
            f"kaggle: {action} {name!r}: {said} — see whether the name is right, and whether you have accepted the competition's rules"
        )
    return said
