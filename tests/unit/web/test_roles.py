"""Every route, asked by everybody: who lacks its role is refused before its code runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from limen.core.accounts import STAFF, Role
from limen.web.app import API, create_app
from limen.web.security.limits import RateLimit
from limen.web.security.roles import routes_of
from support.doors import DOOR
from support.service import bearer, served, signed_in

_PUBLIC = {
    ("GET", "/"),
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("POST", "/sign-out"),
    ("GET", "/sign-in/provider"),
    ("GET", "/sign-in/back"),
    ("GET", "/begin/{link}"),
    ("POST", "/begin/{link}"),
    ("POST", f"{API}/kiosks/pair"),
    ("GET", "/kiosk"),
    ("GET", f"{API}/health"),
    ("GET", f"{API}/openapi.json"),
    ("GET", f"{API}/agreements/texts/{{text_version}}"),
}
"""What anybody may ask; a new one is a decision, and stands here."""


def test_each_route_without_its_role_is_refused(tmp_path: Path) -> None:
    """Nobody gets anything but 401, and a wrong role of the staff 403, from every route that is not public."""
    with served(tmp_path, settings=DOOR) as (service, browser):
        service.requests = RateLimit(clock=service.clock, at_once=10**6, per_minute=1)
        tokens = {role: bearer(service, role) for role in STAFF}
        n_asked = 0
        for route in routes_of(create_app(service)):
            if not route.roles:
                continue
            path = re.sub(r"{[^}]*}", "front", route.path)
            for method in route.methods:
                assert browser.request(method, path).status_code == 401, (method, path)
                for role in set(STAFF) - route.roles:
                    asked = browser.request(method, path, headers=tokens[role])
                    assert asked.status_code == 403, (method, path, role)
                    n_asked += 1
        assert n_asked > 50


@pytest.mark.parametrize("role", [Role.SUBJECT, Role.KIOSK])
def test_a_subject_and_a_kiosk_reach_nothing_of_the_staff(tmp_path: Path, role: Role) -> None:
    """A session of a subject, or of a kiosk, opens no route that is not declared for it."""
    with served(tmp_path, settings=DOOR) as (service, browser):
        signed_in(service, browser, role)
        for route in routes_of(create_app(service)):
            if not route.roles or role in route.roles:
                continue
            path = re.sub(r"{[^}]*}", "front", route.path)
            for method in route.methods:
                assert browser.request(method, path).status_code == 403, (method, path)


def test_what_is_public_is_listed(tmp_path: Path) -> None:
    """No route becomes public unnoticed."""
    with served(tmp_path) as (service, _):
        routes = routes_of(create_app(service))
        public = {(method, route.path) for route in routes if route.roles == frozenset() for method in route.methods}
        pinned = ("/api", "/sign", "/begin", "/kiosk")
        assert {one for one in public if one[1].startswith(pinned)} | {("GET", "/")} == _PUBLIC
