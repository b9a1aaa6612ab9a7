"""The API: what it does, what it refuses, and what it never tells."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from limen.core.accounts import Role
from limen.core.people import SiteKind
from limen.frames.drawn import PERSON, STRANGER
from limen.web.service import Service
from support.doors import DOOR
from support.service import bearer, picture, served, signed_in

_API = "/api/v1"
_AGREED = {"text_version": "2026-12", "language": "en", "how": "simulated", "days": 30}
_ADA, _BOB = PERSON, replace(STRANGER, beard=False)


def _agreed(browser: TestClient, headers: dict[str, str]) -> str:
    answer = browser.post(f"{_API}/agreements", json=_AGREED, headers=headers)
    assert answer.status_code == 201
    return str(answer.json()["agreement_id"])


def _enrolled(browser: TestClient, headers: dict[str, str], *, kind: str = "gallery", **more: str) -> dict[str, Any]:
    answer = browser.post(
        f"{_API}/enrolments",
        data={"name": "Ada", "agreement_id": _agreed(browser, headers), "kind": kind},
        files=[("pictures", ("a.png", picture(_ADA), "image/png"))],
        headers={**headers, **more},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_person_who_agreed_is_enrolled_shown_and_withdrawn(tmp_path: Path) -> None:
    """Agreement, enrolment, list, access, withdrawal with a signed receipt; then nobody is there."""
    with served(tmp_path) as (service, browser):
        desk = bearer(service, Role.OPERATOR)
        made = _enrolled(browser, desk)
        subject_id = made["subject"]["subject_id"]
        assert (made["code"], made["subject"]["confirmed"]) == (None, True)
        assert [one["name"] for one in browser.get(f"{_API}/subjects", headers=desk).json()["items"]] == ["Ada"]
        address = f"{_API}/subjects/{subject_id}"
        given = {"groups": ["staff"], "badge": "0042", "pin": "4711"}
        laid = browser.put(f"{address}/access", json=given, headers=desk).json()
        assert laid == {"groups": ["staff"], "badge": "0042", "has_pin": True}
        receipt = browser.post(f"{address}/withdraw", headers=desk).json()
        assert {"what": "face templates", "count": 1, "until": None, "why": None} in receipt["gone"]
        assert receipt["statement"]["signature"]
        assert browser.get(address, headers=desk).status_code == 404
        assert browser.post(f"{address}/withdraw", headers=desk).status_code == 404


def test_a_pass_is_told_once_and_kept_nowhere(tmp_path: Path) -> None:
    """A face pass comes with the enrolment alone; asked again with its idempotency key the answer is not told twice."""
    with served(tmp_path) as (service, browser):
        desk = bearer(service, Role.OPERATOR)
        key = {"Idempotency-Key": "one"}
        agreement = _agreed(browser, desk)
        form = {"name": "Ada", "agreement_id": agreement, "kind": "pass"}
        files = [("pictures", ("a.png", picture(_ADA), "image/png"))]
        first = browser.post(f"{_API}/enrolments", data=form, files=files, headers={**desk, **key})
        assert first.status_code == 201
        again = browser.post(f"{_API}/enrolments", data=form, files=files, headers={**desk, **key})
        assert (again.status_code, again.json()["code"]) == (409, "answered_already")
        subject_id, code = first.json()["subject"]["subject_id"], first.json()["code"]
        passes = browser.get(f"{_API}/subjects/{subject_id}/passes", headers=desk)
        assert code not in passes.text
        (held,) = passes.json()["items"]
        renewed = browser.post(f"{_API}/passes/renew", data={"code": code}, files=files, headers=desk)
        assert (renewed.status_code, renewed.json()["revoked"]) == (201, 1)
        other = [("pictures", ("b.png", picture(_BOB), "image/png"))]
        refused = browser.post(f"{_API}/passes/renew", data={"code": renewed.json()["code"]}, files=other, headers=desk)
        assert (refused.status_code, refused.json()["reasons"]) == (409, ["different_people"])
        address = f"{_API}/passes/{held['pass_id']}"
        assert browser.get(address, headers=desk).json()["revoked_at"] is not None
        assert browser.post(f"{address}/revoke", headers=desk).status_code == 409


def test_a_change_with_a_key_is_made_once(tmp_path: Path) -> None:
    """The same request with the same key gets the same answer; another request with that key is refused."""
    with served(tmp_path) as (service, browser):
        desk = {**bearer(service, Role.OPERATOR), "Idempotency-Key": "agree-1"}
        first, second = (browser.post(f"{_API}/agreements", json=_AGREED, headers=desk) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert "Idempotent-Replay" in second.headers
        other = browser.post(f"{_API}/agreements", json={**_AGREED, "days": 31}, headers=desk)
        assert (other.status_code, other.json()["code"]) == (409, "key_reused")
        stranger = {**bearer(service, Role.OPERATOR), "Idempotency-Key": "agree-1"}
        assert browser.post(f"{_API}/agreements", json=_AGREED, headers=stranger).json() != first.json()
        with service.site.store.read() as unit:
            assert len(unit.agreements.all()) == 2


def test_a_change_that_was_refused_may_be_tried_again_with_its_key(tmp_path: Path) -> None:
    """A refusal keeps no key: corrected outside, the same request goes through."""
    with served(tmp_path, settings=DOOR) as (service, browser):
        guard = {**bearer(service, Role.GUARD), "Idempotency-Key": "open-1"}
        for _ in range(2):
            answer = browser.post(f"{_API}/doors/front/open", json={"reason": "delivery"}, headers=guard)
            assert (answer.status_code, answer.json()["reasons"]) == (409, ["trial_opens_nothing"])


def test_a_change_whose_process_died_stays_in_doubt(tmp_path: Path) -> None:
    """A key whose first request was never answered is not used again by itself: somebody has to look."""
    with served(tmp_path) as (service, browser):
        desk = {**bearer(service, Role.OPERATOR), "Idempotency-Key": "agree-1"}
        browser.post(f"{_API}/agreements", json=_AGREED, headers=desk)
        with service.site.store.begin() as unit:
            (kept,) = unit.service.answers.all()
            unit.service.answers.put(replace(kept, status=0, body=""))
            unit.commit()
        answer = browser.post(f"{_API}/agreements", json=_AGREED, headers=desk)
        assert (answer.status_code, answer.json()["code"]) == (409, "in_doubt")


def test_a_withdrawal_leaves_no_kept_answer_of_the_person(tmp_path: Path) -> None:
    """What was answered about somebody, and their session, end with them."""
    with served(tmp_path) as (service, browser):
        desk = bearer(service, Role.OPERATOR)
        subject_id = _enrolled(browser, desk)["subject"]["subject_id"]
        with service.site.store.begin() as unit:
            assert unit.service.answers.all() == ()
            unit.commit()
        signed_in(service, browser, Role.SUBJECT, account=subject_id)
        address = f"{_API}/subjects/{subject_id}"
        assert browser.get(address).status_code == 200
        assert browser.get(f"{_API}/subjects/s-{'0' * 20}").status_code == 404
        assert browser.post(f"{address}/withdraw").status_code == 200
        assert browser.get(address).status_code == 401


def test_pictures_that_are_none_are_refused_in_words(tmp_path: Path) -> None:
    """Text, a blank wall, two people and a picture too large: each a problem with its reason, and nothing written."""
    with served(tmp_path) as (service, browser):
        desk = bearer(service, Role.OPERATOR)
        agreement = _agreed(browser, desk)
        form = {"name": "Ada", "agreement_id": agreement, "kind": "gallery"}
        cases: tuple[tuple[list[bytes], int, list[str]], ...] = (
            ([b"no picture"], 422, []),
            ([picture(_ADA), picture(_BOB)], 409, ["different_people"]),
            ([b"x" * (4 * 1024 * 1024 + 1)], 422, []),
        )
        for contents, status, reasons in cases:
            files = [("pictures", ("a.png", content, "image/png")) for content in contents]
            answer = browser.post(f"{_API}/enrolments", data=form, files=files, headers=desk)
            assert (answer.status_code, answer.json()["reasons"]) == (status, reasons)
        with service.site.store.read() as unit:
            assert unit.subjects.count() == 0


def test_a_large_picture_touches_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form with megabytes of picture is read without a temporary file."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a picture was written to a temporary file")

    with served(tmp_path) as (service, browser):
        desk = bearer(service, Role.OPERATOR)
        form = {"name": "Ada", "agreement_id": _agreed(browser, desk), "kind": "gallery"}
        monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", refuse)
        files = [("pictures", ("a.png", picture(_ADA) + b"\0" * 3_000_000, "image/png"))]
        assert browser.post(f"{_API}/enrolments", data=form, files=files, headers=desk).status_code == 201


def test_rules_change_only_from_the_state_that_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without If-Match 428, with an old ETag 412, with mistakes 422 and all of them, else written and followed."""
    with served(tmp_path, settings=DOOR) as (service, browser):
        admin, address = bearer(service, Role.ADMINISTRATOR), f"{_API}/doors/front/rules"
        restarted: list[str] = []
        monkeypatch.setattr(service.live, "restart", restarted.append)
        read = browser.get(address, headers=admin)
        match = {**admin, "If-Match": read.headers["etag"]}
        given = {"rules": {"min_quality": "30"}}
        assert browser.put(address, json=given, headers=admin).status_code == 428
        wrong = {"rules": {"min_quality": "300", "patience_s": "soon"}}
        told = browser.put(address, json=wrong, headers=match)
        assert told.status_code == 422
        assert {one["place"] for one in told.json()["mistakes"]} == {"door.front.min_quality", "door.front.patience_s"}
        done = browser.put(address, json=given, headers=match)
        assert (done.status_code, done.headers["etag"] != match["If-Match"]) == (200, True)
        assert browser.put(address, json=given, headers=match).status_code == 412
        assert service.site.settings.door["front"].min_quality == 30
        assert restarted == ["front"]
        assert browser.put(address, json=given, headers={**bearer(service, Role.GUARD)}).status_code == 403


