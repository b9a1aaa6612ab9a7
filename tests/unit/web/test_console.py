"""The console: each page to its roles, no identity in lists and files, every change on record."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx import Response

from limen.bootstrap.rules import Rules
from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.flows.invite_by_link import guests_of
from limen.flows.links import Links
from limen.settings import load_settings
from limen.settings.editing import digest_of, read_text
from limen.web.pages.console.shared import PAGES
from limen.web.security.roles import STAFF, Role
from support.console import NAMES, Desk, staffed

_EVENT = f"e-{3:020x}"


def _post(desk: Desk, path: str, **fields: str) -> Response:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer: Response = desk.browser.post(path, content=urlencode(fields), headers=headers)
    return answer


def _tags(desk: Desk) -> list[AuditTag]:
    with desk.service.site.store.read() as unit:
        return [record.tag for record in unit.audit.records()]


@pytest.mark.parametrize("role", STAFF)
def test_everybody_sees_the_pages_of_the_own_role_and_no_other(tmp_path: Path, role: Role) -> None:
    """The menu offers what may be seen; the rest is refused, and nobody who is not signed in sees anything."""
    with staffed(tmp_path, role) as desk:
        for address, name, roles in PAGES:
            answer = desk.browser.get(address)
            assert answer.status_code in ({200, 303} if role in roles else {403}), (address, role)
            shown = desk.browser.get("/console").text
            assert (f'href="{address}"' in shown) == (role in roles), name
        desk.browser.cookies.clear()
        assert {desk.browser.get(address).status_code for address, _, _ in PAGES} == {303}


def test_an_empty_site_teaches(tmp_path: Path) -> None:
    """Without doors, people or events each page says what belongs there and how to begin."""
    with staffed(tmp_path, Role.ADMINISTRATOR, settings="", populated=False) as desk:
        for page, words in {
            "/console": "There is no door yet",
            "/console/people": "Nobody is enrolled yet",
            "/console/events": "Nothing happened yet",
            "/console/incidents": "No incident",
            "/console/rules": "There is no door yet",
            "/console/thresholds": "of 1,000 strangers",
        }.items():
            assert words in desk.browser.get(page).text


def test_lists_and_files_of_events_name_nobody(tmp_path: Path) -> None:
    """No name, no id of a person, no alias; the file is CSV with one line for each event."""
    with staffed(tmp_path, Role.ADMINISTRATOR) as desk:
        with desk.service.site.store.read() as unit:
            secret = [*NAMES, *desk.people, *map(unit.subjects.alias, desk.people)]
        for path in ("/console", "/console/events", "/console/events.csv", "/console/incidents", "/console/audit"):
            text = desk.browser.get(path).text
            assert [word for word in secret if word in text] == [], path
        rows = list(csv.DictReader(io.StringIO(desk.browser.get("/console/events.csv").text)))
        assert len(rows) == 13
        assert rows[1]["outcome"] == "grant"
        assert len(desk.browser.get("/console/events?door=front").text) > len(
            desk.browser.get("/console/events?door=back").text
        )


def test_a_person_page_says_nothing_of_when_or_where(tmp_path: Path) -> None:
    """Neither the door nor any event stands on it."""
    with staffed(tmp_path, Role.GUARD) as desk:
        text = desk.browser.get(f"/console/people/{desk.people[0]}").text
        assert NAMES[0] in text
        assert [word for word in ("front", "e-0000", "recognised") if word in text] == []
        assert desk.browser.get("/console/people/s-nobody").status_code == 404


def test_an_alarm_is_acknowledged_with_a_note_and_who(tmp_path: Path) -> None:
    """It is on record and shown; without words nothing happens; a second time it is refused."""
    with staffed(tmp_path, Role.GUARD) as desk:
        assert "The door was held open" in desk.browser.get("/console").text
        with desk.service.site.store.read() as unit:
            number = unit.audit.latest(frozenset({AuditTag.DOOR_HELD}), most=1)[0].sequence
        path = f"/console/alarms/r-{number}"
        assert _post(desk, path, note="  ").status_code == 409
        assert _post(desk, path, note="a delivery").status_code == 303
        shown = desk.browser.get("/console?done=acknowledged").text
        assert "a delivery" in shown
        assert "someone" in shown
        assert "It is on record" in shown
        assert _post(desk, path, note="again").status_code == 409
        assert _post(desk, "/console/alarms/r-999", note="which?").status_code == 409
        assert _tags(desk)[-1] is AuditTag.ALARM_ACKNOWLEDGED


def test_a_door_is_locked_down_cleared_and_not_opened_in_a_trial(tmp_path: Path) -> None:
    """Each needs its words; a trial folder opens nothing."""
    with staffed(tmp_path, Role.GUARD) as desk:
        assert _post(desk, "/console/doors/front/lockdown", locked="true").status_code == 303
        assert "Release the lock-down" in desk.browser.get("/console").text
        assert _post(desk, "/console/doors/front/lockdown", locked="false").status_code == 303
        assert _post(desk, "/console/doors/front/open", reason="a delivery").status_code == 409
        assert _post(desk, "/console/doors/front/clear", event=_EVENT, reason="looked").status_code == 303
        assert _post(desk, "/console/doors/nowhere/lockdown", locked="true").status_code == 422
        assert [tag for tag in _tags(desk) if tag is AuditTag.DOOR_STANDING] == [AuditTag.DOOR_STANDING] * 2


def test_this_was_not_me_at_the_desk(tmp_path: Path) -> None:
    """The person needs a second factor at once; the incident has time, door and rates and no name of anybody."""
    with staffed(tmp_path, Role.GUARD) as desk:
        page = f"/console/people/{desk.people[0]}"
        wrong = _post(desk, f"{page}/not-me", event="e-9", note="not me")
        assert (wrong.status_code, "There is no such event" in wrong.text or "no such event" in wrong.text) == (
            409,
            True,
        )
        assert _post(desk, f"{page}/not-me", event=_EVENT, note="I was at home").status_code == 303
        assert "second factor needed" in desk.browser.get(page).text
        incidents = desk.browser.get("/console/incidents").text
        for words in ("I was at home", _EVENT, "1e-7", "at door front", "There is no picture"):
            assert words in incidents
        assert [name for name in NAMES if name in incidents] == []


def test_an_event_is_told_to_who_asked_once_a_second_role_agrees(tmp_path: Path) -> None:
    """A guard asks, may not approve, an officer does, and the guard is told one name, on record."""
    with staffed(tmp_path, Role.GUARD) as desk:
        _post(desk, "/console/events/report", event=_EVENT, note="a laptop is missing")
        with desk.service.site.store.read() as unit:
            (incident,) = unit.incidents.all()
        asked = f"/console/incidents/{incident.incident_id}/ask"
        assert _post(desk, asked, event=_EVENT, reason="the laptop").status_code == 303
        with desk.service.site.store.read() as unit:
            (opening,) = unit.incidents.openings()
        path = f"/console/incidents/openings/{opening.opening_id}"
        assert _post(desk, f"{path}/approve").status_code == 403
        assert _post(desk, f"{path}/look").status_code == 409
        desk.sign_in(Role.DATA_PROTECTION_OFFICER, account="officer")
        assert _post(desk, f"{path}/approve").status_code == 303
        desk.sign_in(Role.GUARD, account="someone")
        told = _post(desk, f"{path}/look")
        assert told.status_code == 200
        assert NAMES[0] in told.text
        assert [name for name in NAMES[1:] if name in told.text] == []
        assert NAMES[0] not in desk.browser.get("/console/incidents").text
        assert _tags(desk)[-1] is AuditTag.EVENT_OPENED
        assert _post(desk, f"/console/incidents/{incident.incident_id}/settle", note="found").status_code == 403
        desk.sign_in(Role.DATA_PROTECTION_OFFICER, account="officer")
        assert _post(desk, f"/console/incidents/{incident.incident_id}/settle", note="found").status_code == 303


def test_somebody_who_leaves_is_forgotten_when_it_is_meant(tmp_path: Path) -> None:
    """Without the tick nothing happens; with it there is a receipt, and the person is nowhere."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        path = f"/console/people/{desk.people[1]}/stop"
        assert _post(desk, path).status_code == 422
        receipt = _post(desk, path, sure="yes")
        assert receipt.status_code == 200
        assert "No door knows this person any more" in receipt.text
        assert NAMES[1] not in desk.browser.get("/console/people").text
        assert desk.browser.get(f"/console/people/{desk.people[1]}").status_code == 404


