"""export: all that is held about one person, machine-readable, for that person alone."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import SubjectId
from limen.core.ports import Clock, Store

__all__ = ["Export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Collects what is held about one person. There is no export of several."""

    store: Store
    clock: Clock

    def __call__(self, subject_id: SubjectId) -> dict[str, object]:
        """Return everything held about a person as JSON-ready values; the export itself is audited.

        Raises:
            RefusedError: there is no such person.
            StorageError: the audit record cannot be written; then nothing is given out.
        """
        now = self.clock.now()
        with self.store.begin() as unit:
            subject = unit.subjects.get(subject_id)
            if subject is None:
                raise RefusedError(
                    f"there is nobody {subject_id} here", advice="see `limen people list`", reason="no_such_person"
                )
            alias = unit.subjects.alias(subject_id)
            references, _ = unit.subjects.references(known=frozenset())
            unit.audit.append(AuditTag.SUBJECT_EXPORTED, at=now, alias=alias, detail={})
            records = [record for record in unit.audit.records() if record.alias == alias]
            unit.commit()
        agreement = subject.agreement
        return {
            "exported_at": now.isoformat(),
            "subject_id": subject.subject_id,
            "name": subject.name,
            "kind": subject.kind.value,
            "enrolled_at": subject.enrolled_at.isoformat(),
            "confirmed": subject.confirmed,
            "agreement": {
                "agreement_id": agreement.agreement_id,
                "text_version": agreement.text_version,
                "text_sha256": agreement.text_sha256,
                "language": agreement.language,
                "how": agreement.how.value,
                "given_at": agreement.given_at.isoformat(),
                "expires_at": agreement.expires_at.isoformat(),
            },
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
                if reference.subject_id == subject_id
            ],
            "audit": [{"sequence": r.sequence, "at": r.at.isoformat(), "tag": r.tag.value} for r in records],
        }
