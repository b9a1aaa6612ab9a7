"""Self-service, wired: what somebody who was invited, or is enrolled, may do alone at a screen.

Rules kept: what a browser sends is no live capture, unless the browser is a kiosk that the site has set up and paired;
a picture is held in memory until it is judged or has become a template; people are enrolled one after the other, so
that an invitation serves one person.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from limen.bootstrap.passes import written_reasons
from limen.bootstrap.site import Site
from limen.cards.card import Card, card_pdf
from limen.cards.codes import code_png
from limen.cards.export_page import export_page
from limen.cards.words import CardKind
from limen.core.base45 import encode
from limen.core.errors import CaptureError, RefusedError
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import Receipt
from limen.core.operators import Approved
from limen.core.people import (
    Agreement,
    AgreementId,
    AgreementProof,
    AgreementText,
    GivenHow,
    SiteKind,
    Subject,
    SubjectId,
    TemplateKind,
)
from limen.flows.join import Join, Joined
from limen.flows.links import Links
from limen.flows.look import Look, Looked
from limen.flows.making_pass import Issued, PassPlan
from limen.flows.own_data import ReadOwnData
from limen.flows.recapture import Recapture
from limen.flows.report_incident import ReportIncident
from limen.frames.codes import read_codes
from limen.frames.pictures import decode_picture
from limen.ledger.texts import CURRENT, PASS, agreement_text

__all__ = ["MAX_PICTURE_BYTES", "CardFiles", "SelfService"]

MAX_PICTURE_BYTES: Final = 4 * 1024 * 1024
_MAX_PIXELS = 1920 * 1080
_VALIDITY = timedelta(days=365)
_TEXTS = {TemplateKind.PASS: PASS, TemplateKind.SEALED: CURRENT, TemplateKind.GALLERY: CURRENT}
_CARDS = {TemplateKind.PASS: CardKind.FACE_PASS, TemplateKind.SEALED: CardKind.BADGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFiles:
    """What a person keeps of a pass or badge.

    Attributes:
        png: the code as a picture.
        pdf: a card to print.
        text: the code as letters.
    """

    png: bytes
    pdf: bytes
    text: str


class SelfService:
    """What people may do alone.

    Args:
        site: opened in this process.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._one_by_one = Lock()

    @property
    def links(self) -> Links:
        """Whom a code opens a page for."""
        return Links(store=self._site.store, clock=self._site.clock)

    def offers(self, *, kiosk: bool) -> tuple[TemplateKind, ...]:
        """The kinds of template that a person may choose from, the default first.

        The hands-free list is among them where the site has written down why it is needed, and two have approved it. In
        a live folder a pass or badge takes a live capture, which only a kiosk of the site gives.
        """
        reasons, live = written_reasons(self._site.settings), self._site.store.site_kind is SiteKind.LIVE
        carried = [kind for kind in _CARDS if not live or (kiosk and not reasons.missing(kind))]
        listed = TemplateKind.GALLERY
        approved = not reasons.missing(listed) and not self._site.approvals.missing(Approved.GALLERY)
        return (*carried, listed) if approved else tuple(carried)

    def text(self, kind: TemplateKind, language: str) -> AgreementText:
        """The words that a kind is agreed to with."""
        return agreement_text(language, version=_TEXTS[kind])

    def agree(self, code: str, *, kind: TemplateKind, language: str, signature: str) -> Agreement:
        """Record that somebody who was invited has read the text, is an adult and agrees.

        Raises:
            RefusedError: the invitation does not hold, or there is no signature.
        """
        self.links.invited(code)
        signed = _signed(signature)
        text, purpose = self.text(kind, language), self._site.settings.privacy.purpose[:200]
        return self._site.agree(text, how=GivenHow.SELF_SERVICE, validity=_VALIDITY, purpose=purpose, proof=signed)

    def frame(self, picture: bytes, *, kiosk: bool) -> Frame:
        """A picture that a browser has sent.

        Raises:
            CaptureError: too large, or no picture.
        """
        if len(picture) > MAX_PICTURE_BYTES:
            raise CaptureError("the picture is too large", advice="send a smaller one")
        kind = SourceKind.LIVE_CAMERA if kiosk else SourceKind.BROWSER
        return decode_picture(picture, name="the picture", at=self._site.clock.now(), kind=kind, max_pixels=_MAX_PIXELS)

    def look(self, frame: Frame) -> Looked:
        """What a frame shows; nothing is embedded."""
        return Look(eyes=self._site.vision)(frame)

    def check(self, code: str, agreement_id: AgreementId, *, kind: TemplateKind) -> None:
        """That a capture may begin.

        Raises:
            RefusedError: the invitation or the agreement does not hold.
        """
        self._join().check(code, agreement_id, kind=kind)

    def join(
        self,
        code: str,
        agreement_id: AgreementId,
        *,
        kind: TemplateKind,
        frames: Sequence[Frame],
        name: str,
        pin: str | None = None,
    ) -> Joined:
        """Enrol whoever was invited.

        Raises:
            RefusedError: a check says no; the invitation holds on.
            StorageError: the store cannot be written.
        """
        with self._one_by_one:
            return self._join()(code, agreement_id, kind=kind, frames=frames, name=name, pin=pin)

    def renew(self, subject: Subject, *, language: str, signature: str) -> Agreement:
        """Record that an enrolled person has agreed anew.

        Raises:
            RefusedError: the agreement has ended, or there is no signature.
        """
        return self._site.renew(
            subject.agreement.agreement_id,
            self.text(subject.kind, language),
            how=GivenHow.SELF_SERVICE,
            validity=_VALIDITY,
            proof=_signed(signature),
        )

    def pass_again(self, old_pass: bytes, frames: Sequence[Frame], *, subject: Subject) -> Issued:
        """A new face pass for whoever shows the old one, as a picture, and the face that is on it.

        Raises:
            RefusedError: no pass of that person is on the picture, or a check of `RenewPass` says no.
            CaptureError: it is no picture.
        """
        found = read_codes(self.frame(old_pass, kiosk=False)) if old_pass else ()
        if not found:
            raise RefusedError(
                "no face pass is on this picture", advice="choose the picture of your pass", reason="code_unreadable"
            )
        plan = PassPlan(validity=self._pass_validity)
        return self._site.passes.renew(found[0], frames, plan=plan, holder=subject.subject_id)

    def asks_for_picture(self, subject: Subject, *, kiosk: bool) -> str:
        """What a new picture takes.

        Returns:
            ``pass`` (the old one is shown, too), ``list``, ``confirm``; or the place to go: ``kiosk``, ``desk``.
        """
        if subject.kind is TemplateKind.SEALED:
            return "desk"
        if self._site.store.site_kind is SiteKind.LIVE and not kiosk:
            return "kiosk"
        if subject.kind is TemplateKind.PASS:
            return "pass"
        return "list" if subject.confirmed else "confirm"

    @property
    def own_data(self) -> ReadOwnData:
        """What is held about one person."""
        return ReadOwnData(store=self._site.store)

    @property
    def report(self) -> ReportIncident:
        """Somebody says: this was not me."""
        return ReportIncident(store=self._site.store, clock=self._site.clock)

    def capture_again(self, subject: Subject, frames: Sequence[Frame]) -> Subject:
        """Confirm somebody on the list who is not confirmed yet, or put new templates in the place of the old ones.

        Raises:
            RefusedError: a check of `Confirm` or `Recapture` says no.
        """
        site = self._site
        if not subject.confirmed:
            return site.confirm(subject.subject_id, frames)
        recapture = Recapture(store=site.store, vision=site.vision, gallery=site.gallery, clock=site.clock)
        return recapture(subject.subject_id, frames)

    def copy_of(self, subject_id: SubjectId, *, code: str) -> bytes:
        """All that is held about a person, as a ZIP of JSON and a page that can be read; in memory alone.

        Raises:
            RefusedError: the person's one-time code is missing or wrong.
        """
        document = self._site.export(subject_id, code=code.strip() or None)
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("my-data.json", json.dumps(document, indent=2, ensure_ascii=False))
            archive.writestr("my-data.html", export_page(document))
        return held.getvalue()

    def stop(self, subject_id: SubjectId) -> Receipt:
        """Stop and delete.

        Raises:
            RefusedError: there is no such person.
        """
        return self._site.withdraw(subject_id)

    def card(self, code: bytes, *, kind: TemplateKind, holder: str, valid_until: datetime, language: str) -> CardFiles:
        """What a person keeps of a pass or badge; made on the way out and kept nowhere here.

        Args:
            code: the pass or badge.
            kind: which of the two.
            holder: the alias that stands on it.
            valid_until: UTC.
            language: of the card.
        """
        card = Card(code=code, kind=_CARDS[kind], holder=holder, valid_until=valid_until, language=language)
        return CardFiles(png=code_png(code), pdf=card_pdf(card), text=encode(code))

    @property
    def _pass_validity(self) -> timedelta:
        return timedelta(days=self._site.settings.passes.days)

    def _join(self) -> Join:
        site = self._site
        return Join(
            store=site.store,
            clock=site.clock,
            enrol=site.enrol,
            issue=site.passes.issue,
            seal=site.passes.enrol_sealed,
            texts=_TEXTS,
            pass_validity=self._pass_validity,
        )


def _signed(signature: str) -> AgreementProof:
    if not signature.strip():
        raise RefusedError("there is no signature", advice="type your name", reason="agreement_proof")
    return AgreementProof(typed=signature.strip())