def test_rights_are_laid_down_and_what_cannot_be_is_told_in_place(tmp_path: Path) -> None:
    """Groups and badge change; a group that cannot be is told on the page and changes nothing."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        page = f"/console/people/{desk.people[2]}"
        assert _post(desk, f"{page}/rights", groups="night, guards", badge="77").status_code == 303
        shown = desk.browser.get(page).text
        assert "guards, night" in shown
        assert "77" in shown
        wrong = _post(desk, f"{page}/rights", groups="Not, Good")
        assert wrong.status_code == 409
        assert "a group is small letters" in wrong.text


def test_people_are_found_by_name_and_by_what_they_want(tmp_path: Path) -> None:
    """A part of the name; agreements that end soon; nobody else."""
    with staffed(tmp_path, Role.GUARD) as desk:
        found = desk.browser.get("/console/people?find=lovel").text
        assert NAMES[0] in found
        assert NAMES[1] not in found
        assert NAMES[0] not in desk.browser.get("/console/people?show=ending").text
        desk.service.site.clock.advance(timedelta(days=340))  # type: ignore[attr-defined]  # the clock of tests
        desk.sign_in(Role.GUARD, account="someone")
        assert NAMES[0] in desk.browser.get("/console/people?show=ending").text
        assert NAMES[0] not in desk.browser.get("/console/people?show=waiting").text


def test_hundreds_are_invited_from_a_list_and_get_a_letter_each(tmp_path: Path) -> None:
    """A file or pasted text gives one PDF with a page for each; a list with mistakes invites nobody."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        wrong = _post(desk, "/console/people/invite", pasted="name,badge\nEve,1\nBob,1\n,2\n")
        assert wrong.status_code == 422
        assert wrong.text.count("<li>line") == 2
        text = "name,group,badge\n" + "".join(f"Guest {number},staff,{number}\n" for number in range(300))
        answer = desk.browser.post(
            "/console/people/invite", data={"language": "fr"}, files={"file": ("list.csv", text.encode(), "text/csv")}
        )
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
        assert answer.content.count(b"/Type /Page\n") == 300
        with desk.service.site.store.read() as unit:
            assert len(unit.invitations.all()) == 300
        shown = desk.browser.get("/console/people").text
        assert "300 invited" in shown


