"""A peer's process, and what every step of the benchmark needs to start one."""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from peer_environments import Environment
from peer_list import Peer

from limen.settings import Settings

__all__ = ["Setting", "Worker", "rotated"]

Item = TypeVar("Item")


class Worker:
    """A peer's process.

    Args:
        environment: where it runs.
    """

    def __init__(self, environment: Environment) -> None:
        script = Path(__file__).with_name("peer_worker.py")
        # -E: PYTHONPATH is this repository's, and would reach into the peer's environment.
        self._process = subprocess.Popen(
            [str(environment.python), "-E", "-s", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.__exit__(None, None, None)  # closes stdin, at whose end the worker stops, and waits

    def ask(self, do: str, told: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """One question, one answer.

        Raises:
            RuntimeError: the peer has died; what it said is on stderr.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **(told or {})}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"a peer died of {do!r}; see above")
        answer: dict[str, Any] = json.loads(line)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What every step needs.

    Attributes:
        settings: of limen.
        arguments: of the command line.
        folder: for pictures and answers; gone after the run.
        environments: by name of the peer.
        models: the folded graphs, for peers that bring none.
    """

    settings: Settings
    arguments: argparse.Namespace
    folder: Path
    environments: dict[str, Environment]
    models: dict[str, str]

    def start(self, stack: ExitStack, peer: Peer) -> Worker:
        """A loaded worker that ends with ``stack``."""
        worker = stack.enter_context(Worker(self.environments[peer.name]))
        worker.ask("load", {"name": peer.name, "models": self.models})
        return worker


def rotated(items: list[Item], turn: int) -> list[Item]:
    """Whose turn it is first changes with every turn, so that nobody is always run after the same other."""
    start = turn % len(items)
    return items[start:] + items[:start]
