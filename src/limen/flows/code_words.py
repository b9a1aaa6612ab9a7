"""code_words: what each refusal of a code means, and what to do, for those who may know. In public a door says less."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from limen.core.match import UnknownReason

__all__ = ["CODE_WORDS"]

_ISSUE = "issue another from a new capture: limen pass issue --again ID"

CODE_WORDS: Mapping[UnknownReason, tuple[str, str]] = MappingProxyType(
    {
        UnknownReason.CODE_UNREADABLE: (
            "this is no face pass and no badge of limen",
            "hold the pass flat and near; if it is damaged, " + _ISSUE,
        ),
        UnknownReason.CODE_OVERSIZED: ("the code is longer than any pass or badge", "show the pass itself"),
        UnknownReason.CODE_FOREIGN: (
            "the code is another site's",
            "show the one that was issued here",
        ),
        UnknownReason.CODE_OTHER_MODEL: (
            "the template was made with a model that is not in use here",
            "set passes.old_embedder to that model until its last pass has ended, or " + _ISSUE,
        ),
        UnknownReason.PASS_KEY_UNKNOWN: (
            "the pass was made with a key that this site no longer accepts",
            _ISSUE,
        ),
        UnknownReason.PASS_ALTERED: (
            "the pass was altered or forged: its signature does not hold",
            "look at who presented it; " + _ISSUE,
        ),
        UnknownReason.PASS_NOT_YET_VALID: (
            "the pass does not hold yet",
            "come back when it does; if it should, look at the clock of this machine",
        ),
        UnknownReason.PASS_EXPIRED: ("the pass has ended", "renew it: limen pass renew"),
        UnknownReason.PASS_REVOKED: (
            "the pass was revoked, replaced, or its holder has withdrawn",
            "show the newest one; if it was found again, destroy it",
        ),
        UnknownReason.BADGE_UNKNOWN: (
            "the badge opens no template here",
            "show the newest one; whoever lost it is enrolled again",
        ),
        UnknownReason.BADGE_PIN_MISSING: ("the badge asks for a PIN", "type the PIN of this badge"),
        UnknownReason.BADGE_PIN_WRONG: (
            "PIN, badge and face are not shown to be those of one person",
            "type the PIN of this badge, in good light; each counts, and five in a row that do not open it lock it",
        ),
        UnknownReason.BADGE_PIN_LOCKED: (
            "the badge is locked: five typed PINs in a row did not open it",
            "look at who presented it, then: limen pass unlock ID --reason TEXT",
        ),
        UnknownReason.BELOW_THRESHOLD: (
            "the face is not shown to be that of the holder",
            "try again in better light; there is always the other way in",
        ),
        UnknownReason.NOT_AGREED_FOR_THIS: (
            "the holder did not agree to what this door is for",
            "use the other way in, or ask the person: limen consent new",
        ),
        UnknownReason.NO_LIVE_AGREEMENT: ("the holder's agreement has ended", "ask the person again"),
    }
)
"""Reason -> what happened, what to do."""