def test_whose_agreement_ends_gets_a_letter(tmp_path: Path) -> None:
    """A page for each of them; with nobody to remind it says so."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        assert _post(desk, "/console/people/remind").status_code == 409
        desk.service.site.clock.advance(timedelta(days=340))  # type: ignore[attr-defined]  # the clock of tests
        desk.sign_in(Role.OPERATOR, account="someone")
        assert "Letters that remind them" in desk.browser.get("/console/people?show=ending").text
        answer = _post(desk, "/console/people/remind", language="fr")
        assert answer.content.count(b"/Type /Page\n") == 3


def test_a_person_gets_another_code_for_the_own_page(tmp_path: Path) -> None:
    """It is shown once and opens that person's page."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        page = f"/console/people/{desk.people[0]}"
        code = _post(desk, f"{page}/code").text.split('<span class="code">')[1].split("<")[0]
        assert code not in desk.browser.get(page).text
        site = desk.service.site
        assert Links(store=site.store, clock=site.clock).person(code).subject_id == desk.people[0]


def test_a_letter_is_refused_a_file_that_is_too_large(tmp_path: Path) -> None:
    """A megabyte is enough for two thousand people."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        answer = desk.browser.post("/console/people/invite", files={"file": ("list.csv", b"x" * 1_000_001, "text/csv")})
        assert answer.status_code == 422
        assert "larger than a megabyte" in answer.text


def test_somebody_at_the_desk_gets_the_screen(tmp_path: Path) -> None:
    """The operator fills in a name, and the next page is the person's own."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        answer = _post(desk, "/console/people/desk", name='Max "M" Muster', group="staff, night", badge="99")
        assert answer.status_code == 303
        path, _, code = answer.headers["location"].partition("#")
        assert desk.browser.get(path).status_code == 200
        site = desk.service.site
        assert Links(store=site.store, clock=site.clock).invited(code).name == 'Max "M" Muster'
        assert desk.browser.get("/console").status_code == 303, "nobody sits at the operator's console"
        desk.sign_in(Role.OPERATOR, account="someone")
        with desk.service.site.store.read() as unit:
            (invited,) = unit.invitations.all()
        assert (invited.name, sorted(invited.rights.groups)) == ('Max "M" Muster', ["night", "staff"])
        assert _post(desk, "/console/people/desk", name="").status_code == 422


