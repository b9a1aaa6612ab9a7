"""Accounts: begun by a link, signed in by password and code, locked by wrong tries, ended with all that is theirs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.accounts import Role
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.web.problems import ProblemError
from limen.web.security.links import LINK_PATH
from limen.web.security.sessions import COOKIE
from limen.web.security.totp import new_secret
from support.accounts import PASSWORD, begin, code_of
from support.clock import FakeClock
from support.service import served, signed_in

_WRONG = "not my password"
_PAGE = {"Accept": "text/html"}


def test_the_first_administrator_begins_by_a_link_that_works_once(tmp_path: Path) -> None:
    """The link that whoever starts the service sees makes an administrator, opens once, and is offered never again."""
    with served(tmp_path) as (service, browser):
        older, path = service.first_link(), service.first_link()
        assert older is not None
        assert path is not None
        assert browser.get(older).status_code == 404
        assert "data:image/svg" in browser.get(path, headers=_PAGE).text
        secret = new_secret()
        form = {"login": "ada", "password": PASSWORD, "secret": secret, "code": code_of(secret, service)}
        answer = browser.post(path, data=form)
        assert (answer.status_code, COOKIE in answer.cookies) == (200, True)
        assert [account.roles for account in service.accounts.all()] == [frozenset({Role.ADMINISTRATOR})]
        browser.cookies.clear()
        assert browser.post(path, data={**form, "login": "bob"}).status_code == 404
        assert service.first_link() is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"password": "short"}, "weak_password"),
        ({"password": "ada the great!", "login": "Ada the Great!"}, "weak_password"),
        ({"code": "000000"}, "wrong_code"),
        ({"login": "  "}, "login"),
    ],
)
def test_what_does_not_do_uses_up_no_link(tmp_path: Path, wrong: dict[str, str], code: str) -> None:
    """A weak password, a wrong code or no login is told, and the link opens still."""
    with served(tmp_path) as (service, _):
        link = service.links.new(frozenset({Role.GUARD})).removeprefix(LINK_PATH)
        secret = new_secret()
        right = {"login": "ada", "password": PASSWORD, "secret": secret, "code": code_of(secret, service)}
        with pytest.raises(ProblemError) as error:
            service.accounts.begin(link, **{**right, **wrong})
        assert error.value.problem.code == code
        service.accounts.begin(link, **right)


def test_an_owner_signs_in_with_password_and_code_once(tmp_path: Path) -> None:
    """Password and code open a session; the same code, a wrong password and an unknown login open none, told alike."""
    with served(tmp_path) as (service, browser):
        ada = begin(service, Role.GUARD)
        form = ada.form(service)
        answer = browser.post("/sign-in", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        browser.cookies.clear()
        refused = [
            browser.post("/sign-in", data=given, headers=_PAGE)
            for given in (form, ada.form(service, password="wrong " * 4), {**ada.form(service), "login": "eve"})
        ]
        assert [answer.status_code for answer in refused] == [401, 401, 401]
        assert len({answer.text for answer in refused}) == 1


def test_a_recovery_code_works_once(tmp_path: Path) -> None:
    """One of the codes on paper stands in for the authenticator, one time."""
    with served(tmp_path) as (service, browser):
        ada = begin(service, Role.GUARD)
        form = ada.form(service, code=ada.recovery_codes[3].lower())
        assert browser.post("/sign-in", data=form).status_code == 303
        browser.cookies.clear()
        assert browser.post("/sign-in", data=form).status_code == 401


def test_five_wrong_tries_lock_an_account_for_a_while(tmp_path: Path) -> None:
    """After five wrong tries the right password opens nothing for a minute; the lock is on record, and grows."""
    with served(tmp_path) as (service, _):
        ada = begin(service, Role.GUARD)
        for _ in range(5):
            with pytest.raises(ProblemError) as error:
                service.accounts.sign_in(**ada.form(service, password=_WRONG))
            assert error.value.problem.status == 401
        with pytest.raises(ProblemError) as error:
            service.accounts.sign_in(**ada.form(service))
        assert error.value.problem.status == 429
        assert isinstance(service.clock, FakeClock)
        service.clock.advance(timedelta(minutes=1))
        with pytest.raises(ProblemError):
            service.accounts.sign_in(**ada.form(service, password=_WRONG))
        locked = service.accounts.all()[0].locked_until
        assert locked == service.clock.now() + timedelta(minutes=2)
        service.clock.advance(timedelta(minutes=2))
        assert service.accounts.sign_in(**ada.form(service)).failures == 0
        with service.site.store.read() as unit:
            tags = [record.tag for record in unit.audit.records()]
        assert tags.count(AuditTag.ACCOUNT_LOCKED) == 2


def test_an_address_may_try_only_so_often(tmp_path: Path) -> None:
    """One address that tries many logins is slowed down, whoever it tries to be."""
    with served(tmp_path) as (_, browser):
        form = {"login": "eve", "password": "x" * 12, "code": "000000"}
        for _ in range(10):
            assert browser.get("/begin/nothing").status_code == 404
        assert browser.post("/sign-in", data=form).status_code == 429


def test_a_session_ends_idle_and_in_any_case(tmp_path: Path) -> None:
    """A session that is not used for half an hour is over, and one in use is over after twelve hours."""
    with served(tmp_path) as (service, browser):
        assert isinstance(service.clock, FakeClock)
        ada = begin(service, Role.ADMINISTRATOR)
        browser.post("/sign-in", data=ada.form(service))
        for _ in range(24):
            service.clock.advance(timedelta(minutes=29))
            assert browser.get("/accounts").status_code == 200
        service.clock.advance(timedelta(minutes=29))
        assert browser.get("/accounts").status_code == 401
        browser.post("/sign-in", data=ada.form(service))
        service.clock.advance(timedelta(minutes=31))
        answer = browser.get("/accounts", headers=_PAGE)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?then=/accounts")


def test_a_change_needs_the_token_of_its_session(tmp_path: Path) -> None:
    """A form without the token of its session, or with another's, changes nothing."""
    with served(tmp_path) as (service, browser):
        ada = begin(service, Role.ADMINISTRATOR)
        browser.post("/sign-in", data=ada.form(service))
        for data in ({"roles": "guard"}, {"roles": "guard", "csrf_token": "0" * 64}):
            answer = browser.post("/accounts/links", data=data)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
        token = browser.get("/accounts").text.split('name="csrf_token" value="')[1].split('"')[0]
        made = browser.post("/accounts/links", data={"roles": "guard", "csrf_token": token})
        assert "http://testserver/begin/" in made.text


