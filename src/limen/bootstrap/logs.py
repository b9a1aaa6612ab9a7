"""The log: static events with data beside them, for people at a terminal and as JSON lines elsewhere.

Pixels, embeddings, templates and keys cannot get in: whatever is an array or bytes, however deep, is refused. Names and
ids of people are not given to it by anybody (docs/adr/0016); a test feeds it everything a door has.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import structlog
from structlog.typing import EventDict, WrappedLogger

__all__ = ["configure_logging", "refuse_arrays"]


def configure_logging(*, json: bool | None = None) -> None:
    """Send the log to standard error.

    Args:
        json: one JSON document a line; None decides by whether standard error is a terminal.
    """
    as_json = not sys.stderr.isatty() if json is None else json
    renderer: Any = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            refuse_arrays,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def refuse_arrays(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put the name of its type in place of whatever could be pixels, an embedding or a key."""
    return {str(key): _told(value) for key, value in event.items()}


def _told(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview | np.ndarray | np.generic):
        return f"<{type(value).__name__}>"
    if isinstance(value, Mapping):
        return {str(key): _told(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset):
        return [_told(item) for item in value]
    return f"<{type(value).__name__}>"