def _rules(desk: Desk, act: str, **changed: str) -> Response:
    text = read_text(desk.service.site.settings.data)
    fields = {"rule.attendance": "attended", "rule.access": "everybody = always", "rule.direction": "in"}
    fields |= {"rule.second_factor": "none", "rule.passback": "off", "rule.mask.rule": "off", "rule.patience_s": "2"}
    fields |= {"rule.mask.asked": "before", "rule.other_way.kind": "none", "rule.min_quality": "0"}
    fields |= {"rule.zone.least_eyes_px": "36", "rule.zone.most_yaw_deg": "40", "rule.zone.most_pitch_deg": "35"}
    fields |= {"rule.temperature.rule": "off", "rule.temperature.threshold_c": "36.12"}
    fields |= {"rule.temperature.above_others_k": "0.6", "rule.temperature.blackbody_emissivity": "0.97"}
    fields |= {"rule.temperature.warm_up_minutes": "30"}
    fields |= {f"rule.{name.replace('__', '.')}": value for name, value in changed.items()}
    return _post(desk, "/console/rules/front", **{"act": act, "etag": digest_of(text), **fields})


def test_rules_are_tried_on_what_the_door_decided(tmp_path: Path) -> None:
    """What follows is told in totals, and what cannot be told is said with the reason."""
    with staffed(tmp_path, Role.ADMINISTRATOR) as desk:
        told = _rules(desk, "try", min_quality="85").text
        assert "<strong>12</strong> decisions" in told
        assert "<strong>12</strong> would certainly have been answered otherwise" in told
        told = _rules(desk, "try", second_factor="badge").text
        assert "whether a badge or PIN was shown" in told
        assert AuditTag.RULES_CHANGED not in _tags(desk)


def test_rules_are_written_with_comments_kept_and_on_record(tmp_path: Path) -> None:
    """The file has the change and its comments, the record has versions and no rule."""
    with staffed(tmp_path, Role.ADMINISTRATOR) as desk:
        assert desk.browser.get("/console/rules/front").headers["etag"].strip('"')
        assert _rules(desk, "write", min_quality="20").status_code == 303
        assert load_settings(tmp_path, environment={}).door["front"].min_quality == 20
        assert "# a number (0 is the first webcam)" in read_text(tmp_path)
        assert _tags(desk)[-1] is AuditTag.RULES_CHANGED
        with desk.service.site.store.read() as unit:
            detail = unit.audit.latest(frozenset({AuditTag.RULES_CHANGED}), most=1)[0].detail
        assert set(detail) == {"door", "before", "after", "by"}
        assert detail["before"] != detail["after"]


def test_mistakes_in_rules_are_told_all_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    """Three mistakes, three sentences, and what was filled in stays in the form."""
    with staffed(tmp_path, Role.ADMINISTRATOR) as desk:
        before = read_text(tmp_path)
        wrong = _rules(desk, "write", min_quality="101", most_inside="many", access="staff = nights")
        assert wrong.status_code == 422
        assert wrong.text.count("<li>door.front.") >= 3
        assert 'value="many"' in wrong.text
        assert read_text(tmp_path) == before


def test_rules_that_somebody_changed_meanwhile_are_not_overwritten(tmp_path: Path) -> None:
    """The second of two writers is told, and the file is the first one's."""
    with staffed(tmp_path, Role.ADMINISTRATOR) as desk:
        (tmp_path / "limen.toml").write_text(read_text(tmp_path) + "# by hand\n", "utf-8")
        answer = _post(desk, "/console/rules/front", act="write", etag="0" * 32, **{"rule.min_quality": "20"})
        assert answer.status_code == 409
        assert "changed since you read it" in answer.text
        assert read_text(tmp_path).endswith("# by hand\n")


