"""The console in a real browser: main paths by hand, and axe-core on each page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from limen.flows.report_incident import ReportIncident
from limen.web.security.roles import Role
from support.console import NAMES, Desk, staffed
from support.serving import chromium, listening, opened, serious

pytestmark = pytest.mark.browser

_EVENT = f"e-{3:020x}"
_PAGES = (
    *("", "/people", "/people/invite", "/people/desk", "/events", "/incidents", "/rules/front", "/thresholds"),
    *("/audit", "/privacy", "/settings", "/people/{person}"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    desk: Desk
    address: str
    browser: Browser

    def sit(self, *roles: Role, account: str = "someone") -> Page:
        page = opened(self.browser, self.address, self.desk.service, *roles, account=account)
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        return page


@pytest.fixture
def place(tmp_path: Path) -> Iterator[_Place]:
    """A console with three people, a door and some events, and a browser before it."""
    with (
        staffed(tmp_path, Role.ADMINISTRATOR) as desk,
        listening(desk.service) as address,
        chromium() as browser,
    ):
        yield _Place(desk=desk, address=address, browser=browser)


def test_no_page_of_the_console_has_a_serious_problem_for_anybody(place: _Place) -> None:
    """axe-core, WCAG 2.2 AA, with an incident, an alarm and a list to show; also when empty of messages."""
    site = place.desk.service.site
    report = ReportIncident(store=site.store, clock=site.clock)
    report.not_me(place.desk.people[0], event=_EVENT, note="I was at home", by="someone")
    page = place.sit(Role.ADMINISTRATOR, Role.GUARD)
    found = {}
    for path in _PAGES:
        page.goto("/console" + path.format(person=place.desk.people[0]))
        found[path] = serious(page)
    assert {path: what for path, what in found.items() if what} == {}


def test_a_guard_looks_after_an_alarm_by_keyboard_alone(place: _Place) -> None:
    """Tab to the field, a few words, Enter: it is looked after."""
    page = place.sit(Role.GUARD)
    page.goto("/console")
    page.get_by_label("What do you do about it? No names.").focus()
    page.keyboard.type("a delivery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Acknowledged")
    expect(page.locator(".alarms")).to_contain_text("looked after")


def test_this_was_not_me_and_whom_it_was_about(place: _Place) -> None:
    """At the desk, then asked by a guard, approved by an officer, told to the guard."""
    page = place.sit(Role.GUARD, account="guard")
    page.goto("/console/people")
    page.get_by_role("link", name=NAMES[0]).click()
    page.get_by_label("Which event").fill(_EVENT)
    page.get_by_label("In a few words").fill("I was at home")
    page.get_by_role("button", name="This was not me").click()
    expect(page.get_by_text("second factor needed")).to_be_visible()
    page.goto("/console/incidents")
    expect(page.locator("article")).to_contain_text("at door front")
    page.get_by_text("Ask whom an event was about").click()
    page.get_by_label("Why? The person reads this.").fill("to call that person")
    page.get_by_role("button", name="Ask a second role").click()
    officer = place.sit(Role.DATA_PROTECTION_OFFICER, account="officer")
    officer.goto("/console/incidents")
    officer.get_by_role("button", name="Approve").click()
    expect(officer.get_by_role("status").first).to_contain_text("Approved")
    page.reload()
    page.get_by_role("button", name="Look; the person sees that I did").click()
    expect(page.get_by_role("status").first).to_contain_text(NAMES[0])


def test_rules_are_tried_and_written(place: _Place) -> None:
    """A least quality is tried on what the door decided, then written; a mistake is told above the form."""
    page = place.sit(Role.ADMINISTRATOR)
    page.goto("/console/rules/front")
    page.get_by_label("Least quality").fill("85")
    page.get_by_role("button", name="Try on the last 7 days").click()
    expect(page.get_by_role("heading", name="In the last 7 days, with these rules")).to_be_visible()
    expect(page.locator("main")).to_contain_text("12 would certainly have been answered otherwise")
    expect(page.get_by_label("Least quality")).to_have_value("85")
    page.get_by_label("Least quality").fill("185")
    page.get_by_role("button", name="Write to limen.toml").click()
    expect(page.get_by_role("alert")).to_contain_text("min_quality")
    page.get_by_label("Least quality").fill("20")
    page.get_by_role("button", name="Write to limen.toml").click()
    expect(page.get_by_role("status").first).to_contain_text("Written to limen.toml")
    expect(page.get_by_label("Least quality")).to_have_value("20")


def test_letters_come_as_a_file(place: _Place) -> None:
    """A pasted list gives a PDF, and the people are invited."""
    page = place.sit(Role.OPERATOR)
    page.goto("/console/people/invite")
    page.get_by_label("or paste it here").fill("name,group,badge\nGrace Hopper,staff,7\n")
    with page.expect_download() as download:
        page.get_by_role("button", name="Invite, and make the letters (PDF)").click()
    assert download.value.suggested_filename == "letters.pdf"
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    page.goto("/console/people")
    expect(page.locator("main")).to_contain_text("Grace Hopper")
