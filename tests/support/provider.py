"""A sign-in provider on this machine: discovery, keys, and tokens for a code, as OpenID Connect asks.

How to use: ``with provider(clock) as there``; ``there.settings`` go into ``limen.toml``; ``there.visit(address)`` is
the browser's visit: it answers the query that the browser is sent back with. ``there.claims`` change what it says.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from typing_extensions import override

from limen.core.ports import Clock

__all__ = ["Provider", "provider"]

_SECRET = "the client's secret"  # noqa: S105  of a provider in tests


@dataclass(slots=True, kw_only=True)
class Provider:
    """What it knows of one client."""

    issuer: str
    clock: Clock
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, parameters={"kid": "1"}))
    signs_with: RSAKey | None = None
    claims: dict[str, Any] = field(default_factory=lambda: {"groups": ["door-staff"]})
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def settings(self, folder: Path) -> str:
        """For ``limen.toml``; the client's secret goes into a file of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "client-secret"
        file.write_text(_SECRET, "utf-8")
        file.chmod(0o600)
        return (
            f'[sign_in]\nname = "Acme"\nissuer = "{self.issuer}"\nclient_id = "limen"\n'
            f'client_secret_file = "{file}"\nroles = {{ door-staff = "guard" }}\n'
        )

    def visit(self, address: str) -> str:
        """Somebody signs in there; the query that the browser is sent back with."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(8)
        self.asked[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    def answer(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """Tokens for a code, once; None if something does not fit."""
        asked = self.asked.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        who = b64decode(authorization.removeprefix("Basic ")).decode()
        fits = asked is not None and asked["code_challenge"] == challenge and asked["code_challenge_method"] == "S256"
        if asked is None or not fits or who != f"limen:{_SECRET}" or form.get("redirect_uri") != asked["redirect_uri"]:
            self.refused.append(form.get("code", ""))
            return None
        now = int(self.clock.now().timestamp())
        standard = {"iss": self.issuer, "aud": "limen", "sub": "4711", "iat": now, "exp": now + 300}
        claims = {**standard, "nonce": asked["nonce"], "preferred_username": "ada", **self.claims}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.signs_with or self.key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": token}


@contextmanager
def provider(clock: Clock) -> Iterator[Provider]:
    """A provider that listens on a free port of this machine."""

    class _Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self._tell(
                    {
                        "issuer": there.issuer,
                        "authorization_endpoint": f"{there.issuer}/authorize",
                        "token_endpoint": f"{there.issuer}/token",
                        "jwks_uri": f"{there.issuer}/keys",
                    }
                )
            else:
                self._tell({"keys": [there.key.as_dict(private=False)]})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(sent).items()}
            told = there.answer(form, self.headers.get("Authorization", ""))
            self._tell(told or {"error": "invalid_grant"}, status=200 if told else 400)

        def _tell(self, document: dict[str, Any], *, status: int = 200) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    there = Provider(issuer=f"http://127.0.0.1:{server.server_port}", clock=clock)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield there
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
