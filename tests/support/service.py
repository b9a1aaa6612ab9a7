"""A service over a real site in a temporary folder, and a browser that asks it.

How to use: ``with served(tmp_path) as (service, browser): browser.get("/")``. ``signed_in(...)`` gives the browser a
session of some roles, and the token that every change needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
from fastapi.testclient import TestClient
from starlette.responses import Response

from limen.bootstrap import open_site
from limen.core.people import SiteKind
from limen.frames.drawn import DrawnFace
from limen.web.app import create_app
from limen.web.security.csrf import HEADER, csrf_of
from limen.web.security.roles import Role
from limen.web.security.sessions import COOKIE
from limen.web.service import Service
from support.clock import FakeClock
from support.faces import drawn

__all__ = ["bearer", "picture", "served", "signed_in"]


@contextmanager
def served(
    folder: Path, *, kind: SiteKind = SiteKind.TRIAL, settings: str = ""
) -> Iterator[tuple[Service, TestClient]]:
    """A service over a site that was just made, with ``limen.toml`` as given, and somebody who asks it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "limen.toml").write_text(settings, "utf-8")
    with open_site(folder, create=kind) as site:
        site.clock = FakeClock()
        service = Service(site=site)
        with TestClient(create_app(service), raise_server_exceptions=True, follow_redirects=False) as browser:
            yield service, browser


def signed_in(service: Service, browser: TestClient, *roles: Role, account: str = "someone") -> None:
    """Give the browser a session."""
    answer = Response()
    service.sessions.begin(answer, account, roles=frozenset(roles))
    cookie = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    browser.cookies.set(COOKIE, cookie)
    browser.headers[HEADER] = csrf_of(cookie)


def bearer(service: Service, *roles: Role) -> dict[str, str]:
    """The header of a program with a token of some roles."""
    _, text = service.tokens.new("test", roles=frozenset(roles), days=1)
    return {"Authorization": f"Bearer {text}"}


def picture(face: DrawnFace, *, side_px: int = 512) -> bytes:
    """A PNG file of a drawn face."""
    done, content = cv2.imencode(".png", drawn(face, side_px=side_px))
    assert done
    return content.tobytes()
