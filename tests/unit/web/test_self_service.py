"""Self-service over HTTP: an invitation becomes a face pass; one's own page; stop and delete."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import pytest
from fastapi.testclient import TestClient

from limen.core.people import Rights, SiteKind
from limen.flows.invite_by_link import Guest, InviteByLink
from limen.frames.drawn import PERSON, STRANGER, DrawnFace
from limen.web.security.csrf import HEADER
from limen.web.service import Service
from support.faces import drawn
from support.service import served

_HTML = {"Accept": "text/html"}
_OTHER = replace(STRANGER, beard=False, glasses=False)


def _picture(face: DrawnFace) -> str:
    return base64.b64encode(cv2.imencode(".jpg", drawn(face))[1].tobytes()).decode("ascii")


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Service, TestClient]]:
    """A trial folder that is served."""
    with served(tmp_path) as (service, browser):
        yield service, browser


def _invite(service: Service, name: str = "Ada") -> str:
    invite = InviteByLink(store=service.site.store, clock=service.clock, keep=timedelta(days=30))
    (made,) = invite([Guest(name=name, rights=Rights(groups=frozenset({"staff"})))], by="a-test")
    return made.secret


def _agree(browser: TestClient, code: str, kind: str = "pass") -> dict[str, Any]:
    told = {"code": code, "kind": kind, "adult": True, "signature": "Ada Lovelace"}
    agreed = browser.post("/join/agree", json=told)
    assert agreed.status_code == 200, agreed.text
    return {"code": code, "kind": kind, **agreed.json()}


def _join(service: Service, browser: TestClient, kind: str = "pass") -> dict[str, Any]:
    given = _agree(browser, _invite(service), kind)
    made = browser.post("/join/finish", json={**given, "name": "Ada", "pictures": [_picture(PERSON)] * 2})
    assert made.status_code == 200, made.text
    document: dict[str, Any] = made.json()
    return document


def _enter(browser: TestClient, code: str) -> None:
    assert browser.post("/my/enter", json={"code": code}).status_code == 200
    page = browser.get("/my", headers=_HTML).text
    browser.headers[HEADER] = page.split('name="csrf-token" content="')[1].split('"')[0]


def test_an_invitation_becomes_a_pass_that_is_shown_once(asked: tuple[Service, TestClient]) -> None:
    """Read, agree, look, finish: the pass goes out as picture and card, and the store has no template."""
    service, browser = asked
    code = _invite(service)
    assert "Ada" not in browser.get("/join", headers=_HTML).text
    welcome = browser.post("/join/invitation", json={"code": code.lower()}).json()
    assert welcome == {"name": "Ada", "kinds": ["pass", "sealed"]}
    given = _agree(browser, code)
    seen = browser.post("/join/look", json={**given, "picture": _picture(PERSON)}).json()
    assert (seen["hint"], seen["good"]) == ("good", True)
    made = browser.post("/join/finish", json={**given, "name": "Ada", "pictures": [_picture(PERSON)]}).json()
    assert base64.b64decode(made["png"]).startswith(b"\x89PNG")
    assert base64.b64decode(made["pdf"]).startswith(b"%PDF")
    with service.site.store.read() as unit:
        (person,) = unit.subjects.all()
        assert (person.name, person.n_references, unit.invitations.all()) == ("Ada", 0, ())
        assert unit.rights.get(person.subject_id).groups == {"staff"}
    again = browser.post("/join/invitation", json={"code": code})
    assert (again.status_code, again.json()["reasons"]) == (409, ["no_invitation"])


def test_no_frame_is_looked_at_before_its_person_has_agreed(asked: tuple[Service, TestClient]) -> None:
    """Without an agreement, or with one to another kind, a frame is refused unread."""
    service, browser = asked
    code = _invite(service)
    frame = {"code": code, "kind": "pass", "agreement": "a-none", "picture": "no picture at all"}
    assert browser.post("/join/look", json=frame).json()["reasons"] == ["no_agreement"]
    given = _agree(browser, code)
    other = browser.post("/join/look", json={**given, "kind": "sealed", "picture": _picture(PERSON)})
    assert other.json()["reasons"] == ["no_agreement"]


def test_a_no_is_a_page_and_leaves_nothing(asked: tuple[Service, TestClient]) -> None:
    """Saying no changes nothing in the store: the invitation looks as if nobody had opened it."""
    service, browser = asked
    code = _invite(service)
    before = service.site.store.copy()
    browser.post("/join/invitation", json={"code": code})
    assert browser.get("/join/no", headers=_HTML).status_code == 200
    assert service.site.store.copy() == before


def test_who_is_no_adult_or_does_not_sign_is_not_enrolled(asked: tuple[Service, TestClient]) -> None:
    """Both are asked for, and neither refusal is recorded."""
    service, browser = asked
    told = {"code": _invite(service), "kind": "pass", "adult": False, "signature": "Ada"}
    assert browser.post("/join/agree", json=told).json()["code"] == "not_adult"
    assert browser.post("/join/agree", json={**told, "adult": True, "signature": " "}).status_code == 409
    with service.site.store.read() as unit:
        assert unit.agreements.all() == ()


def test_the_list_is_offered_where_the_site_wrote_down_why(tmp_path: Path) -> None:
    """The hands-free list is no choice before its two reasons are written, nor can it be asked for."""
    why = "Both hands carry trays here, all day long."
    with served(tmp_path / "without") as (service, browser):
        told = {"code": _invite(service), "kind": "gallery", "adult": True, "signature": "Ada"}
        assert browser.post("/join/agree", json=told).json()["code"] == "not_offered"
    settings = f'[kinds]\ngallery_why_not_a_badge = "{why}"\ngallery_why_one_to_many = "{why}"\n'
    with served(tmp_path / "with", settings=settings) as (service, browser):
        welcome = browser.post("/join/invitation", json={"code": _invite(service)}).json()
        assert welcome["kinds"] == ["pass", "sealed", "gallery"]
        joined = _join(service, browser, "gallery")
        assert "png" not in joined
        _enter(browser, joined["page_code"])
        pictures = {"pictures": [_picture(PERSON)]}
        assert browser.post("/my/picture", json=pictures).json() == {}
        other = browser.post("/my/picture", json={"pictures": [_picture(_OTHER)]})
        assert other.json()["reasons"] == ["different_people"]


def test_a_browser_is_no_camera_of_a_live_site(tmp_path: Path) -> None:
    """In a live folder somebody's own device is offered no pass, and makes none."""
    why = "Forty badges were lent to others last year."
    with served(tmp_path, kind=SiteKind.LIVE, settings=f'[kinds]\npass_why_not_a_badge = "{why}"\n') as (
        service,
        browser,
    ):
        code = _invite(service)
        assert browser.post("/join/invitation", json={"code": code}).json()["kinds"] == []
        told = {"code": code, "kind": "pass", "adult": True, "signature": "Ada"}
        assert browser.post("/join/agree", json=told).json()["code"] == "not_offered"


