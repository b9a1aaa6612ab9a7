"""The application: every route declares who may ask it, and every answer is dressed."""

from __future__ import annotations

from pathlib import Path

from limen.web.app import create_app
from limen.web.security.roles import routes_of
from support.service import served


def test_every_route_declares_who_may_ask(tmp_path: Path) -> None:
    """No route is open by having been forgotten."""
    with served(tmp_path) as (service, _):
        routes = routes_of(create_app(service))
        assert routes
        assert [route.path for route in routes if route.roles is None] == []


def test_a_page_has_strict_headers_and_the_trial_banner(tmp_path: Path) -> None:
    """A page allows nothing from elsewhere, no camera and no copy, and says that the folder is a trial one."""
    with served(tmp_path) as (_, browser):
        answer = browser.get("/", headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["permissions-policy"].startswith("camera=()")
        assert answer.headers["cache-control"] == "no-store"
        assert "Trial" in answer.text


def test_a_page_speaks_the_language_of_its_reader(tmp_path: Path) -> None:
    """A browser that asks for French gets French, and a choice in the address counts for more."""
    with served(tmp_path) as (_, browser):
        french = {"Accept-Language": "fr-FR,fr;q=0.9"}
        assert 'lang="fr"' in browser.get("/", headers=french).text.splitlines()[1]
        assert 'lang="en"' in browser.get("/?language=en", headers=french).text.splitlines()[1]


def test_an_error_is_a_problem_for_programs_and_a_page_for_people(tmp_path: Path) -> None:
    """What is not there is told as RFC 9457 to a program and as a page to a person."""
    with served(tmp_path) as (_, browser):
        told = browser.get("/api/v1/nothing")
        assert (told.status_code, told.headers["content-type"]) == (404, "application/problem+json")
        assert told.json()["code"] == "not_found"
        shown = browser.get("/nothing", headers={"Accept": "text/html"})
        assert shown.status_code == 404
        assert "<h1>" in shown.text


def test_a_change_that_another_site_asks_for_is_refused(tmp_path: Path) -> None:
    """A browser that says the request comes from elsewhere is turned away before anything is looked at."""
    with served(tmp_path) as (_, browser):
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
            answer = browser.post("/sign-out", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign")
        assert browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_plain_files_are_kept_by_their_digest_and_nothing_else_is_reachable(tmp_path: Path) -> None:
    """A style may be kept for ever under its digest; templates and words are not served."""
    with served(tmp_path) as (_, browser):
        text = browser.get("/").text
        address = text.split('rel="stylesheet" href="')[1].split('"')[0]
        assert "immutable" in browser.get(address).headers["cache-control"]
        digest = address.split("/")[2]
        for name in ("base/base.html", "base/words.en.toml", "../app.py", "..%2Fapp.py"):
            assert browser.get(f"/static/{digest}/{name}").status_code == 404
