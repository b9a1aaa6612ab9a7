"""The sessions that people, pre-commit and CI all call; they use the environment `make` has made."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "layers", "docs", "tests"]


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    session.run("python", "-m", "ruff", "check", ".")
    session.run("python", "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict."""
    session.run("python", "-m", "mypy")


@nox.session
def layers(session: nox.Session) -> None:
    """import-linter: the rooms and who may enter which."""
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """The reference says what the code does."""
    session.run("python", "docs/generate.py", "--check")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on all cores, with branch coverage."""
    session.run("python", "-m", "pytest", "-n", "auto", "--cov", "--cov-report", "term:skip-covered", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Speed on this machine."""
    session.run("limen", "bench", "pipeline", *session.posargs)
    session.run("limen", "bench", "search")
