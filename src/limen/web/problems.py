"""Errors as answers: RFC 9457 problems for programs, a page for people; nothing internal leaks in either.

    LimenError       who must act             status
    RefusedError     the person asking        409, with its reason
    CaptureError     who holds the camera     422
    ConfigError      who asked                422
    LedgerError      the officer              409
    ActuatorError    the installer            503
    ModelError, StorageError  the administrator  503

A problem's ``code`` is stable and listed in docs/reference/problems.md; its ``advice`` says what to do next. Sentences
of errors that the administrator must act on name files and are told to nobody but the log.

Source: RFC 9457.
"""

from __future__ import annotations

from pydantic import BaseModel, Field

from limen.core.errors import (
    ActuatorError,
    CaptureError,
    ConfigError,
    LedgerError,
    LimenError,
    RefusedError,
)

__all__ = ["MEDIA_TYPE", "Problem", "ProblemError", "problem_of"]

MEDIA_TYPE = "application/problem+json"
_STATUS = ((RefusedError, 409), (CaptureError, 422), (ConfigError, 422), (LedgerError, 409), (ActuatorError, 503))
_TOLD = (RefusedError, CaptureError, ConfigError, LedgerError)


class Mistake(BaseModel):
    """One thing that is wrong in what was sent."""

    place: str = Field(description="Where, for instance `body.zone.near_m`.")
    message: str = Field(description="What is wrong there.")


class Problem(BaseModel):
    """An answer that says no (RFC 9457)."""

    type: str = Field(description="`about:blank`; the code tells problems apart.", default="about:blank")
    title: str = Field(description="What happened, one sentence.")
    status: int = Field(description="The HTTP status.")
    code: str = Field(description="Stable, for programs.")
    advice: str = Field(description="What to do next.", default="")
    reasons: list[str] = Field(description="Reason codes, most telling first.", default=[])
    mistakes: list[Mistake] = Field(description="Everything that is wrong, all at once.", default=[])


class ProblemError(Exception):
    """A request that cannot be answered as asked.

    Args:
        status: HTTP.
        code: stable.
        title: one sentence.
        advice: what to do next.
        reasons: codes.
        mistakes: (place, message), all of them.
        headers: to be sent along.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        title: str,
        advice: str = "",
        reasons: tuple[str, ...] = (),
        mistakes: tuple[tuple[str, str], ...] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.headers = headers or {}
        self.problem = Problem(
            title=title,
            status=status,
            code=code,
            advice=advice,
            reasons=list(reasons),
            mistakes=[Mistake(place=place, message=message) for place, message in mistakes],
        )

    @classmethod
    def signed_out(cls) -> ProblemError:
        """Nobody is signed in, or the token does not hold."""
        return cls(
            401,
            "signed_out",
            title="Nobody is signed in",
            advice="sign in, or send a token that still holds",
            headers={"WWW-Authenticate": "Bearer"},
        )

    @classmethod
    def forbidden(cls) -> ProblemError:
        """The caller has no role that may do this."""
        return cls(403, "forbidden", title="Your role does not allow this", advice="ask an administrator")

    @classmethod
    def not_found(cls, what: str = "This") -> ProblemError:
        """There is no such thing."""
        return cls(404, "not_found", title=f"{what} does not exist here", advice="check the address")


def problem_of(error: LimenError) -> ProblemError:
    """A `LimenError` as an answer; what only the administrator can act on is not told outside."""
    status = next((number for kind, number in _STATUS if isinstance(error, kind)), 503)
    reasons = (error.reason,) if isinstance(error, RefusedError) else ()
    if not isinstance(error, _TOLD):
        title, advice = "This cannot be done at the moment", "tell the administrator; the log says more"
        return ProblemError(status, error.code, title=title, advice=advice)
    return ProblemError(status, error.code, title=str(error), advice=error.advice(), reasons=reasons)
