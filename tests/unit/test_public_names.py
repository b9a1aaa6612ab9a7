"""The public names are found where they are said to be, and what needs a store is loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import limen
import limen.bootstrap


@pytest.mark.parametrize("module", [limen, limen.bootstrap], ids=["limen", "limen.bootstrap"])
def test_every_public_name_is_there(module: ModuleType) -> None:
    """Each name in ``__all__`` can be had, and no other."""
    assert all(getattr(module, name) is not None for name in module.__all__)
    assert not hasattr(module, "nobody")


def test_pictures_are_compared_without_a_store() -> None:
    """Whoever builds a pipeline, and compares pictures with it, does not load the database."""
    asked = "import sys; from limen.bootstrap import build_vision, verifier; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], stdout=subprocess.PIPE, check=True, text=True)
    assert done.stdout.strip() == "False"
