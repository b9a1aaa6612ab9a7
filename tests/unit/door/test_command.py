"""A door opened by a program: no shell, no inherited environment, no later than the order holds."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import ActuatorError
from limen.door.actuators.command import Command
from limen.door.actuators.options import CommandOptions
from support.clock import FakeClock
from support.gates import PLACE, order


def _program(folder: Path, text: str) -> str:
    path = folder / "open.sh"
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o700)
    return str(path)


def _command(*argv: str, clock: FakeClock) -> Command:
    return Command(CommandOptions(argv=argv), place=PLACE, clock=clock)


def test_a_program_is_told_the_decision_and_when_it_is_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing else of the environment: no secret of limen's reaches it, and no number of a person."""
    monkeypatch.setenv("LIMEN_SECRET", "whsec_x")
    clock = FakeClock()
    program = _program(tmp_path, f"env > {tmp_path}/seen")
    _command(program, clock=clock).open(order("d-1", at=clock.now()))
    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text("utf-8").splitlines())
    seen = {name: value for name, value in seen.items() if name not in ("PWD", "SHLVL", "_", "OLDPWD")}
    assert seen == {
        "PATH": os.defpath,
        "LIMEN_DECISION_ID": "d-1",
        "LIMEN_DOOR": "front",
        "LIMEN_NOT_AFTER": "2026-11-22T12:00:02+00:00",
        "LIMEN_SITE": "hq",
    }


def test_arguments_are_read_by_no_shell(tmp_path: Path) -> None:
    """What looks like a command in an argument stays an argument."""
    clock = FakeClock()
    program = _program(tmp_path, f'printf "%s" "$1" > {tmp_path}/seen')
    _command(program, f"; touch {tmp_path}/bad $(id)", clock=clock).open(order("d-1", at=clock.now()))
    assert (tmp_path / "seen").read_text("utf-8") == f"; touch {tmp_path}/bad $(id)"
    assert not (tmp_path / "bad").exists()


def test_a_program_that_fails_is_a_fault(tmp_path: Path) -> None:
    """Its exit code is told."""
    clock = FakeClock()
    with pytest.raises(ActuatorError, match=r"open\.sh: ended with code 3"):
        _command(_program(tmp_path, "exit 3"), clock=clock).open(order("d-1", at=clock.now()))


def test_a_program_that_hangs_is_killed_with_its_children_when_the_order_is_late(tmp_path: Path) -> None:
    """What it left running cannot open the door later."""
    clock = FakeClock()
    pipe = _Pipe(tmp_path)
    program = _program(tmp_path, f"exec 3> {pipe.path}; (sleep 60; echo late >&3) & sleep 60")
    given = order("d-1", at=clock.now())
    clock.advance(timedelta(seconds=1))
    with pytest.raises(ActuatorError, match="took too long to open the door and was stopped"):
        _command(program, clock=clock).open(given)
    assert pipe.rest() == b""


def test_a_child_that_outlives_the_program_is_killed(tmp_path: Path) -> None:
    """The program is done, its child is not."""
    clock = FakeClock()
    pipe = _Pipe(tmp_path)
    program = _program(tmp_path, f"exec 3> {pipe.path}; (sleep 60; echo late >&3) &")
    _command(program, clock=clock).open(order("d-1", at=clock.now()))
    assert pipe.rest() == b""


class _Pipe:
    """A pipe that ends when every process that writes to it has ended."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "pipe"
        os.mkfifo(self.path)
        self._end = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)

    def rest(self) -> bytes:
        """What comes until then."""
        os.set_blocking(self._end, True)
        with os.fdopen(self._end, "rb") as pipe:
            return pipe.read()


@pytest.mark.parametrize("what", ["missing", "not executable", "a folder"])
def test_a_program_that_cannot_be_run_is_a_fault(tmp_path: Path, what: str) -> None:
    """Missing, not executable, or a folder."""
    path = tmp_path / "program"
    if what == "a folder":
        path.mkdir()
    elif what == "not executable":
        path.write_text("#!/bin/sh\n", "utf-8")
    clock = FakeClock()
    with pytest.raises(ActuatorError, match="program: cannot be run"):
        _command(str(path), clock=clock).open(order("d-1", at=clock.now()))
