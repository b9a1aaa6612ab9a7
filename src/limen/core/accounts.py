"""What the service keeps of those who ask it: accounts, sessions, tokens, links and answers that were given.

Of passwords, codes, cookies and tokens only hashes are here. A login is kept because its owner types it; it is sealed
in the store like every name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol, TypeVar

__all__ = [
    "STAFF",
    "Account",
    "AccountId",
    "ApiToken",
    "GivenAnswer",
    "Kept",
    "KeptItem",
    "OneTimeLink",
    "Role",
    "ServiceStore",
    "SessionRecord",
    "TokenId",
]

AccountId = NewType("AccountId", str)
TokenId = NewType("TokenId", str)


class Role(StrEnum):
    """What somebody is to the site. People of the site may have several; a kiosk and a subject have theirs alone."""

    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    GUARD = "guard"
    AUDITOR = "auditor"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    KIOSK = "kiosk"
    SUBJECT = "subject"


STAFF = (Role.ADMINISTRATOR, Role.OPERATOR, Role.GUARD, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
"""The roles that an account or a token may have."""


class KeptItem(Protocol):
    """Something the service keeps."""

    @property
    def key(self) -> str:
        """What it is found by: a random id, or the hash of a secret."""

    @property
    def holder(self) -> str:
        """Whose it is: with them it ends. Empty where it is nobody's."""

    @property
    def until(self) -> datetime | None:
        """When it ends by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who runs the site.

    Attributes:
        account_id: random.
        login: as its owner types it.
        roles: of ``STAFF``.
        made_at: UTC.
        password_hash: argon2id with its parameters; empty where the site's own provider signs the owner in.
        totp_secret: Base32, of the owner's authenticator; empty until it is set up.
        totp_used: the time step of the last code that was accepted; none at or before it is accepted again.
        recovery_hashes: of codes for the day the authenticator is lost; each is gone once used.
        federated: issuer and subject at the site's own provider; empty for accounts with a password.
        failures: wrong tries since the last right one.
        locked_until: until then nothing is tried; None if it is open.
    """

    account_id: AccountId
    login: str = field(repr=False)
    roles: frozenset[Role]
    made_at: datetime
    password_hash: str = field(default="", repr=False)
    totp_secret: str = field(default="", repr=False)
    totp_used: int = field(default=0, repr=False)
    recovery_hashes: tuple[str, ...] = field(default=(), repr=False)
    federated: str = field(default="", repr=False)
    failures: int = 0
    locked_until: datetime | None = None

    @property
    def key(self) -> str:
        """The account's id."""
        return self.account_id

    @property
    def holder(self) -> str:
        """Nobody: it is the holder of others."""
        return ""

    @property
    def until(self) -> datetime | None:
        """Never by itself."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """Somebody is signed in.

    Attributes:
        session_hash: SHA-256 of the cookie, hexadecimal.
        holder: the account, or the subject.
        roles: of the holder when the session has no account to ask; empty for an account's, which are asked each time.
        began_at, seen_at: UTC.
        ends_at: in any case.
    """

    session_hash: str = field(repr=False)
    holder: str
    roles: frozenset[Role]
    began_at: datetime
    seen_at: datetime
    ends_at: datetime

    @property
    def key(self) -> str:
        """The hash of the cookie."""
        return self.session_hash

    @property
    def until(self) -> datetime | None:
        """In any case."""
        return self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A program may ask.

    Attributes:
        token_hash: SHA-256 of the token, hexadecimal.
        token_id: random, to speak of it.
        name: what it is for, in its maker's words.
        roles: what it may do.
        holder: the account that made it, with which it ends; empty for one made at the command line.
        made_at: UTC.
        ends_at: UTC.
    """

    token_hash: str = field(repr=False)
    token_id: TokenId
    name: str
    roles: frozenset[Role]
    holder: str
    made_at: datetime
    ends_at: datetime

    @property
    def key(self) -> str:
        """The hash of the token."""
        return self.token_hash

    @property
    def until(self) -> datetime | None:
        """Its end."""
        return self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeLink:
    """Whoever opens it may make an account, or set an account up anew; once.

    Attributes:
        link_hash: SHA-256 of the secret in the link, hexadecimal.
        roles: of the new account.
        holder: the account to set up anew; empty for a new one.
        ends_at: UTC.
    """

    link_hash: str = field(repr=False)
    roles: frozenset[Role]
    holder: str
    ends_at: datetime

    @property
    def key(self) -> str:
        """The hash of the secret."""
        return self.link_hash

    @property
    def until(self) -> datetime | None:
        """Its end."""
        return self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenAnswer:
    """What a change was answered with, so that asking again with its idempotency key changes nothing.

    Attributes:
        key: SHA-256 over who asked, what and the idempotency key, hexadecimal.
        asked: SHA-256 of what was sent; another with the same key is refused.
        status: HTTP; 0 while the first is still at work.
        body: of the answer.
        holder: the subject it tells of; empty for none.
        ends_at: UTC.
    """

    key: str = field(repr=False)
    asked: str = field(repr=False)
    status: int
    body: str = field(default="", repr=False)
    holder: str = ""
    ends_at: datetime

    @property
    def until(self) -> datetime | None:
        """Its end."""
        return self.ends_at


Item = TypeVar("Item", bound=KeptItem)


class Kept(Protocol[Item]):
    """Items of one kind; part of every unit of work."""

    def put(self, item: Item) -> None:
        """Store an item, in place of the one with its key."""

    def get(self, key: str) -> Item | None:
        """The item, or None.

        Raises:
            StorageError: the row was altered.
        """

    def all(self) -> tuple[Item, ...]:
        """Every item, in the order they came.

        Raises:
            StorageError: a row was altered.
        """

    def remove(self, key: str) -> bool:
        """Forget an item; whether there was one."""

    def remove_of(self, holder: str) -> int:
        """Forget what is somebody's; how many. The caller commits with a scrub."""

    def prune(self, *, at: datetime) -> int:
        """Forget what has ended; how many."""


class ServiceStore(Protocol):
    """What the service keeps; part of every unit of work."""

    @property
    def accounts(self) -> Kept[Account]:
        """Who runs the site."""

    @property
    def sessions(self) -> Kept[SessionRecord]:
        """Who is signed in."""

    @property
    def tokens(self) -> Kept[ApiToken]:
        """Which programs may ask."""

    @property
    def links(self) -> Kept[OneTimeLink]:
        """Links that were not opened yet."""

    @property
    def answers(self) -> Kept[GivenAnswer]:
        """Answers to changes."""