def test_of_two_who_write_at_once_one_is_told_to_read_again(tmp_path: Path) -> None:
    """Neither change is lost without a word, whoever comes first."""
    with staffed(tmp_path, populated=False) as desk:
        rules = Rules(site=desk.service.site, door="front")
        etag = rules.read().etag

        def write(quality: int) -> bool:
            try:
                rules.write({"min_quality": str(quality)}, etag=etag, by="somebody")
            except RefusedError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(write, range(20, 28))) == 1


def test_rules_are_read_but_not_written_by_who_only_looks(tmp_path: Path) -> None:
    """An auditor sees the form and cannot send it; a door that is not there is not found."""
    with staffed(tmp_path, Role.AUDITOR) as desk:
        assert "Write to limen.toml" not in desk.browser.get("/console/rules/front").text
        assert _post(desk, "/console/rules/front", act="write").status_code == 403
        assert desk.browser.get("/console/rules/nowhere").status_code == 404


def test_thresholds_are_told_at_ones_own_traffic(tmp_path: Path) -> None:
    """At 1 of 1,000 and 20 strangers a day 7.3 come in a year; plots are drawn and described."""
    with staffed(tmp_path, Role.AUDITOR) as desk:
        text = desk.browser.get("/console/thresholds?people=400&strangers=20&entries=400").text
        assert "7.3 a year" in text
        assert text.count("<svg") == 2
        assert text.count('role="img"') == 2
        assert "with a mask" in text
        assert desk.browser.get("/console/thresholds?people=-1").status_code == 422


def test_the_chain_is_verified_and_a_checkpoint_taken(tmp_path: Path) -> None:
    """The page says that all records hold; the file is the signed statement."""
    with staffed(tmp_path, Role.AUDITOR) as desk:
        assert "records hold" in _post(desk, "/console/audit/verify").text
        answer = _post(desk, "/console/audit/checkpoint")
        statement = json.loads(answer.content)
        assert statement["statement"] == "limen-checkpoint-1"
        assert statement["signature"]


def test_settings_say_where_they_came_from_and_hide_secrets(tmp_path: Path) -> None:
    """Default, file; what leads to a secret is told as set or not."""
    toml = '[site]\nname = "hq"\n[broker]\nhost = "broker.example"\npassword_file = "/etc/limen/secret"\n'
    with staffed(tmp_path, Role.AUDITOR, settings=toml, populated=False) as desk:
        text = desk.browser.get("/console/settings").text
        assert "<code>site.name</code></th><td>hq</td>" in text
        assert "/etc/limen/secret" not in text
        assert text.count(">default<") > 10


def test_the_privacy_page_and_its_report(tmp_path: Path) -> None:
    """Promises and retention for everybody on the staff; the report for those who look after the site."""
    with staffed(tmp_path, Role.DATA_PROTECTION_OFFICER) as desk:
        assert "Strangers leave no trace" in desk.browser.get("/console/privacy").text
        assert desk.browser.get("/console/privacy/report").status_code == 409
        desk.service.privacy_report = lambda: "<!doctype html><title>draft</title>"
        answer = desk.browser.get("/console/privacy/report")
        assert "attachment" in answer.headers["content-disposition"]
        assert "draft" in answer.text
        desk.sign_in(Role.GUARD, account="someone")
        assert desk.browser.get("/console/privacy/report").status_code == 403


def test_a_list_for_the_desk_may_hold_hostile_names(tmp_path: Path) -> None:
    """A name with markup is shown as it is and never as markup."""
    with staffed(tmp_path, Role.OPERATOR) as desk:
        (guest,) = guests_of("name\n<script>alert(1)</script>\n")
        assert _post(desk, "/console/people/desk", name=guest.name).status_code == 303
        desk.sign_in(Role.OPERATOR, account="someone")
        shown = desk.browser.get("/console/people").text
        assert "<script>alert" not in shown
        assert "&lt;script&gt;" in shown
