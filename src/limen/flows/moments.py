"""What one running door remembers for seconds or minutes, in memory only.

Who was let in and has not gone through yet, whose doubt a person cleared, what was presented beside the face. It is
gone with the process, and then nobody is let in on it.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta

from limen.core.people import Rights, SubjectId

__all__ = ["Moments", "PinCheck"]

_PASS_WITHIN = timedelta(seconds=30)
_PRESENTED_HOLDS = timedelta(seconds=30)
_CLEARED_HOLDS = timedelta(minutes=1)
_MOST = 64
_MOST_WRONG, _WRONG_FOR = 5, timedelta(minutes=5)

PinCheck = Callable[[str, str], bool]
"""(hash, PIN) -> whether it is the one."""


class Moments:
    """The short memory of one door.

    Args:
        pin_check: compares a PIN with what is kept of it.
    """

    def __init__(self, *, pin_check: PinCheck) -> None:
        self._pin_check = pin_check
        self._presented: tuple[str, datetime] | None = None
        self._codes: dict[SubjectId, tuple[datetime, bool]] = {}
        self._wrong: dict[SubjectId, list[datetime]] = {}
        self._referred: dict[str, SubjectId] = {}
        self._cleared: dict[SubjectId, datetime] = {}
        self._let_in: deque[tuple[SubjectId, datetime]] = deque(maxlen=_MOST)

    def present(self, secret: str, *, at: datetime) -> None:
        """Somebody has shown a badge or typed a PIN; it counts for whoever is recognised, if it is theirs."""
        self._presented = (secret, at)

    def has_code(self, subject_id: SubjectId, *, at: datetime, with_pin: bool = False) -> None:
        """Somebody has shown a pass or badge that opens with their face, or with their face and the typed PIN."""
        self._codes[subject_id] = (at, with_pin)

    def has_shown_code(self, subject_id: SubjectId, *, at: datetime, with_pin: bool = False) -> bool:
        """Whether this person did so a short while ago; where asked, with a PIN."""
        shown_at, pin_typed = self._codes.get(subject_id, (None, False))
        return shown_at is not None and _within(shown_at, _PRESENTED_HOLDS, at=at) and (pin_typed or not with_pin)

    def is_theirs(self, subject_id: SubjectId, rights: Rights, *, at: datetime) -> bool:
        """Whether what was presented is this person's; five wrong PINs stop the trying for five minutes."""
        if self._presented is None or not _within(self._presented[1], _PRESENTED_HOLDS, at=at):
            return False
        secret = self._presented[0]
        if rights.badge is not None and hmac.compare_digest(rights.badge.encode(), secret.encode()):
            return True
        if rights.pin_hash is None:
            return False
        wrong = [moment for moment in self._wrong.get(subject_id, []) if _within(moment, _WRONG_FOR, at=at)]
        if len(wrong) < _MOST_WRONG and self._pin_check(rights.pin_hash, secret):
            self._wrong.pop(subject_id, None)
            return True
        self._wrong[subject_id], self._presented = [*wrong, at], None
        return False

    def refer(self, evidence_id: str, subject_id: SubjectId) -> None:
        """Somebody was referred to a person, who may clear it by that id."""
        self._referred[evidence_id] = subject_id
        if len(self._referred) > _MOST:
            self._referred.pop(next(iter(self._referred)))

    def clear(self, evidence_id: str, *, at: datetime) -> bool:
        """A person has looked and cleared the doubt; whether that referral is known here."""
        subject_id = self._referred.pop(evidence_id, None)
        if subject_id is not None:
            self._cleared[subject_id] = at
        return subject_id is not None

    def is_cleared(self, subject_id: SubjectId, *, at: datetime) -> bool:
        """Whether a person has cleared this visitor a short while ago."""
        return subject_id in self._cleared and _within(self._cleared[subject_id], _CLEARED_HOLDS, at=at)

    def let_in(self, subject_id: SubjectId, *, at: datetime) -> None:
        """Somebody was let in; what was presented or cleared for it is used up."""
        self._let_in.append((subject_id, at))
        self._cleared.pop(subject_id, None)
        self._codes.pop(subject_id, None)
        self._presented = None

    def next_to_pass(self, at: datetime) -> SubjectId | None:
        """Who goes through now: the first of those let in lately who has not gone through yet."""
        while self._let_in:
            subject_id, granted_at = self._let_in.popleft()
            if _within(granted_at, _PASS_WITHIN, at=at):
                return subject_id
        return None


def _within(moment: datetime, span: timedelta, *, at: datetime) -> bool:
    return moment <= at < moment + span
