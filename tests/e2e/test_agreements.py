"""Agreements at the command line: signatures, paper, reminder, renewal, proof."""

from __future__ import annotations

import json
from pathlib import Path

from limen.core.people import SiteKind
from support.cli import limen
from support.people import enrol, make_person
from support.sites import born


def test_an_agreement_with_a_drawn_signature_is_proved(tmp_path: Path) -> None:
    """What was drawn is in no file in the clear, and comes back in the proof, signed."""
    drawing = "M 1234.5 99.25 L 31.75 4 L 5 6"
    (tmp_path / "drawn.txt").write_text(drawing, "ascii")
    born(tmp_path / "data", kind=SiteKind.LIVE).close()
    made = limen(
        *("consent", "new", "--how", "self_service", "--signature-drawn", tmp_path / "drawn.txt"),
        *("--purpose", "front door"),
        data=tmp_path / "data",
    )
    assert (made.code, made.document["purpose"]) == (0, "front door")
    assert not any(drawing.encode() in path.read_bytes() for path in (tmp_path / "data").iterdir())
    agreement_id = made.document["agreement_id"]
    out = tmp_path / "proof.json"
    assert limen("consent", "export", agreement_id, "--out", out, data=tmp_path / "data").code == 0
    statement = json.loads(out.read_text("utf-8"))
    assert (statement["proof"]["drawn"], statement["statement"]) == (drawing, "limen-agreement-1")
    assert limen("consent", "export", agreement_id, data=tmp_path / "data").document["signature"]


def test_a_drawing_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """No file, or one that is no text."""
    (tmp_path / "drawn").write_bytes(b"\xff")
    for name in ("drawn", "nothing"):
        answer = limen("consent", "new", "--signature-drawn", tmp_path / name, data=tmp_path / "data")
        assert (answer.code, answer.document["error"]["code"]) == (2, "config")


def test_who_has_to_be_asked_soon_is_listed_and_renewed(tmp_path: Path) -> None:
    """An agreement within the days asked for is listed with the name; renewed, it is not, and the person stays."""
    store = born(tmp_path / "data")
    subject, references = make_person("Ada")
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    store.close()
    assert limen("consent", "list", "--expiring", "30", data=tmp_path / "data").document["agreements"] == []
    (found,) = limen("consent", "list", "--expiring", "366", data=tmp_path / "data").document["agreements"]
    assert (found["name"], found["agreement_id"]) == ("Ada", subject.agreement.agreement_id)
    renewed = limen("consent", "renew", found["agreement_id"], "--days", "700", data=tmp_path / "data")
    assert renewed.code == 0
    assert limen("consent", "list", "--expiring", "366", data=tmp_path / "data").document["agreements"] == []
    (person,) = limen("people", "list", data=tmp_path / "data").document["people"]
    assert person["agreement"]["agreement_id"] == renewed.document["agreement_id"]
    assert limen("audit", "verify", data=tmp_path / "data").code == 0


def test_a_person_takes_their_data_along(tmp_path: Path) -> None:
    """With the code from the desk, in no file itself, the export is JSON and a page in which nothing can be run."""
    store = born(tmp_path / "data", kind=SiteKind.LIVE)
    subject, references = make_person("<script>Ada")
    with store.begin() as unit:
        enrol(unit, subject, references)
        unit.commit()
    store.close()
    assert (
        limen("people", "export", subject.subject_id, data=tmp_path / "data").document["error"]["code"]
        == "release_code"
    )
    code = limen("people", "code", subject.subject_id, data=tmp_path / "data").document["code"]
    assert not any(code.encode() in path.read_bytes() for path in (tmp_path / "data").iterdir())
    files = {"--out": tmp_path / "ada.json", "--html": tmp_path / "ada.html"}
    options = [word for pair in files.items() for word in pair]
    assert limen("people", "export", subject.subject_id, "--code", code, *options, data=tmp_path / "data").code == 0
    document = json.loads(files["--out"].read_text("utf-8"))
    assert (document["name"], len(document["references"])) == ("<script>Ada", 2)
    page = files["--html"].read_text("utf-8")
    assert "&lt;script&gt;Ada" in page
    assert "<script" not in page
    assert document["references"][1]["template_float32_base64"] in page.replace("&#x2B;", "+")
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    again = limen(
        "people", "export", subject.subject_id, "--code", "x", "--out", files["--out"], data=tmp_path / "data"
    )
    assert again.document["error"]["code"] == "config"


def test_the_privacy_report_says_what_is_missing_and_names_nobody(tmp_path: Path) -> None:
    """The page is made from the settings in force; what the controller has not stated is listed."""
    store = born(tmp_path / "data")
    with store.begin() as unit:
        enrol(unit, *make_person("Ada Lovelace"))
        unit.commit()
    store.close()
    words = (
        '[privacy]\ncontroller = "ACME"\nunused_days = 7\n[kinds]\npass_why_not_a_badge = "Four badges were lent."\n'
    )
    (tmp_path / "data" / "limen.toml").write_text(words, "utf-8")
    answer = limen("privacy", "report", "--out", tmp_path / "privacy.html", data=tmp_path / "data")
    assert answer.code == 0
    assert "Controller" not in answer.document["not_stated"]
    owed = {"Legal basis", "Why a badge is not enough: gallery", "Why everybody has to be searched: gallery"}
    assert owed <= set(answer.document["not_stated"])
    page = (tmp_path / "privacy.html").read_text("utf-8")
    assert "ACME" in page
    assert "7 days" in page
    assert "Four badges were lent." in page
    assert "Ada" not in page
    assert limen("privacy", "report", "--out", tmp_path / "no" / "x", data=tmp_path / "data").code == 2
