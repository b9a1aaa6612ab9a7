"""Other processes: Python scripts that share the tests' support code and talk by lines.

How to use: ``run(script, folder)`` for a child that runs to its end, ``start(script, folder)`` for one that is talked
to. A script finds the folder in ``FOLDER`` and may import ``support``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

__all__ = ["run", "start"]

_TESTS = Path(__file__).parent.parent


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a child to its end."""
    return subprocess.run(_command(script, folder), capture_output=True, text=True, check=False)


def start(script: str, folder: Path) -> subprocess.Popen[str]:
    """Start a child with pipes to and from it."""
    return subprocess.Popen(_command(script, folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _command(script: str, folder: Path) -> list[str]:
    head = (
        f"import sys\nsys.path.insert(0, {str(_TESTS)!r})\nfrom pathlib import Path\nFOLDER = Path({str(folder)!r})\n"
    )
    return [sys.executable, "-c", head + script]
