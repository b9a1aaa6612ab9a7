"""Accounts in a real browser: begun by a link, signed in and out, given to others; axe-core on each page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from limen.web.security.roles import Role
from limen.web.service import Service
from support.accounts import PASSWORD, Owner, begin, code_of
from support.clock import FakeClock
from support.service import served
from support.serving import chromium, listening, serious

pytestmark = pytest.mark.browser


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    """A service of nobody yet."""
    with served(tmp_path) as (service, _):
        yield service


@pytest.fixture
def page(service: Service) -> Iterator[Page]:
    """A browser before it."""
    with listening(service) as address, chromium() as browser:
        page = browser.new_context(base_url=address, locale="en-GB").new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        yield page


def _fill(page: Page, *, login: str, code: str) -> None:
    page.get_by_label("Login").fill(login)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(code)


def _sign_in(page: Page, owner: Owner, code: str) -> None:
    page.goto("/sign-in?then=/accounts")
    _fill(page, login=owner.login, code=code)
    page.get_by_role("button", name="Sign in").click()


def test_the_first_administrator_begins_signs_out_and_comes_back_by_a_code_on_paper(
    service: Service, page: Page
) -> None:
    """Link, authenticator, codes to keep, sign out; a code on paper signs in once, and a second time it does not."""
    link = service.first_link()
    assert link is not None
    page.goto(link)
    assert serious(page) == []
    secret = page.locator("form code").inner_text()
    _fill(page, login="ada", code="000000")
    page.get_by_role("button", name="Set up the account").click()
    expect(page.get_by_role("alert")).to_contain_text("The code did not fit")
    assert serious(page) == []
    _fill(page, login="ada", code=code_of(secret, service))
    page.get_by_role("button", name="Set up the account").click()
    expect(page.get_by_role("heading", name="Keep these codes")).to_be_visible()
    assert serious(page) == []
    paper = page.locator("ul.code li").first.inner_text()
    owner = Owner(account_id=service.accounts.all()[0].account_id, login="ada", secret=secret, recovery_codes=(paper,))
    page.get_by_role("link", name="I have kept them: go on").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    _sign_in(page, owner, paper)
    expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    _sign_in(page, owner, paper)
    expect(page.get_by_role("alert")).to_contain_text("do not fit together")
    assert serious(page) == []


def test_an_administrator_makes_a_link_and_reads_the_page_in_french(service: Service, page: Page) -> None:
    """Sign in by authenticator, make a link; the other language is a page, though the link answered a form."""
    owner = begin(service, Role.ADMINISTRATOR)
    assert isinstance(service.clock, FakeClock)
    service.clock.advance(timedelta(seconds=30))
    page.goto("/sign-in")
    assert serious(page) == []
    _sign_in(page, owner, code_of(owner.secret, service))
    expect(page.get_by_role("heading", name="Accounts")).to_be_visible()
    assert serious(page) == []
    page.locator("form[action='/accounts/links']").get_by_label("Auditor").check()
    page.get_by_role("button", name="Make a link", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("/begin/")
    assert serious(page) == []
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Comptes")
    page.get_by_role("button", name="Se déconnecter").click()
    page.goto("/accounts")
    assert "/sign-in?then=/accounts" in page.url
