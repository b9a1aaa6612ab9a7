"""What the models of the API have in common, and how a request is answered once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from limen.core.accounts import GivenAnswer
from limen.core.errors import LimenError
from limen.core.people import SubjectId
from limen.web.problems import ProblemError
from limen.web.security.roles import Caller, Role, caller_of
from limen.web.service import Service

__all__ = ["ID", "DoorName", "Limit", "Model", "Once", "Served", "Text", "answered_once", "own"]

_KEPT = timedelta(days=1)

ID = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,3}-[0-9a-f]{20}$")]
"""An id as limen makes them, for instance ``s-3f9c0b6a1d2e4f5a6b7c``."""

DoorName = Annotated[str, StringConstraints(pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$")]
"""The name of a door in limen.toml."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""A few words."""

Limit = Annotated[int, Field(ge=1, le=200, description="How many at most.")]


def _service(request: Request) -> Service:
    served: Service = request.app.state.service
    return served


Served = Annotated[Service, Depends(_service)]
"""The service that is asked."""


class Model(BaseModel):
    """A request or an answer: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def own(caller: Caller, subject_id: str) -> SubjectId:
    """Whom a request is about; a subject asks about nobody else.

    Raises:
        ProblemError: 404, told as if there were nobody.
    """
    if Role.SUBJECT in caller.roles and caller.caller_id != subject_id:
        raise ProblemError.not_found("This person")
    return SubjectId(subject_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """Answers a change once, whatever the network does.

    With an ``Idempotency-Key`` the answer is kept for a day: the same request again gets it again and changes nothing,
    another request with that key is refused. A change that failed is not kept and may be tried again. One whose process
    died in the midst stays in doubt, and says so.

    Attributes:
        service: that is asked.
        key: over caller, path and idempotency key; None without one.
    """

    service: Service
    key: str | None

    def __call__(
        self,
        do: Callable[[], BaseModel],
        *,
        asked: bytes = b"",
        status: int = 201,
        holder: str = "",
        secret: bool = False,
    ) -> Response:
        """Do it, or tell what was answered.

        Args:
            do: the change.
            asked: what was sent.
            status: HTTP, when it is done.
            holder: the subject the answer tells of, with whom it ends.
            secret: whether the answer carries what its receiver alone may have; then its body is not kept.

        Raises:
            ProblemError: 409, the key was used for something else, or is in doubt.
        """
        if self.key is None:
            return _answer(do().model_dump_json(), status)
        digest = sha256(asked).hexdigest()
        kept = self._begun(self.key, digest)
        if kept is not None:
            return _kept_answer(kept, digest)
        try:
            body = do().model_dump_json()
        except (LimenError, ProblemError):
            self._forget(self.key)
            raise
        self._keep(self._item(self.key, digest, status=status, body="" if secret else body, holder=holder))
        return _answer(body, status)

    def _begun(self, key: str, digest: str) -> GivenAnswer | None:
        """The answer that was kept, or None: then this request is noted as the first."""
        with self.service.site.store.begin() as unit:
            unit.service.answers.prune(at=self.service.clock.now())
            kept = unit.service.answers.get(key)
            if kept is None:
                unit.service.answers.put(self._item(key, digest, status=0))
            unit.commit()
        return kept

    def _keep(self, item: GivenAnswer) -> None:
        with self.service.site.store.begin() as unit:
            unit.service.answers.put(item)
            unit.commit()

    def _forget(self, key: str) -> None:
        with self.service.site.store.begin() as unit:
            unit.service.answers.remove(key)
            unit.commit()

    def _item(self, key: str, digest: str, *, status: int, body: str = "", holder: str = "") -> GivenAnswer:
        ends = self.service.clock.now() + _KEPT
        return GivenAnswer(key=key, asked=digest, status=status, body=body, holder=holder, ends_at=ends)


async def _once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=100,
            pattern=r"^[!-~]+$",
            description="A random text for one change: asked again with it, the change is not made again.",
        ),
    ] = None,
) -> Once:
    service: Service = request.app.state.service
    if idempotency_key is None:
        return Once(service=service, key=None)
    caller = await caller_of(request)
    who = "" if caller is None else caller.caller_id
    whole = f"{who}\n{request.method}\n{request.url.path}\n{idempotency_key}"
    return Once(service=service, key=sha256(whole.encode()).hexdigest())


answered_once: Any = Depends(_once)
"""For a change: ``once: Annotated[Once, answered_once]``."""


def _answer(body: str, status: int) -> Response:
    return Response(body, status_code=status, media_type="application/json")


def _kept_answer(kept: GivenAnswer, digest: str) -> Response:
    if kept.asked != digest:
        raise ProblemError(
            409, "key_reused", title="This idempotency key was used for another request", advice="make a new key"
        )
    if kept.status == 0:
        raise ProblemError(
            409,
            "in_doubt",
            title="This change is at work, or its process ended in the midst",
            advice="look, then decide",
        )
    if not kept.body:
        raise ProblemError(
            409,
            "answered_already",
            title="This was done, and its answer is not told twice",
            advice="look at the result",
        )
    answer = _answer(kept.body, kept.status)
    answer.headers["Idempotent-Replay"] = "true"
    return answer