def test_doors_are_shown_and_locked_down(tmp_path: Path) -> None:
    """A guard sees how doors stand, locks one down and reads what happened, without whom it was about."""
    with served(tmp_path, settings=DOOR) as (service, browser):
        guard = bearer(service, Role.GUARD)
        (door,) = browser.get(f"{_API}/doors", headers=guard).json()["items"]
        assert (door["door"], door["locked_down"]) == ("front", False)
        shut = browser.put(f"{_API}/doors/front/standing", json={"locked_down": True}, headers=guard)
        assert shut.json()["locked_down"] is True
        asked = {"event": "e-1", "reason": "looked at it"}
        assert browser.post(f"{_API}/doors/front/clear", json=asked, headers=guard).status_code == 202
        events = browser.get(f"{_API}/events", params={"limit": 1}, headers=guard).json()
        assert events["items"][0]["tag"] == "operator:door:cleared"
        older = browser.get(f"{_API}/events", params={"before": events["next"]}, headers=guard).json()
        assert [one["tag"] for one in older["items"]] == ["operator:door:standing_changed"]
        assert older["next"] is None
        assert browser.get(f"{_API}/doors/back", headers=guard).status_code == 404
        assert browser.get(f"{_API}/doors/front/counts", headers=guard).json() == {"items": []}
        assert browser.get(f"{_API}/occupancy", headers=guard).json() == {"people": 0}


