"""Accounts of those who run the site: set up by a link, signed in by password and code, locked by wrong tries.

Rules kept: whoever is refused learns only that login, password and code do not fit together; after five wrong tries in
a row an account is locked for a minute, and twice as long each time after, up to an hour, also for the right password;
a lock is audited. The last administrator cannot be removed. What changes an account ends its sessions.

Source: NIST SP 800-63B, section 5.2.2; OWASP Authentication.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from limen.core.accounts import Account, AccountId, Role
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import new_id
from limen.core.ports import Clock, Store, UnitOfWork
from limen.web.problems import ProblemError
from limen.web.security import passwords, totp
from limen.web.security.limits import too_many
from limen.web.security.links import Links, check_roles

__all__ = ["Accounts", "Begun"]

_TRIES = 5
_FIRST_LOCK, _LONGEST_LOCK = timedelta(minutes=1), timedelta(hours=1)
_LONGEST_LOGIN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An account that was set up.

    Attributes:
        account: it.
        recovery_codes: told once.
    """

    account: Account
    recovery_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Keeps accounts and signs their owners in.

    Attributes:
        store: of the site.
        clock: tells when.
        links: one-time links.
    """

    store: Store
    clock: Clock
    links: Links

    def begin(self, link: str, *, login: str, password: str, secret: str, code: str) -> Begun:
        """Set an account up by its link.

        Args:
            link: the secret in it.
            login: as its owner will type it; kept as it is where an account is set up anew.
            password: chosen.
            secret: of the authenticator.
            code: of it, to show that it works.

        Raises:
            ProblemError: the link is used up, the login taken, the password weak or the code wrong.
        """
        now, login = self.clock.now(), _login(login)
        passwords.check_password(password, login=login)
        step = totp.accepted_step(secret, code, at=now, after=0) if totp.is_secret(secret) else None
        if step is None:
            raise ProblemError(422, "wrong_code", title="The code does not fit", advice="type the newest code")
        codes, hashed = totp.new_recovery_codes(), passwords.hash_of(password)
        with self.store.begin() as unit:
            opened = self.links.of(unit, link)
            account = self._of(unit, opened.holder, login=login, roles=opened.roles, now=now)
            account = replace(
                account,
                password_hash=hashed,
                totp_secret=secret,
                totp_used=step,
                recovery_hashes=tuple(map(totp.recovery_hash, codes)),
                failures=0,
                locked_until=None,
            )
            unit.service.links.remove(opened.key)
            _put(unit, account, tag=AuditTag.ACCOUNT_CHANGED if opened.holder else AuditTag.ACCOUNT_ADDED, at=now)
            unit.commit(scrub=True)
        return Begun(account=account, recovery_codes=codes)

    def sign_in(self, *, login: str, password: str, code: str) -> Account:
        """The account that login, password and code belong to.

        Raises:
            ProblemError: 401, they do not fit together; 429, the account is locked.
        """
        now, found = self.clock.now(), self._by_login(login)
        _check_open(found, now)
        right = passwords.fits(password, "" if found is None else found.password_hash)
        with self.store.begin() as unit:
            account = None if found is None else unit.service.accounts.get(found.account_id)
            if account is None:
                raise _refused()
            _check_open(account, now)
            used = _second(account, code, at=now) if right else None
            unit.service.accounts.put(_failed(unit, account, now) if used is None else used)
            unit.commit()
        if used is None:
            raise _refused()
        return used

    def federated(self, identity: str, *, login: str, roles: frozenset[Role]) -> Account:
        """The account of somebody whom the site's own provider signed in; made or brought up to date here."""
        check_roles(roles)
        now = self.clock.now()
        with self.store.begin() as unit:
            known = next((one for one in unit.service.accounts.all() if one.federated == identity), None)
            made = known or Account(
                account_id=AccountId(new_id("u")), login=login, roles=roles, made_at=now, federated=identity
            )
            account = replace(made, login=login, roles=roles)
            if account != known:
                changed = known is not None and known.roles != roles
                tag = AuditTag.ACCOUNT_ADDED if known is None else AuditTag.ACCOUNT_CHANGED if changed else None
                unit.service.accounts.put(account)
                if tag is not None:
                    _record(unit, account, tag=tag, at=now)
                unit.commit()
        return account

    def all(self) -> tuple[Account, ...]:
        """Every account."""
        with self.store.read() as unit:
            return unit.service.accounts.all()

    def change(self, account_id: AccountId, *, roles: frozenset[Role]) -> Account:
        """Give an account other roles.

        Raises:
            ProblemError: 404; 422, no role; RefusedError: nobody would be administrator.
        """
        check_roles(roles)
        with self.store.begin() as unit:
            account = replace(_found(unit, account_id), roles=roles)
            _check_administrator(unit, without=account_id, also=roles)
            _put(unit, account, tag=AuditTag.ACCOUNT_CHANGED, at=self.clock.now())
            unit.commit(scrub=True)
        return account

    def remove(self, account_id: AccountId) -> None:
        """Forget an account, its sessions and its tokens.

        Raises:
            ProblemError: 404; RefusedError: nobody would be administrator.
        """
        with self.store.begin() as unit:
            account = _found(unit, account_id)
            _check_administrator(unit, without=account_id, also=frozenset())
            for kept in (unit.service.sessions, unit.service.tokens, unit.service.links):
                kept.remove_of(account_id)
            unit.service.accounts.remove(account_id)
            _record(unit, account, tag=AuditTag.ACCOUNT_REMOVED, at=self.clock.now())
            unit.commit(scrub=True)

    def _by_login(self, login: str) -> Account | None:
        wanted = " ".join(login.split()).casefold()
        return next((one for one in self.all() if one.password_hash and one.login.casefold() == wanted), None)

    def _of(self, unit: UnitOfWork, holder: str, *, login: str, roles: frozenset[Role], now: datetime) -> Account:
        if holder:
            return _found(unit, AccountId(holder))
        if any(one.login.casefold() == login.casefold() for one in unit.service.accounts.all()):
            raise ProblemError(409, "login_taken", title="There is an account of that login", advice="choose another")
        return Account(account_id=AccountId(new_id("u")), login=login, roles=roles, made_at=now)