def test_my_page_shows_my_data_and_nobody_elses(asked: tuple[Service, TestClient]) -> None:
    """The page's code opens it; another opens nothing; each right has its page, in both languages."""
    service, browser = asked
    joined = _join(service, browser)
    assert browser.get("/my/stop").status_code == 401
    wrong = browser.post("/my/enter", json={"code": "7K2M-QX4T-9BCD-3F6H-1AZE"})
    assert wrong.json()["reasons"] == ["no_such_page"]
    _enter(browser, joined["page_code"])
    mine = browser.get("/my", headers=_HTML).text
    assert "Ada Lovelace" in mine
    assert "You were enrolled." in mine
    for where in ("", "/export", "/renew", "/picture", "/not-me", "/stop"):
        for language in ("en", "fr"):
            assert browser.get(f"/my{where}?language={language}", headers=_HTML).status_code == 200


def test_a_copy_takes_the_one_time_code(asked: tuple[Service, TestClient]) -> None:
    """The code that came with the pass releases one ZIP with JSON and a page; a second time it is refused."""
    service, browser = asked
    joined = _join(service, browser)
    _enter(browser, joined["page_code"])
    copy = browser.post("/my/export", data={"code": joined["release_code"]})
    with zipfile.ZipFile(io.BytesIO(copy.content)) as archive:
        assert sorted(archive.namelist()) == ["my-data.html", "my-data.json"]
        assert json.loads(archive.read("my-data.json"))["name"] == "Ada"
    assert browser.post("/my/export", data={"code": joined["release_code"]}).status_code == 409