def test_a_live_door_is_asked_to_open(tmp_path: Path) -> None:
    """In a live folder opening by hand is written down and answered with how long it is worth following."""
    with served(tmp_path, kind=SiteKind.LIVE, settings=DOOR) as (service, browser):
        guard = bearer(service, Role.GUARD)
        answer = browser.post(f"{_API}/doors/front/open", json={"reason": "delivery"}, headers=guard)
        assert answer.status_code == 202
        blank = browser.post(f"{_API}/doors/front/open", json={"reason": " "}, headers=guard)
        assert (blank.status_code, blank.json()["reasons"]) == (409, ["reason_missing"])


def test_an_auditor_learns_whether_the_chain_holds(tmp_path: Path) -> None:
    """The check of the chain is told with what it cannot vouch for."""
    with served(tmp_path) as (service, browser):
        told = browser.get(f"{_API}/audit/verify", headers=bearer(service, Role.AUDITOR)).json()
        assert (told["holds"], told["broken_at"]) == (True, None)
        assert told["not_covered"]


def test_metrics_are_a_closed_list_and_name_nobody(tmp_path: Path) -> None:
    """Prometheus reads how many and how long, each as the guide says; a path or a person is no label."""
    with served(tmp_path) as (service, browser):
        text = browser.get(f"{_API}/metrics", headers=bearer(service, Role.AUDITOR)).text
        names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE") and "_created" not in line}
        assert names == {
            "limen_http_requests_total",
            "limen_http_seconds",
            "limen_enrolled_people",
            "limen_people_inside",
            "limen_door_running",
            "limen_frames_arrived_total",
            "limen_frames_shed_total",
            "limen_frames_looked_at_total",
        }
        guide = (Path(__file__).parents[3] / "docs" / "guide" / "integrator.md").read_text("utf-8")
        assert [name for name in sorted(names) if f"| `{name}` |" not in guide] == []


def test_what_breaks_inside_stays_inside(tmp_path: Path) -> None:
    """A store that cannot be read is told as 503 without a file name, and a fault as 500 without its words."""
    with served(tmp_path) as (service, browser):
        guard = bearer(service, Role.GUARD)
        _break(service)
        answer = browser.get(f"{_API}/occupancy", headers=guard)
        assert answer.status_code in {500, 503}
        assert str(tmp_path) not in answer.text
        assert json.loads(answer.text)["advice"]


def _break(service: Service) -> None:
    service.site.store.close()
    for path in service.site.settings.data.glob("*.db*"):
        path.write_bytes(b"not a database at all" * 100)
    for path in service.site.settings.data.glob("*.sqlite*"):
        path.write_bytes(b"not a database at all" * 100)