def _login(text: str) -> str:
    login = " ".join(text.split())
    if not login or len(login) > _LONGEST_LOGIN or not login.isprintable():
        raise ProblemError(
            422, "login", title=f"A login has 1 to {_LONGEST_LOGIN} printable characters", advice="choose another"
        )
    return login


def _second(account: Account, code: str, *, at: datetime) -> Account | None:
    """The account after its second step, or None if the code is wrong."""
    calm = replace(account, failures=0, locked_until=None)
    step = totp.accepted_step(account.totp_secret, code, at=at, after=account.totp_used)
    if step is not None:
        return replace(calm, totp_used=step)
    hashed = totp.recovery_hash(code)
    if hashed not in account.recovery_hashes:
        return None
    return replace(calm, recovery_hashes=tuple(one for one in account.recovery_hashes if one != hashed))


def _check_open(account: Account | None, now: datetime) -> None:
    if account is not None and account.locked_until is not None and now < account.locked_until:
        raise too_many(ceil((account.locked_until - now).total_seconds()))


def _failed(unit: UnitOfWork, account: Account, now: datetime) -> Account:
    failures = account.failures + 1
    if failures < _TRIES:
        return replace(account, failures=failures)
    lock = min(_FIRST_LOCK * 2 ** min(failures - _TRIES, 10), _LONGEST_LOCK)
    _record(unit, account, tag=AuditTag.ACCOUNT_LOCKED, at=now)
    return replace(account, failures=failures, locked_until=now + lock)


def _refused() -> ProblemError:
    return ProblemError(
        401, "not_signed_in", title="Login, password and code do not fit together", advice="try again; codes work once"
    )


def _found(unit: UnitOfWork, account_id: AccountId) -> Account:
    account = unit.service.accounts.get(account_id)
    if account is None:
        raise ProblemError.not_found("This account")
    return account


def _check_administrator(unit: UnitOfWork, *, without: AccountId, also: frozenset[Role]) -> None:
    others = [one for one in unit.service.accounts.all() if one.account_id != without]
    if Role.ADMINISTRATOR not in also and not any(Role.ADMINISTRATOR in one.roles for one in others):
        raise RefusedError(
            "nobody would be administrator any more",
            advice="make somebody else administrator first",
            reason="last_administrator",
        )


def _put(unit: UnitOfWork, account: Account, *, tag: AuditTag, at: datetime) -> None:
    """Store an account whose sessions end, on record."""
    unit.service.accounts.put(account)
    unit.service.sessions.remove_of(account.account_id)
    _record(unit, account, tag=tag, at=at)


def _record(unit: UnitOfWork, account: Account, *, tag: AuditTag, at: datetime) -> None:
    detail = {"account": account.account_id, "roles": " ".join(sorted(account.roles))}
    unit.audit.append(tag, at=at, alias=None, detail=detail)
