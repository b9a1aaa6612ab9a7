"""Signing in by the site's own provider: OpenID Connect, authorisation code with PKCE.

What must hold, in this order, before anybody is signed in:
 (1) the browser that comes back is the one that was sent, within ten minutes, and once (a cookie and ``state``);
 (2) the provider gives tokens for its code, this client and the verifier that never left this process (PKCE);
 (3) the identity token is signed by a key of the issuer, for this client, of now, and carries our ``nonce``;
 (4) its claim names at least one role that the settings know.
Addresses come from the issuer's discovery document; the issuer is asked by HTTPS, unless it is this machine. limen's
own lock-out and second step do not apply: the provider stands for how its people sign in.

Source: OpenID Connect Core 1.0, section 3.1; RFC 7636; RFC 9700.
"""

from __future__ import annotations

import hmac
import secrets
import warnings
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from authlib.integrations.base_client import OAuthError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from limen.core.accounts import Role
from limen.core.errors import ConfigError
from limen.core.ports import Clock
from limen.settings.devices import secret_in
from limen.settings.sign_in import SignInSettings
from limen.web.problems import ProblemError

with warnings.catch_warnings():  # it would rather have httpx2, which is too young to depend on; it works with httpx
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.httpx_client import OAuth2Client

__all__ = ["Identity", "Provider"]

_WITHIN = timedelta(minutes=10)
_MOST = 1000
_LEEWAY_S = 60
_ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
_HERE = {"localhost", "127.0.0.1", "::1"}
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom the provider has signed in.

    Attributes:
        key: issuer and subject; stays when a name changes.
        login: to be shown.
        roles: from the claim; one at least.
        then: where the reader wanted to be.
    """

    key: str
    login: str = field(repr=False)
    roles: frozenset[Role]
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A browser that was sent to the provider."""

    state: str
    nonce: str
    verifier: str
    then: str
    at: datetime


class Provider:
    """The site's own provider.

    Args:
        settings: of signing in; with an issuer.
        clock: tells when.
    """

    def __init__(self, settings: SignInSettings, *, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._sent: OrderedDict[str, _Sent] = OrderedDict()
        self._lock = Lock()

    def send(self, *, back: str, then: str) -> tuple[str, str]:
        """Where to send a browser, and the cookie it has to bring back.

        Args:
            back: our address that the provider sends it back to.
            then: where the reader wants to be.

        Raises:
            ProblemError: 503, the provider does not answer.
        """
        cookie, state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        with self._client(back) as client:
            place = self._told()["authorization_endpoint"]
            address, _ = client.create_authorization_url(place, state=state, nonce=nonce, code_verifier=verifier)
        sent = _Sent(state=state, nonce=nonce, verifier=verifier, then=then, at=self._clock.now())
        with self._lock:
            self._sent[cookie] = sent
            while len(self._sent) > _MOST:
                self._sent.popitem(last=False)
        return str(address), cookie

    def take(self, *, cookie: str, state: str, code: str, back: str) -> Identity:
        """Whom the provider has signed in; see the module for what must hold.

        Raises:
            ProblemError: 401, one of (1) to (3) does not hold; 403, no role; 503, the provider does not answer.
        """
        with self._lock:
            sent = self._sent.pop(cookie, None)
        if sent is None or not hmac.compare_digest(sent.state.encode(), state.encode()):
            raise _refused()
        if not timedelta(0) <= self._clock.now() - sent.at <= _WITHIN:
            raise _refused()
        claims = self._claims(sent, code=code, back=back)
        roles = self._roles(claims)
        if not roles:
            raise ProblemError.forbidden()
        login = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
        key = f"{claims['iss']} {claims['sub']}"
        return Identity(key=key, login=login[:100], roles=roles, then=sent.then)

    def _claims(self, sent: _Sent, *, code: str, back: str) -> dict[str, Any]:
        """(2) and (3)."""
        with self._client(back) as client:
            told = self._told()
            try:
                token = client.fetch_token(told["token_endpoint"], code=code, code_verifier=sent.verifier)
                published: Any = _json(told["jwks_uri"])
                keys = KeySet.import_key_set(published)
                read = jwt.decode(str(token.get("id_token", "")), keys, algorithms=_ALGORITHMS)
                self._registry(sent.nonce).validate(read.claims)
            except (OAuthError, JoseError, ValueError) as error:
                raise _refused() from error
            except httpx.HTTPError as error:
                raise _silent() from error
        return dict(read.claims)

    def _registry(self, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )

    def _roles(self, claims: dict[str, Any]) -> frozenset[Role]:
        """(4)."""
        told = claims.get(self._settings.roles_claim, [])
        names = told.split() if isinstance(told, str) else [str(one) for one in told] if isinstance(told, list) else []
        return frozenset(Role(self._settings.roles[name]) for name in names if name in self._settings.roles)

    def _told(self) -> dict[str, Any]:
        """The discovery document, whose every address is as safe as the issuer's."""
        issuer = self._settings.issuer
        document = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        places = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if document.get("issuer") != issuer or not all(_safe(str(document.get(place, ""))) for place in places):
            raise _silent()
        return document

    def _client(self, back: str) -> OAuth2Client:
        file = self._settings.client_secret_file
        if not _safe(self._settings.issuer):
            raise ConfigError("sign_in.issuer: an https address is needed", advice="correct it in limen.toml")
        return OAuth2Client(
            client_id=self._settings.client_id,
            client_secret=None if file is None else secret_in(file),
            token_endpoint_auth_method="none" if file is None else "client_secret_basic",
            scope="openid profile email",
            redirect_uri=back,
            code_challenge_method="S256",
            timeout=_TIMEOUT_S,
            follow_redirects=False,
        )


def _json(address: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, timeout=_TIMEOUT_S, follow_redirects=False)
        answer.raise_for_status()
        document = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise _silent() from error
    if not isinstance(document, dict):
        raise _silent()
    return document


def _safe(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)


def _refused() -> ProblemError:
    return ProblemError(
        401, "not_signed_in", title="The provider has signed nobody in for this browser", advice="begin anew"
    )


def _silent() -> ProblemError:
    return ProblemError(
        503,
        "provider",
        title="The sign-in provider does not answer as it should",
        advice="try again, or ask its keeper",
    )
