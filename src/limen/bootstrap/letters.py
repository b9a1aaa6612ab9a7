"""Letters to people who are invited, with each person's code, or whose agreement ends; nothing of them is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from limen.bootstrap.site import Site
from limen.cards.letter import Letter, LetterKind, letters_pdf
from limen.core.people import Subject
from limen.flows.invite_by_link import InviteByLink, Invited

__all__ = ["invite_by_link_of", "letters_of", "link_of", "reminders_of"]


def invite_by_link_of(site: Site) -> InviteByLink:
    """Invites people of this site; they have as long to answer as any invitation."""
    keep = timedelta(days=site.settings.privacy.unused_days)
    return InviteByLink(store=site.store, clock=site.clock, keep=keep)


def link_of(base: str, secret: str) -> str:
    """The page where an invitation is answered; the secret stands behind the #, which browsers send to nobody."""
    return f"{base}/join#{secret}"


def reminders_of(site: Site, people: Sequence[Subject], *, base: str, language: str) -> bytes:
    """A PDF with a letter for each person whose agreement ends; it leads to the person's own page.

    Args:
        site: whose name and words stand in them.
        people: whom.
        base: where people's browsers reach the site.
        language: ``en`` or ``fr``.
    """
    letters = [_letter(site, name=one.name, link=f"{base}/my", until=one.agreement.expires_at) for one in people]
    return letters_pdf(letters, language=language, kind=LetterKind.REMINDER)


def letters_of(site: Site, invited: Sequence[Invited], *, base: str, language: str) -> bytes:
    """A PDF with a letter for each.

    Args:
        site: whose name and words stand in them.
        invited: whom.
        base: where people's browsers reach the site, for instance ``https://limen.example``.
        language: ``en`` or ``fr``.
    """
    letters = [
        _letter(
            site,
            name=item.invitation.name,
            link=link_of(base, item.secret),
            until=item.invitation.expires_at,
        )
        for item in invited
    ]
    return letters_pdf(letters, language=language)


def _letter(site: Site, *, name: str, link: str, until: datetime) -> Letter:
    privacy = site.settings.privacy
    return Letter(
        name=name,
        link=link,
        until=until,
        purpose=privacy.purpose,
        controller=privacy.controller,
        contact=privacy.contact,
        other_way=privacy.other_way,
    )
