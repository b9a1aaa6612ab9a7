"""What can go wrong, split by who must act.

LimenError
    ConfigError        the administrator: a setting or an argument that cannot be used
    CaptureError       whoever holds the camera or the picture: not an image, too large, no camera
    ModelError         the administrator: model file missing, altered or not understood
    StorageError       the administrator: store unreadable, locked, full, made by a newer version, wrong key
    LedgerError        the data-protection officer: the audit chain or an agreement does not hold
    ActuatorError      the installer: relay, broker or gate
    RefusedError       the person asking: a rule of limen says no, and nothing is broken

No face, low quality, no match and no agreement at a door are Decisions, not errors. Misuse by our own code is
ValueError, TypeError or RuntimeError.
"""

from __future__ import annotations

__all__ = [
    "ActuatorError",
    "CaptureError",
    "ConfigError",
    "LedgerError",
    "LimenError",
    "ModelError",
    "RefusedError",
    "StorageError",
]


class LimenError(Exception):
    """Something a person can act on.

    Args:
        message: what happened and where, one line.
        advice: what to do next, one line.
    """

    code = "limen"

    def __init__(self, message: str, *, advice: str) -> None:
        super().__init__(message)
        self._advice = advice

    def advice(self) -> str:
        """What to do next, for the operator."""
        return self._advice


class ConfigError(LimenError):
    """A setting or an argument cannot be used.

    Args:
        message: what happened and where, one line.
        advice: what to do next, one line.
        mistakes: each by itself, where there may be several.
    """

    code = "config"

    def __init__(self, message: str, *, advice: str, mistakes: tuple[str, ...] = ()) -> None:
        super().__init__(message, advice=advice)
        self.mistakes = mistakes


class CaptureError(LimenError):
    """A picture or camera gives no usable frame."""

    code = "capture"


class ModelError(LimenError):
    """A model file is missing, altered or not understood."""

    code = "model"


class StorageError(LimenError):
    """The store or its key cannot be used; nothing was changed."""

    code = "storage"


class LedgerError(LimenError):
    """The audit chain or an agreement record does not hold."""

    code = "ledger"


class ActuatorError(LimenError):
    """A relay, broker or gate does not answer."""

    code = "actuator"


class RefusedError(LimenError):
    """A rule of limen refuses the request; nothing is broken and nothing was changed."""

    code = "refused"

    def __init__(self, message: str, *, advice: str, reason: str) -> None:
        super().__init__(message, advice=advice)
        self.reason = reason
