import subprocess
import sys
from importlib import import_module

import pytest

import mlestar


def test_importing_mlestar_loads_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import mlestar; print(sorted({name.split('.')[0] for name in {*sys.modules} - before}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.strip("[]\n").replace("'", "").split(", "))
    assert {name for name in loaded if name not in sys.stdlib_module_names} == {"mlestar"}


@pytest.mark.parametrize("name", mlestar.__all__)
def test_every_public_name_is_there(name: str) -> None:
    module = next(module for module, names in mlestar._HOME.items() if name in names)
    assert getattr(mlestar, name) is getattr(import_module(module), name)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        mlestar.nothing  # noqa: B018
