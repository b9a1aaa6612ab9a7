"""Signing in by the site's own provider, tried with one that runs beside the test."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey

from limen.core.accounts import Role
from limen.web.security.sessions import COOKIE
from limen.web.service import Service
from support.clock import FakeClock
from support.provider import Provider, provider
from support.service import served

_Parts = tuple[Service, TestClient, Provider]
_PAGE = {"Accept": "text/html"}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[_Parts]:
    """A service, a browser and a provider."""
    with (
        provider(FakeClock()) as there,
        served(tmp_path / "data", settings=there.settings(tmp_path / "secrets")) as (service, browser),
    ):
        yield service, browser, there


def _sent(browser: TestClient) -> str:
    answer = browser.get("/sign-in/provider?then=/accounts")
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_whom_the_provider_signs_in_has_the_roles_of_the_claim(parts: _Parts) -> None:
    """The browser goes there and back; the account has the role that its group stands for, and the page leads on."""
    service, browser, there = parts
    assert "Sign in with Acme" in browser.get("/sign-in", headers=_PAGE).text
    answer = browser.get(f"/sign-in/back?{there.visit(_sent(browser))}")
    assert answer.status_code == 200
    assert "0;url=/accounts" in answer.text
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    assert [(one.login, one.roles) for one in service.accounts.all()] == [("ada", frozenset({Role.GUARD}))]
    assert browser.get("/accounts").status_code == 403


def test_somebody_who_comes_again_has_the_same_account(parts: _Parts) -> None:
    """Issuer and subject make the account; another name or a password of limen's does not."""
    service, browser, there = parts
    browser.get(f"/sign-in/back?{there.visit(_sent(browser))}")
    there.claims = {"groups": "door-staff", "preferred_username": "ada.l"}
    browser.get(f"/sign-in/back?{there.visit(_sent(browser))}")
    assert [one.login for one in service.accounts.all()] == ["ada.l"]
    form = {"login": "ada.l", "password": "", "code": "000000"}
    assert browser.post("/sign-in", data={**form, "password": "x" * 12}).status_code in {401, 403}


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": ["others"]},
        {"groups": 4711},
        {"groups": ["door-staff"], "nonce": "another"},
        {"groups": ["door-staff"], "aud": "another"},
        {"groups": ["door-staff"], "iss": "https://elsewhere.example"},
        {"groups": ["door-staff"], "exp": 1},
    ],
)
def test_what_does_not_hold_signs_nobody_in(parts: _Parts, claims: dict[str, Any]) -> None:
    """No role, another nonce, client or issuer, or a token of yesterday: no session, no account."""
    service, browser, there = parts
    there.claims = claims
    answer = browser.get(f"/sign-in/back?{there.visit(_sent(browser))}", headers=_PAGE)
    assert (answer.status_code, COOKIE in browser.cookies) in {(401, False), (403, False)}
    assert service.accounts.all() == ()


def test_a_token_of_another_key_signs_nobody_in(parts: _Parts) -> None:
    """A token that the provider's published keys did not sign is no token."""
    service, browser, there = parts
    there.signs_with = RSAKey.generate_key(2048, parameters={"kid": "1"})
    assert browser.get(f"/sign-in/back?{there.visit(_sent(browser))}", headers=_PAGE).status_code == 401
    assert service.accounts.all() == ()


def test_the_way_back_is_taken_once_by_the_browser_that_was_sent(parts: _Parts) -> None:
    """Another browser, another state, a second time or an hour later: nobody is signed in."""
    service, browser, there = parts
    back = there.visit(_sent(browser))
    kept = dict(browser.cookies)
    browser.cookies.clear()
    assert browser.get(f"/sign-in/back?{back}").status_code == 401
    browser.cookies.update(kept)
    assert browser.get(f"/sign-in/back?{back}x").status_code == 401
    late = there.visit(_sent(browser))
    assert isinstance(service.clock, FakeClock)
    service.clock.advance(timedelta(hours=1))
    assert browser.get(f"/sign-in/back?{late}").status_code == 401
    assert service.accounts.all() == ()


def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    """A site without an issuer has passwords alone."""
    with served(tmp_path) as (_, browser):
        assert browser.get("/sign-in/provider").status_code == 404
