"""What people may do on their own page: a copy, agree anew, a new picture, this was not me, stop and delete.

Rule kept: each asks for itself and for nobody else; what cannot be undone is asked twice and answered with a receipt.
"""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from limen.bootstrap.self_service import SelfService
from limen.core.errors import RefusedError
from limen.core.people import Subject, TemplateKind
from limen.web.pages.render import language_of, page, words_of
from limen.web.pages.self.asked import MyPicture, MyPictures, at_kiosk, body_of, picture_of
from limen.web.pages.self.join import in_text, looked_document
from limen.web.pages.self.mine import PART, day, own_data
from limen.web.pages.self.words_of_text import blocks_of
from limen.web.security.roles import Caller, Role, needs
from limen.web.service import Service

__all__ = ["router"]

Me = Annotated[Caller, needs(Role.SUBJECT)]


def router(service: Service, alone: SelfService) -> APIRouter:
    """The routes."""
    routes, pages = APIRouter(), _Rights(service, alone)
    routes.get("/my/export")(pages.ask_export)
    routes.post("/my/export")(pages.export)
    routes.get("/my/renew")(pages.ask_renew)
    routes.post("/my/renew")(pages.renew)
    routes.get("/my/picture")(pages.ask_picture)
    routes.post("/my/picture/look")(pages.look)
    routes.post("/my/picture")(pages.picture)
    routes.get("/my/not-me")(pages.ask_not_me)
    routes.post("/my/not-me")(pages.not_me)
    routes.get("/my/stop")(pages.ask_stop)
    routes.post("/my/stop")(pages.stop)
    return routes


class _Rights:
    """What each route answers."""

    def __init__(self, service: Service, alone: SelfService) -> None:
        self._service = service
        self._alone = alone

    def ask_export(self, request: Request, caller: Me) -> Response:
        """The form of the one-time code."""
        self._subject(caller)
        return page(request, "self/export.html", wrong=False)

    def export(self, request: Request, caller: Me, code: Annotated[str, Form(max_length=60)] = "") -> Response:
        """A copy of everything, released by the person's one-time code."""
        subject = self._subject(caller)
        try:
            copy = self._alone.copy_of(subject.subject_id, code=code)
        except RefusedError:
            return page(request, "self/export.html", status=409, wrong=True)
        headers = {"Content-Disposition": 'attachment; filename="my-data.zip"'}
        return Response(copy, media_type="application/zip", headers=headers)

    def ask_renew(self, request: Request, caller: Me) -> Response:
        """The text, to be read again."""
        return self._renewal(request, self._subject(caller))

    def renew(
        self,
        request: Request,
        caller: Me,
        *,
        signature: Annotated[str, Form(max_length=200)] = "",
        adult: Annotated[bool, Form()] = False,
        agreed: Annotated[bool, Form()] = False,
    ) -> Response:
        """Somebody agrees anew."""
        subject = self._subject(caller)
        if not (adult and agreed and signature.strip()):
            return self._renewal(request, subject, status=409)
        agreement = self._alone.renew(subject, language=language_of(request), signature=signature)
        done = words_of(PART, language_of(request))("renewed", until=day(agreement.expires_at))
        return page(
            request, "self/said.html", title="renew_title", said=done, pass_too=subject.kind is TemplateKind.PASS
        )

    async def ask_picture(self, request: Request, caller: Me) -> Response:
        """The camera again."""
        subject = await run_in_threadpool(self._subject, caller)
        kiosk = await at_kiosk(self._service, request)
        asks = self._alone.asks_for_picture(subject, kiosk=kiosk)
        return await run_in_threadpool(
            lambda: page(request, "self/picture.html", camera=True, kind=subject.kind.value, asks=asks)
        )

    async def look(self, request: Request, caller: Me) -> Response:
        """What one frame shows, as a key for words."""
        self._service.requests.ask(caller.caller_id)
        asked = await body_of(request, MyPicture)
        kiosk = await at_kiosk(self._service, request)

        def looked() -> dict[str, object]:
            self._subject(caller)
            return looked_document(self._alone, self._alone.frame(picture_of(asked.picture), kiosk=kiosk))

        return JSONResponse(await run_in_threadpool(looked))

    async def picture(self, request: Request, caller: Me) -> Response:
        """New templates, or a new pass."""
        self._service.tries.ask(caller.caller_id)
        asked = await body_of(request, MyPictures)
        kiosk = await at_kiosk(self._service, request)

        def taken() -> dict[str, object]:
            subject = self._subject(caller)
            frames = [self._alone.frame(picture_of(item), kiosk=kiosk) for item in asked.pictures]
            if subject.kind is not TemplateKind.PASS:
                self._alone.capture_again(subject, frames)
                return {}
            issued = self._alone.pass_again(picture_of(asked.old_pass), frames, subject=subject)
            terms = issued.record.terms
            files = self._alone.card(
                issued.code,
                kind=TemplateKind.PASS,
                holder=terms.pass_id,
                valid_until=terms.valid_until,
                language=language_of(request),
            )
            return {"png": in_text(files.png), "pdf": in_text(files.pdf), "valid_until": terms.valid_until.isoformat()}

        return JSONResponse(await run_in_threadpool(taken))

    def ask_not_me(self, request: Request, caller: Me) -> Response:
        """What to report."""
        self._subject(caller)
        return page(request, "self/not_me.html")

    def not_me(self, request: Request, caller: Me, note: Annotated[str, Form(max_length=200)] = "") -> Response:
        """Freeze my face until the desk has looked."""
        subject, words = self._subject(caller), words_of(PART, language_of(request))
        said = " ".join(note.split()) or words("not_me_title")
        self._alone.report.not_me(subject.subject_id, event="", note=said, by="self")
        return page(request, "self/said.html", title="not_me_title", said=words("not_me_done"), pass_too=False)

    def ask_stop(self, request: Request, caller: Me) -> Response:
        """Asked twice: this is the second time."""
        self._subject(caller)
        return page(request, "self/stop.html")

    def stop(self, request: Request, caller: Me) -> Response:
        """Stop and delete; the receipt is shown and can be saved."""
        receipt = self._alone.stop(self._subject(caller).subject_id)
        signed = json.dumps(receipt.statement, indent=2, ensure_ascii=False).encode()
        request.state.caller = None
        answer = page(
            request,
            "self/receipt.html",
            receipt=receipt,
            signed=in_text(signed),
            at=day(receipt.at),
        )
        self._service.sessions.end(request, answer)
        return answer

    def _subject(self, caller: Caller) -> Subject:
        return own_data(self._alone, caller).subject

    def _renewal(self, request: Request, subject: Subject, *, status: int = 200) -> Response:
        text = self._alone.text(subject.kind, language_of(request))
        title = text.text.strip().partition("\n")[0]
        return page(
            request,
            "self/renew.html",
            status=status,
            text=text,
            text_title=title,
            blocks=blocks_of(text.text),
            until=day(subject.agreement.expires_at),
        )
