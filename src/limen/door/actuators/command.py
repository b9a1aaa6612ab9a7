"""A door opened by a program on this machine.

No shell, no inherited environment: the program gets the decision, the door and the moment after which it must not open
any more, and is killed with all its children at that moment. Anything but exit code 0 is a fault.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from datetime import UTC

from limen.core.door import OpenOrder
from limen.core.errors import ActuatorError
from limen.core.ports import Clock
from limen.door.actuators.options import CommandOptions, Place

__all__ = ["Command"]

_ADVICE = "try the program by hand as the user that limen runs as; the door stays shut"


class Command:
    """Implements `Actuator`."""

    def __init__(self, options: CommandOptions, *, place: Place, clock: Clock) -> None:
        self._argv = options.argv
        self._place = place
        self._clock = clock

    def open(self, order: OpenOrder) -> None:
        """Run the program and wait for it, until the order is late.

        Raises:
            ActuatorError: it cannot be run, failed, or took too long and was killed.
        """
        name = self._argv[0]
        patience = (order.not_after - self._clock.now()).total_seconds()
        try:
            process = subprocess.Popen(  # noqa: S603  the administrator's own program; no shell reads the arguments
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=self._environment(order),
                start_new_session=True,
            )
        except OSError as error:
            raise ActuatorError(f"{name}: cannot be run ({error.strerror})", advice=_ADVICE) from error
        try:
            code = process.wait(timeout=patience)
        except subprocess.TimeoutExpired as error:
            raise ActuatorError(f"{name}: took too long to open the door and was stopped", advice=_ADVICE) from error
        finally:
            _end(process)
        if code != 0:
            raise ActuatorError(f"{name}: ended with code {code}", advice=_ADVICE)

    def close(self) -> None:
        """Nothing is held between two orders."""

    def _environment(self, order: OpenOrder) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "LIMEN_DECISION_ID": order.decision_id,
            "LIMEN_DOOR": order.door,
            "LIMEN_NOT_AFTER": order.not_after.astimezone(UTC).isoformat(),
            "LIMEN_SITE": self._place.site,
        }


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the program and of its children, and take its exit code."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
