"""The policies by name. Each file of this package registers its own; so does a file of the user's that `--policy` names by its path."""

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from journal import Record, Settings
from policies.protocol import Policy

P = TypeVar("P", bound=Record)


class PolicyError(ValueError):
    """There is no such policy, or it cannot take what it is given."""


@dataclass(frozen=True)
class Entry:
    """A policy that can be chosen: how it is made, and the parameters it has unless others are given."""

    make: Callable[[Settings, Any], Policy]
    parameters: Record
    module: str


_ENTRIES: dict[str, Entry] = {}


def register(name: str, make: Callable[[Settings, P], Policy], parameters: P) -> None:
    """Make a policy known: `register("greedy", Greedy, GreedyParameters())`. A preset is the same policy by another name.

    Raises:
        PolicyError: another file has this name already.
    """
    module = sys._getframe(1).f_globals["__name__"]
    if name in _ENTRIES and _ENTRIES[name].module != module:
        raise PolicyError(f"policy {name!r} is registered twice, by {_ENTRIES[name].module} and by {module} — choose another name")
    _ENTRIES[name] = Entry(make, parameters, module)


def policy_names() -> tuple[str, ...]:
    """What `--policy` takes, besides the path of a file."""
    _load_package()
    return tuple(sorted(name for name, entry in _ENTRIES.items() if entry.module.startswith("policies.")))


def make_policy(settings: Settings) -> Policy:
    """The policy that the settings name, with `policy_options` over its own parameters.

    Raises:
        PolicyError: there is no such policy, the file cannot be used, or an option is unknown or out of bounds.
    """
    entry = _find(settings.policy)
    return entry.make(settings, _with_options(settings.policy, entry.parameters, settings.policy_options))


def policy_parameters(name: str) -> Record:
    """The parameters that a policy has unless others are given; raises as `make_policy` does."""
    return _find(name).parameters


def _find(name: str) -> Entry:
    if name.endswith(".py"):
        return _from_file(Path(name))
    _load_package()
    if name not in _ENTRIES:
        raise PolicyError(f"--policy: {name!r} is no policy — choose from: {', '.join(policy_names())}, or give the path of a .py file")
    return _ENTRIES[name]


def _with_options(name: str, parameters: Record, options: tuple[str, ...]) -> Record:
    """Options are `name=value`; the parameters' own model checks them."""
    values: dict[str, Any] = parameters.model_dump()
    known = ", ".join(values) or "none"
    for option in options:
        key, equals, value = option.partition("=")
        if not equals or key not in values:
            raise PolicyError(f"--policy-option: {option!r} is no option of {name!r} — write name=value; its options are: {known}")
        values[key] = value
    try:
        return type(parameters).model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        raise PolicyError(f"--policy-option: {first['loc'][0]}={first['input']} — {first['msg'][0].lower()}{first['msg'][1:]}") from error


def _load_package() -> None:
    """Import every file of the package: each registers what it has."""
    package = importlib.import_module("policies")
    for module in pkgutil.iter_modules(package.__path__, "policies."):
        importlib.import_module(module.name)


def _from_file(path: Path) -> Entry:
    """The last policy that the file registers."""
    module = f"mlestar_policy_{sha256(str(path.resolve()).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(module, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise PolicyError(f"--policy: there is no file {str(path)!r} — give a Python file that calls policies.register")
    loaded = sys.modules[module] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(loaded)
    except Exception as error:
        raise PolicyError(f"--policy: {str(path)!r} cannot be loaded: {type(error).__name__}: {error} — mend the file") from error
    found = [entry for entry in _ENTRIES.values() if entry.module == module]
    if not found:
        raise PolicyError(f"--policy: {str(path)!r} registers no policy — end it with `register(name, make, parameters)`")
    return found[-1]
