"""The way in for who was invited: read, agree, be photographed, take the pass home.

Rules kept: the code of the invitation never stands in an address that the server sees; a frame is judged only after
its person has agreed, and dropped; a *no* is a page and no record; the pass goes out once and is kept nowhere here.
"""

from __future__ import annotations

import base64
from functools import partial

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from limen.bootstrap.self_service import SelfService
from limen.core.frame import Frame
from limen.core.people import AgreementId, TemplateKind
from limen.flows.join import Joined
from limen.flows.look import Seen
from limen.web.pages.render import language_of, page
from limen.web.pages.self.asked import Agreed, Code, Finished, Pictured, at_kiosk, body_of, picture_of
from limen.web.pages.self.words_of_text import blocks_of
from limen.web.problems import ProblemError
from limen.web.security.limits import address_of
from limen.web.security.roles import PUBLIC
from limen.web.service import Service

__all__ = ["in_text", "looked_document", "router"]


def router(service: Service, alone: SelfService) -> APIRouter:
    """The routes."""
    routes, pages = APIRouter(dependencies=[PUBLIC]), _Join(service, alone)
    routes.get("/join")(pages.join)
    routes.get("/join/no")(pages.no)
    routes.post("/join/invitation")(pages.invitation)
    routes.post("/join/agree")(pages.agree)
    routes.post("/join/look")(pages.look)
    routes.post("/join/finish")(pages.finish)
    return routes


class _Join:
    """What each route answers."""

    def __init__(self, service: Service, alone: SelfService) -> None:
        self._service = service
        self._alone = alone

    def join(self, request: Request) -> Response:
        """The page; who was invited is asked for by its script, from the address's fragment."""
        texts = [self._alone.text(kind, language_of(request)) for kind in (TemplateKind.PASS, TemplateKind.GALLERY)]
        shown = [(text, text.text.strip().partition("\n")[0], blocks_of(text.text)) for text in texts]
        privacy = self._service.site.settings.privacy
        return page(request, "self/join.html", camera=True, texts=shown, privacy=privacy, kinds=list(TemplateKind))

    def no(self, request: Request) -> Response:
        """Somebody says no; nothing is noted."""
        return page(request, "self/no.html", privacy=self._service.site.settings.privacy)

    async def invitation(self, request: Request) -> Response:
        """Who was invited, and to what."""
        self._service.tries.ask(address_of(request))
        asked = await body_of(request, Code)
        invited = await run_in_threadpool(self._alone.links.invited, asked.code)
        kinds = self._alone.offers(kiosk=await at_kiosk(self._service, request))
        return JSONResponse({"name": invited.name, "kinds": [kind.value for kind in kinds]})

    async def agree(self, request: Request) -> Response:
        """An agreement, with what shows it was given; that its giver is an adult is asked and not recorded."""
        self._service.tries.ask(address_of(request))
        asked = await body_of(request, Agreed)
        if not asked.adult:
            raise ProblemError(409, "not_adult", title="limen is for adults", advice="use the other way in")
        self._check_offered(asked.kind, kiosk=await at_kiosk(self._service, request))
        agreement = await run_in_threadpool(
            partial(
                self._alone.agree,
                asked.code,
                kind=asked.kind,
                language=language_of(request),
                signature=asked.signature,
            )
        )
        return JSONResponse({"agreement": agreement.agreement_id})

    async def look(self, request: Request) -> Response:
        """What one frame shows, as a key for words."""
        self._service.requests.ask(address_of(request))
        asked = await body_of(request, Pictured)
        kiosk = await at_kiosk(self._service, request)

        def looked() -> dict[str, object]:
            self._alone.check(asked.code, AgreementId(asked.agreement), kind=asked.kind)
            return looked_document(self._alone, self._alone.frame(picture_of(asked.picture), kiosk=kiosk))

        return JSONResponse(await run_in_threadpool(looked))

    async def finish(self, request: Request) -> Response:
        """Enrol, and hand over what the person takes home."""
        self._service.tries.ask(address_of(request))
        asked = await body_of(request, Finished)
        kiosk = await at_kiosk(self._service, request)
        self._check_offered(asked.kind, kiosk=kiosk)

        def finished() -> dict[str, object]:
            joined = self._alone.join(
                asked.code,
                AgreementId(asked.agreement),
                kind=asked.kind,
                frames=[self._alone.frame(picture_of(item), kiosk=kiosk) for item in asked.pictures],
                name=asked.name,
                pin=asked.pin or None,
            )
            return _joined_document(self._alone, joined, language=language_of(request))

        return JSONResponse(await run_in_threadpool(finished))

    def _check_offered(self, kind: TemplateKind, *, kiosk: bool) -> None:
        if kind not in self._alone.offers(kiosk=kiosk):
            raise ProblemError(
                409, "not_offered", title="This site does not offer that here", advice="choose one of the others"
            )


def looked_document(alone: SelfService, frame: Frame) -> dict[str, object]:
    """What a frame shows, for a script."""
    looked = alone.look(frame)
    quality = None if looked.quality is None else looked.quality.unified
    return {"hint": looked.hint, "good": looked.seen is Seen.GOOD, "quality": quality}


def _joined_document(alone: SelfService, joined: Joined, *, language: str) -> dict[str, object]:
    subject = joined.subject
    told: dict[str, object] = {
        "kind": subject.kind.value,
        "confirmed": subject.confirmed,
        "valid_until": joined.valid_until.isoformat(),
        "page_code": joined.page_code,
        "release_code": joined.release_code,
    }
    if joined.code:
        files = alone.card(
            joined.code,
            kind=subject.kind,
            holder=joined.holder,
            valid_until=joined.valid_until,
            language=language,
        )
        told |= {"png": in_text(files.png), "pdf": in_text(files.pdf)}
    return told


def in_text(content: bytes) -> str:
    """Base64."""
    return base64.b64encode(content).decode("ascii")
