"""agree: record that a person has agreed, before anything about the person is computed or kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import Agreement, AgreementId, AgreementText, GivenHow, SiteKind, new_id
from limen.core.ports import Clock, Store

__all__ = ["MAX_VALIDITY", "Agree"]

MAX_VALIDITY = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agree:
    """Records agreements.

    Attributes:
        store: of the site.
        clock: tells when.
    """

    store: Store
    clock: Clock

    def __call__(self, text: AgreementText, *, how: GivenHow, validity: timedelta) -> Agreement:
        """Store one agreement record, not yet tied to anybody.

        Args:
            text: the words agreed to.
            how: in person, or simulated (trial folders only).
            validity: how long it holds, at most three years.

        Raises:
            RefusedError: simulated in a live folder, or a validity out of range; nothing was written.
            StorageError: the store cannot be written.
        """
        if how is GivenHow.SIMULATED and self.store.site_kind is not SiteKind.TRIAL:
            raise RefusedError(
                "a live folder takes no simulated agreement",
                advice="let the person agree in person: limen consent new --how in_person_screen",
                reason="agreement_simulated",
            )
        if not timedelta(0) < validity <= MAX_VALIDITY:
            raise RefusedError(
                f"an agreement may hold from one day to {MAX_VALIDITY.days} days, not {validity.days}",
                advice="choose a shorter validity; people can renew",
                reason="agreement_validity",
            )
        now = self.clock.now()
        agreement = Agreement(
            agreement_id=AgreementId(new_id("a")),
            text_version=text.version,
            text_sha256=text.sha256,
            language=text.language,
            how=how,
            given_at=now,
            expires_at=now + validity,
            subject_id=None,
        )
        with self.store.begin() as unit:
            unit.agreements.add(agreement)
            detail = {"text_version": text.version, "language": text.language, "how": how.value}
            unit.audit.append(AuditTag.AGREEMENT_RECORDED, at=now, alias=None, detail=detail)
            unit.commit()
        return agreement
