"""Badge-locked templates in the store: locked under a secret that only the badge has, sealed under the person's key.

Rules kept: without the badge a row opens for nobody, the holder of the site key included; without the person's key it
does not even show its locked form, so a withdrawal destroys it like any template. How many PINs did not open it is
sealed beside it; where that number is missing, no PIN opens it until the desk says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update

from limen.core.passes import MOST_WRONG_PINS, SealedTemplate, SiteSecret
from limen.core.people import SubjectId
from limen.core.probe import ModelId
from limen.storage import Session
from limen.storage.failures import reading
from limen.storage.schema import sealed_templates
from limen.storage.site_secrets import new_secret, secrets_of
from limen.storage.vault import associated

__all__ = ["SqlSealed"]

_PURPOSE = "pepper"


class SqlSealed:
    """Implements `limen.core.pass_ports.SealedStore` inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._connection = session.connection

    def pepper(self) -> SiteSecret | None:
        """The site's part of every lock, or None before the first lock."""
        found = secrets_of(self._session, _PURPOSE)
        return found[-1] if found else None

    def make_pepper(self, *, at: datetime) -> SiteSecret:
        """The site's part of every lock; made if there is none."""
        return self.pepper() or new_secret(self._session, _PURPOSE, number=1, at=at)

    def add(self, sealed: SealedTemplate) -> None:
        """Store a locked template of a person who is enrolled in the same transaction."""
        key = self._session.key(sealed.subject_id)
        values = {
            "locator": sealed.locator,
            "subject_id": sealed.subject_id,
            "model_id": sealed.model_id,
            "with_pin": sealed.with_pin,
            "template_sealed": key.seal(sealed.locked, bound=_bound(sealed)),
            "wrong_pins_sealed": self._number(sealed, sealed.wrong_pins) if sealed.with_pin else None,
        }
        self._connection.execute(insert(sealed_templates).values(values))

    def find(self, locator: bytes) -> SealedTemplate | None:
        """The locked template a badge points to, or None.

        Raises:
            StorageError: the row was altered.
        """
        return self._one(sealed_templates.c.locator == locator)

    def of(self, subject_id: SubjectId) -> SealedTemplate | None:
        """The locked template of a person, or None.

        Raises:
            StorageError: the row was altered.
        """
        return self._one(sealed_templates.c.subject_id == subject_id)

    def set_wrong_pins(self, sealed: SealedTemplate, number: int) -> None:
        """How many typed PINs in a row have not opened a stored template."""
        change = update(sealed_templates).where(sealed_templates.c.locator == sealed.locator)
        self._connection.execute(change.values(wrong_pins_sealed=self._number(sealed, number)))

    def _number(self, sealed: SealedTemplate, number: int) -> bytes:
        return self._session.key(sealed.subject_id).seal(str(number).encode(), bound=_pins_bound(sealed))

    def _one(self, which: ColumnElement[bool]) -> SealedTemplate | None:
        query = select(sealed_templates).where(which)
        with reading("sealed_templates"):
            row = self._connection.execute(query).one_or_none()
            if row is None:
                return None
            sealed = SealedTemplate(
                locator=row.locator,
                subject_id=SubjectId(row.subject_id),
                model_id=ModelId(row.model_id),
                with_pin=row.with_pin,
                locked=b"",
            )
            name = f"sealed_templates row {row.row_id}"
            key = self._session.key(sealed.subject_id)
            locked = key.open(row.template_sealed, bound=_bound(sealed), row=name)
            wrong = MOST_WRONG_PINS if sealed.with_pin else 0
            if row.wrong_pins_sealed is not None:
                wrong = int(key.open(row.wrong_pins_sealed, bound=_pins_bound(sealed), row=name))
        return replace(sealed, locked=locked, wrong_pins=wrong)


def _bound(sealed: SealedTemplate) -> bytes:
    return associated("sealed", sealed.locator.hex(), sealed.subject_id, sealed.model_id, int(sealed.with_pin))


def _pins_bound(sealed: SealedTemplate) -> bytes:
    return associated("wrong pins", sealed.locator.hex(), sealed.subject_id)