def test_a_role_taken_away_is_gone_at_once(tmp_path: Path) -> None:
    """Whoever loses a role loses it with the next request, and a removed account is signed out everywhere."""
    with served(tmp_path) as (service, browser):
        begin(service, Role.ADMINISTRATOR, login="root")
        ada = begin(service, Role.ADMINISTRATOR)
        browser.post("/sign-in", data=ada.form(service))
        service.accounts.change(ada.account_id, roles=frozenset({Role.GUARD}))
        assert browser.get("/accounts").status_code == 401
        browser.post("/sign-in", data=ada.form(service))
        assert browser.get("/accounts").status_code == 403
        service.accounts.remove(ada.account_id)
        assert browser.get("/accounts").status_code == 401


def test_the_last_administrator_stays(tmp_path: Path) -> None:
    """A site is never left without anybody who may change it."""
    with served(tmp_path) as (service, _):
        root = begin(service, Role.ADMINISTRATOR, login="root")
        begin(service, Role.GUARD)
        for change in (
            lambda: service.accounts.remove(root.account_id),
            lambda: service.accounts.change(root.account_id, roles=frozenset({Role.AUDITOR})),
        ):
            with pytest.raises(RefusedError) as error:
                change()
            assert error.value.reason == "last_administrator"


def test_an_account_is_set_up_anew_by_its_owner(tmp_path: Path) -> None:
    """A link of an administrator lets an owner choose anew; what was before opens nothing, and the login stays."""
    with served(tmp_path) as (service, _):
        ada = begin(service, Role.GUARD)
        link = service.links.anew(ada.account_id).removeprefix(LINK_PATH)
        secret = new_secret()
        service.accounts.begin(link, login="eve", password=PASSWORD[::-1], secret=secret, code=code_of(secret, service))
        with pytest.raises(ProblemError):
            service.accounts.sign_in(**ada.form(service))
        assert [(one.login, one.roles) for one in service.accounts.all()] == [("ada", frozenset({Role.GUARD}))]


def test_a_token_does_what_its_roles_may_until_it_ends(tmp_path: Path) -> None:
    """A bearer token needs no CSRF token, holds until its end or its revocation, and never does more than its maker."""
    with served(tmp_path) as (service, browser):
        assert isinstance(service.clock, FakeClock)
        made, text = service.tokens.new("lift", roles=frozenset({Role.ADMINISTRATOR}), days=1)
        bearer = {"Authorization": f"Bearer {text}"}
        assert browser.get("/accounts", headers=bearer).status_code == 200
        assert browser.get("/accounts", headers={"Authorization": f"Bearer {text}x"}).status_code == 401
        service.tokens.revoke(made.token_id)
        assert browser.get("/accounts", headers=bearer).status_code == 401
        _, text = service.tokens.new("lift", roles=frozenset({Role.ADMINISTRATOR}), days=1)
        service.clock.advance(timedelta(days=1))
        assert browser.get("/accounts", headers={"Authorization": f"Bearer {text}"}).status_code == 401
        ada = begin(service, Role.GUARD)
        _, text = service.tokens.new("lift", roles=frozenset({Role.ADMINISTRATOR}), days=1, holder=ada.account_id)
        assert browser.get("/accounts", headers={"Authorization": f"Bearer {text}"}).status_code == 403


def test_nothing_typed_lies_in_the_store(tmp_path: Path) -> None:
    """Neither a login, a password, a secret, a recovery code, a cookie, a link nor a token is in any file."""
    with served(tmp_path) as (service, browser):
        ada = begin(service, Role.ADMINISTRATOR, login="ada.lovelace@example.org")
        browser.post("/sign-in", data=ada.form(service))
        link = service.links.new(frozenset({Role.GUARD})).removeprefix(LINK_PATH)
        _, token = service.tokens.new("the lift", roles=frozenset({Role.GUARD}), days=1)
        secrets = (ada.login, PASSWORD, ada.secret, ada.recovery_codes[0], browser.cookies[COOKIE], link, token)
        held = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
        assert [text for text in (*secrets, "the lift") if text.encode() in held] == []


def test_the_other_language_of_a_page_that_answers_a_form_can_be_read(tmp_path: Path) -> None:
    """The links to the other language lead to the nearest page that is there, never to one that takes forms alone."""
    with served(tmp_path) as (service, browser):
        owner = begin(service, Role.ADMINISTRATOR)
        signed_in(service, browser, Role.ADMINISTRATOR)
        for path in ("/accounts/links", f"/accounts/{owner.account_id}/anew"):
            text = browser.post(path, data={"roles": "guard"}, headers=_PAGE).text
            assert 'href="/accounts?language=fr"' in text
        assert browser.get("/accounts?language=fr").status_code == 200
        browser.cookies.clear()
        refused = browser.post("/sign-in", data=owner.form(service, password=_WRONG), headers=_PAGE)
        assert 'href="/sign-in?language=fr"' in refused.text
