"""Problems: every error of limen is one, and every code has its line in the reference."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import limen.web
from limen.core.errors import (
    ActuatorError,
    CaptureError,
    ConfigError,
    LedgerError,
    LimenError,
    ModelError,
    RefusedError,
    StorageError,
)
from limen.web.problems import problem_of

_WEB = Path(limen.web.__file__).parent
_REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "problems.md"


def _codes() -> set[str]:
    """The codes that the service gives to problems of its own."""
    found = set()
    for path in _WEB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"ProblemError", "cls"}
            ):
                code = node.args[1] if len(node.args) > 1 else None
                if isinstance(code, ast.Constant):
                    found.add(str(code.value))
    return found


def test_every_code_of_a_problem_is_in_the_reference() -> None:
    """What a program may get as a code is on the page of problems, and nothing else."""
    lines = _REFERENCE.read_text("utf-8").splitlines()
    told = {line.split("`")[1] for line in lines if line.startswith("| `")}
    assert told == _codes()


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (RefusedError("no", advice="do", reason="name"), 409, True),
        (LedgerError("no", advice="do"), 409, True),
        (CaptureError("no", advice="do"), 422, True),
        (ConfigError("no", advice="do"), 422, True),
        (ActuatorError("/srv/secret: no", advice="do"), 503, False),
        (ModelError("/srv/secret: no", advice="do"), 503, False),
        (StorageError("/srv/secret: no", advice="do"), 503, False),
        (LimenError("/srv/secret: no", advice="do"), 503, False),
    ],
)
def test_an_error_is_told_to_whom_it_helps(error: LimenError, status: int, *, told: bool) -> None:
    """The person asking reads what they can act on; what only the administrator can is told without its words."""
    problem = problem_of(error).problem
    assert (problem.status, problem.code) == (status, error.code)
    assert (str(error) in problem.title) == told
