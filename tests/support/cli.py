"""The command line, run inside the test: fast, and its answer is a value.

How to use: ``answer = limen("people", "list", data=folder)``; then ``answer.code``, ``.document`` and ``.err``.
"""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limen.cli.main import run

__all__ = ["Answer", "limen", "two_operators"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Exit code and what was written."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def limen(*arguments: str | Path, data: Path | None = None, json_wanted: bool = True) -> Answer:
    """Run one command."""
    words = [str(word) for word in arguments]
    words += [] if data is None else ["--data", str(data)]
    words += ["--json"] if json_wanted else []
    out, err = io.StringIO(), io.StringIO()
    code: object = None
    with redirect_stdout(out), redirect_stderr(err):
        try:
            run(words)
        except SystemExit as end:
            code = end.code
    return Answer(code=code if isinstance(code, int) else 0, out=out.getvalue(), err=err.getvalue())


def two_operators(data: Path) -> list[str]:
    """The options that carry the codes of two new operators, who are the first of their folder."""
    codes = [limen("site", "operator", "add", data=data).document["code"] for _ in range(2)]
    return [word for code in codes for word in ("--operator-code", code)]
