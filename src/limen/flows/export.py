"""export: all that is held about one person, machine-readable, released by that person and given to nobody else.

In a live folder the person's own one-time code releases it: issued at the desk into the person's hand, stored as a
hash, used up by the export. There is no export of several people, and none of templates alone.
"""

from __future__ import annotations

import base64
from dataclasses import asdict, dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.passes import PassRecord, SealedTemplate
from limen.core.people import SiteKind, SubjectId
from limen.core.ports import Clock, Store, UnitOfWork
from limen.flows.prove import agreement_document
from limen.flows.somebody import somebody

__all__ = ["Export", "IssueCode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Collects what is held about one person. There is no export of several."""

    store: Store
    clock: Clock

    def __call__(self, subject_id: SubjectId, *, code: str | None = None) -> dict[str, object]:
        """Return everything held about a person as JSON-ready values; the export itself is audited.

        Args:
            subject_id: whose.
            code: the person's one-time code; a trial folder asks for none, but a wrong one is refused there, too.

        Raises:
            RefusedError: there is no such person, or the code is missing or wrong.
            StorageError: the audit record cannot be written; then nothing is given out.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            subject = somebody(unit, subject_id)
            self._check_released(unit, subject_id, code)
            alias = unit.subjects.alias(subject_id)
            references = unit.subjects.references_of(subject_id)
            unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=now, alias=alias, detail={})
            at_doors = _at_doors(unit, subject_id)
            passes = [_pass(record) for record in unit.passes.of(subject_id)]
            badge_lock = _badge_lock(unit.sealed.of(subject_id))
            proof = unit.agreements.proof(subject.agreement.agreement_id)
            records = [record for record in unit.audit.records() if record.alias == alias]
            unit.commit()
        return {
            "exported_at": now.isoformat(),
            "subject_id": subject.subject_id,
            "name": subject.name,
            "kind": subject.kind.value,
            "enrolled_at": subject.enrolled_at.isoformat(),
            "confirmed": subject.confirmed,
            "agreement": agreement_document(subject.agreement),
            "agreement_proof": None if proof is None else asdict(proof),
            "references": [
                {
                    "reference_id": reference.reference_id,
                    "model_id": reference.model_id,
                    "scheme_id": reference.scheme_id,
                    "mask_state": reference.mask.value,
                    "quality": reference.quality,
                    "template_float32_base64": base64.b64encode(reference.vector.tobytes()).decode("ascii"),
                }
                for reference in references
            ],
            "at_doors": at_doors,
            "passes": passes,
            "badge_lock": badge_lock,
            "audit": [
                {"sequence": r.sequence, "at": r.at.isoformat(), "tag": r.tag.value, **r.detail} for r in records
            ],
        }

    def _check_released(self, unit: UnitOfWork, subject_id: SubjectId, code: str | None) -> None:
        if code is None and self.store.site_kind is SiteKind.TRIAL:
            return
        if code is None or not unit.subjects.redeem_code(subject_id, code):
            raise RefusedError(
                "the person's one-time code is missing or wrong",
                advice=f"hand the person a new one: limen people code {subject_id}",
                reason="release_code",
            )


def _at_doors(unit: UnitOfWork, subject_id: SubjectId) -> dict[str, object]:
    """What is laid down for the person, and whether they count as inside."""
    rights = unit.rights.get(subject_id)
    return {
        "groups": sorted(rights.groups),
        "badge": rights.badge,
        "pin_kept_as_hash": rights.pin_hash is not None,
        "second_factor_needed": rights.frozen,
        "inside": unit.doors.inside(subject_id),
    }


def _badge_lock(sealed: SealedTemplate | None) -> dict[str, object] | None:
    """What is kept beside a badge-locked template; the template itself opens with the badge alone."""
    return None if sealed is None else {"with_pin": sealed.with_pin, "wrong_pins_in_a_row": sealed.wrong_pins}


def _pass(record: PassRecord) -> dict[str, object]:
    return {
        "pass_id": record.terms.pass_id,
        "host": record.host,
        "valid_from": record.terms.valid_from.isoformat(),
        "valid_until": record.terms.valid_until.isoformat(),
        "revoked_at": None if record.revoked_at is None else record.revoked_at.isoformat(),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCode:
    """Gives a person the code that releases an export."""

    store: Store
    clock: Clock

    def __call__(self, subject_id: SubjectId) -> str:
        """A new code in place of any before; that one was issued is on record.

        Raises:
            RefusedError: there is no such person.
            StorageError: the store cannot be written.
        """
        with self.store.begin() as unit:
            somebody(unit, subject_id)
            code = unit.subjects.issue_code(subject_id)
            alias = unit.subjects.alias(subject_id)
            unit.audit.append(AuditTag.CODE_ISSUED, at=self.clock.now(), alias=alias, detail={})
            unit.commit()
        return code
