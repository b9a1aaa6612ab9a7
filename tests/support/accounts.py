"""Accounts that exist only in tests.

How to use: ``owner = begin(service, Role.GUARD)``; ``browser.post("/sign-in", data=owner.form(service))``. A code works
once and is of the service's clock, which moves on by 30 seconds each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyotp

from limen.core.accounts import AccountId, Role
from limen.web.security.links import LINK_PATH
from limen.web.security.totp import new_secret
from limen.web.service import Service
from support.clock import FakeClock

__all__ = ["PASSWORD", "Owner", "begin", "code_of"]

PASSWORD = "four words of nothing"  # noqa: S105  of accounts in tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who has an account."""

    account_id: AccountId
    login: str
    secret: str
    recovery_codes: tuple[str, ...]

    def form(self, service: Service, *, password: str = PASSWORD, code: str | None = None) -> dict[str, str]:
        """What the owner types to sign in, half a minute later."""
        assert isinstance(service.clock, FakeClock)
        service.clock.advance(timedelta(seconds=30))
        return {"login": self.login, "password": password, "code": code or code_of(self.secret, service)}


def begin(service: Service, *roles: Role, login: str = "ada") -> Owner:
    """Somebody who has set up an account."""
    link = service.links.new(frozenset(roles)).removeprefix(LINK_PATH)
    secret = new_secret()
    code = code_of(secret, service)
    made = service.accounts.begin(link, login=login, password=PASSWORD, secret=secret, code=code)
    return Owner(account_id=made.account.account_id, login=login, secret=secret, recovery_codes=made.recovery_codes)


def code_of(secret: str, service: Service) -> str:
    """The code of now."""
    return pyotp.TOTP(secret).at(service.clock.now())