def test_agreeing_anew_takes_the_same_words_and_a_signature(asked: tuple[Service, TestClient]) -> None:
    """Renewal gives a new agreement with the new signature; without one nothing changes."""
    service, browser = asked
    joined = _join(service, browser)
    _enter(browser, joined["page_code"])
    with service.site.store.read() as unit:
        (before,) = unit.subjects.all()
    assert browser.post("/my/renew", data={"signature": "", "adult": "true", "agreed": "true"}).status_code == 409
    assert browser.post("/my/renew", data={"signature": "A. L.", "adult": "true", "agreed": "true"}).status_code == 200
    with service.site.store.read() as unit:
        (after,) = unit.subjects.all()
        proof = unit.agreements.proof(after.agreement.agreement_id)
    assert after.agreement.agreement_id != before.agreement.agreement_id
    assert proof is not None
    assert proof.typed == "A. L."


def test_a_new_pass_takes_the_old_one_and_the_face_on_it(asked: tuple[Service, TestClient]) -> None:
    """Pass and face give a new pass; another face, or a picture without a pass, gives none."""
    service, browser = asked
    joined = _join(service, browser)
    _enter(browser, joined["page_code"])
    mine = {"pictures": [_picture(PERSON)], "old_pass": joined["png"]}
    assert browser.post("/my/picture/look", json={"picture": _picture(PERSON)}).json()["good"]
    other = browser.post("/my/picture", json={**mine, "pictures": [_picture(_OTHER)]})
    assert other.json()["reasons"] == ["different_people"]
    none = browser.post("/my/picture", json={**mine, "old_pass": _picture(PERSON)})
    assert none.json()["reasons"] == ["code_unreadable"]
    assert browser.post("/my/picture", json=mine).json()["png"] != joined["png"]
    assert browser.post("/my/picture", json=mine).json()["reasons"] == ["pass_revoked"]


def test_this_was_not_me_freezes_my_face(asked: tuple[Service, TestClient]) -> None:
    """After the report a face alone opens nothing for the person, until somebody has settled it."""
    service, browser = asked
    joined = _join(service, browser)
    _enter(browser, joined["page_code"])
    assert browser.post("/my/not-me", data={"note": ""}).status_code == 200
    with service.site.store.read() as unit:
        (person,) = unit.subjects.all()
        assert unit.rights.get(person.subject_id).frozen
        assert [incident.opened_by for incident in unit.incidents.all()] == ["self"]


def test_stop_and_delete_gives_a_receipt_and_signs_out(asked: tuple[Service, TestClient]) -> None:
    """Everything about the person goes; the receipt can be saved, and the page's code opens nothing any more."""
    service, browser = asked
    joined = _join(service, browser)
    _enter(browser, joined["page_code"])
    gone = browser.post("/my/stop", headers=_HTML)
    assert gone.status_code == 200
    receipt = json.loads(base64.b64decode(gone.text.split("application/json;base64,")[1].split('"')[0]))
    service.site.attest.receipt(receipt)
    with service.site.store.read() as unit:
        assert unit.subjects.all() == ()
    assert browser.get("/my/stop").status_code == 401
    assert browser.post("/my/enter", json={"code": joined["page_code"]}).json()["reasons"] == ["no_such_page"]


def test_codes_cannot_be_tried_one_after_the_other(asked: tuple[Service, TestClient]) -> None:
    """After ten tries in a row an address has to wait, and is told so in the words of the page."""
    answers = [asked[1].post("/join/invitation", json={"code": str(number)}) for number in range(12)]
    assert [answer.status_code for answer in answers].count(409) == 10
    assert answers[-1].json()["code"] == "too_many"


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 422), (b"[]", 422), (b'{"code": 7}', 422), (b'{"code": "x", "more": 1}', 422), (b"x" * 30_000, 413)],
)
def test_what_cannot_be_read_is_told_without_its_content(
    asked: tuple[Service, TestClient], body: bytes, status: int
) -> None:
    """Hostile input is a problem with places and no values."""
    answer = asked[1].post("/join/invitation", content=body)
    assert (answer.status_code, "xx" in answer.text) == (status, False)
