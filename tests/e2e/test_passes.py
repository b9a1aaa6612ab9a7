"""Face passes and badges at the command line, on real models and a real store, with drawn faces."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from limen.core.people import SiteKind
from support.cli import limen
from support.sites import born


def _issued(folder: Path, pictures: Path, *more: str) -> tuple[dict[str, Any], dict[str, Path]]:
    answer = limen(
        "pass", "issue", pictures / "person.png", "--name", "Ada", "--consent", "trial", "--out", folder / "out", *more,
        data=folder / "site",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    return answer.document, {Path(path).suffix: Path(path) for path in answer.document["files"]}


def test_a_pass_from_issue_to_withdrawal(tmp_path: Path, pictures: Path) -> None:
    """Issue, verify by picture, text and raw bytes, stranger, inspect, list, revoke, withdraw: each answer and code."""
    data = tmp_path / "site"
    issued, files = _issued(tmp_path, pictures)
    assert (issued["n_bytes"], issued["kind"], issued["visitor"]) == (244, "pass", False)
    assert set(files) == {".png", ".svg", ".pdf", ".txt"}
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}

    for code in (files[".png"], files[".txt"], files[".txt"].read_text()):
        found = limen("pass", "verify", code, pictures / "person2.jpg", data=data)
        assert (found.code, found.document["outcome"]) == (0, "recognised")
        assert found.document["subject_id"] == issued["subject_id"]
        assert found.document["operating_point"]["fmr"] == 1e-4
    stranger = limen("pass", "verify", files[".png"], pictures / "both.png", data=data)
    assert (stranger.code, stranger.document["error"]["code"]) == (1, "several_faces")

    seen = limen("pass", "inspect", files[".png"], data=data)
    assert (seen.code, seen.document["signature_holds"], seen.document["refused"]) == (0, True, None)
    assert seen.document["clear"].keys() == {"site_tag", "key_number", "n_bytes"}
    assert seen.document["says"]["pass_id"] == issued["pass_id"]
    assert [item["state"] for item in limen("pass", "list", data=data).document["passes"]] == ["holds"]

    assert limen("identify", pictures / "person.png", data=data).code == 1
    assert limen("pass", "revoke", issued["pass_id"], data=data).document == {"revoked": [issued["pass_id"]]}
    refused = limen("pass", "verify", files[".png"], pictures / "person2.jpg", data=data)
    assert (refused.code, refused.document["reason"]) == (1, "pass_revoked")
    assert refused.document["message"]
    assert limen("people", "withdraw", issued["subject_id"], data=data).code == 0
    assert limen("pass", "list", data=data).document == {"passes": []}
    assert limen("audit", "verify", data=data).code == 0


def test_the_site_has_no_template(tmp_path: Path, pictures: Path) -> None:
    """No file of the data folder holds a piece of the pass; nor does any other file but those handed over."""
    _, files = _issued(tmp_path, pictures)
    code = files[".txt"].read_text()
    content = b"".join(path.read_bytes() for path in (tmp_path / "site").rglob("*") if path.is_file())
    assert code[:24].encode() not in content
    assert code[-24:].encode() not in content


def test_renewing_and_changing_keys(tmp_path: Path, pictures: Path) -> None:
    """A renewed pass opens and the old one does not; after a rotation at once neither does."""
    data = tmp_path / "site"
    _, files = _issued(tmp_path, pictures)
    person = pictures / "person2.jpg"
    new = limen("pass", "renew", files[".png"], person, "--out", tmp_path / "new", data=data)
    assert (new.code, new.document["revoked"]) == (0, 1)
    fresh = next(path for path in new.document["files"] if path.endswith(".png"))
    assert limen("pass", "verify", files[".png"], person, data=data).document["reason"] == "pass_revoked"
    assert limen("pass", "rotate", "--accept-days", "2", data=data).document["to_replace"] == 1
    assert limen("pass", "verify", fresh, person, data=data).code == 0
    assert limen("pass", "rotate", data=data).document["key_number"] == 3
    assert limen("pass", "verify", fresh, person, data=data).document["reason"] == "pass_key_unknown"
    assert limen("pass", "inspect", fresh, data=data).document["refused"] == "pass_key_unknown"
    again = limen(
        "pass", "issue", person, "--again", new.document["subject_id"], "--out", tmp_path / "again", data=data
    )
    assert (again.code, again.document["key_number"]) == (0, 3)


def test_a_visitor(tmp_path: Path, pictures: Path) -> None:
    """A visitor's pass ends within a day, and the host stands in no answer but on the card."""
    issued, _ = _issued(tmp_path, pictures, "--host", "Grace", "--language", "fr", "--card", "id-1")
    assert issued["visitor"] is True
    assert "Grace" not in str(issued)


def test_a_badge_from_enrolment_to_the_door(tmp_path: Path, pictures: Path) -> None:
    """Badge, PIN and face are recognised; without the PIN, or with another site's badge, not."""
    data, pin = tmp_path / "site", tmp_path / "pin"
    pin.write_text("1234\n")
    made = limen(
        "enrol", pictures / "person.png", "--name", "Ada", "--consent", "trial", "--kind", "sealed",
        "--out", tmp_path / "out", "--pin-file", pin, data=data,
    )  # fmt: skip
    assert (made.code, made.document["with_pin"], made.document["confirmed"]) == (0, True, True)
    (badge,) = (path for path in made.document["files"] if path.endswith(".png"))
    found = limen("pass", "verify", badge, pictures / "person2.jpg", "--pin-file", pin, data=data)
    assert (found.code, found.document["outcome"]) == (0, "recognised")
    assert limen("pass", "verify", badge, pictures / "person2.jpg", data=data).document["reason"] == "badge_pin_missing"
    text = Path(badge).with_suffix(".txt").read_text()
    content = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
    assert text.encode() not in content
    assert limen("identify", pictures / "person.png", data=data).code == 1


def test_a_pass_on_standard_input(tmp_path: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scanner's text, with its line end, is taken from standard input; so is a picture."""
    _, files = _issued(tmp_path, pictures)
    for content in (files[".txt"].read_bytes() + b"\r\n", files[".png"].read_bytes()):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        found = limen("pass", "verify", "-", pictures / "person2.jpg", data=tmp_path / "site")
        assert found.code == 0, found.out


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", ("code_unreadable", 1)),
        (b"hello", ("code_unreadable", 1)),
        (b"\xa1" * 300, ("code_foreign", 1)),
        (b"\xa1" * 500, ("code_oversized", 1)),
        (b"\x89PNG\r\n\x1a\n broken", ("code_unreadable", 1)),
        (b"\x89PNG\r\n\x1a\n" * 4000, ("capture", 2)),
    ],
)
def test_hostile_codes(tmp_path: Path, pictures: Path, *, content: bytes, expected: tuple[str, int]) -> None:
    """Whatever the file holds, the answer is one line or document with a reason."""
    born(tmp_path / "site").close()
    (tmp_path / "code").write_bytes(content)
    found = limen("pass", "verify", tmp_path / "code", pictures / "person.png", data=tmp_path / "site")
    said = found.document["error"]["code"] if "error" in found.document else found.document["reason"]
    assert (said, found.code) == expected
    seen = limen("pass", "inspect", tmp_path / "code", data=tmp_path / "site")
    assert seen.code == expected[1]


def test_misuse_is_told(tmp_path: Path, pictures: Path) -> None:
    """Nobody to issue to, nowhere to write, a picture without a code, an unknown pass or language: told, not done."""
    data, person = tmp_path / "site", pictures / "person.png"
    born(data).close()
    out = ("--out", tmp_path / "out")
    assert limen("pass", "issue", person, *out, data=data).code == 2
    assert limen("pass", "issue", person, "--name", "A", "--consent", "trial", data=data).code == 2
    assert limen("pass", "issue", person, "--again", "s-nobody", *out, data=data).code == 1
    assert limen("pass", "issue", person, "--again", "s", "--language", "xx", *out, data=data).code == 2
    assert limen("enrol", person, "--name", "A", "--consent", "trial", "--kind", "pass", data=data).code == 2
    assert limen("enrol", person, "--name", "A", "--consent", "trial", *out, data=data).code == 2
    assert limen("pass", "verify", person, person, data=data).document["error"]["code"] == "no_code"
    assert limen("pass", "revoke", "nothing", data=data).document["error"]["code"] == "no_such_pass"
    (tmp_path / "file").write_text("")
    into_file = ("--out", tmp_path / "file")
    assert limen("pass", "issue", person, "--name", "A", "--consent", "trial", *into_file, data=data).code == 2
    assert limen("people", "list", data=data).document == {"people": []}


def test_a_live_folder_refuses_pictures(tmp_path: Path, pictures: Path) -> None:
    """Neither issuing nor verifying takes a file there, and the first thing asked for is the written reason."""
    data = tmp_path / "site"
    born(data, kind=SiteKind.LIVE).close()
    agreement = limen("consent", "new", "--about", "pass", data=data).document
    assert agreement["text_version"] == "2026-11-pass"
    arguments = ("pass", "issue", pictures / "person.png", "--name", "A", "--consent", agreement["agreement_id"])
    out = ("--out", tmp_path / "out")
    assert limen(*arguments, *out, data=data).document["error"]["code"] == "reason_not_written"
    (data / "limen.toml").write_text('[kinds]\npass_why_not_a_badge = "Forty badges were lent last year."\n')
    assert limen(*arguments, *out, data=data).document["error"]["code"] == "not_a_live_capture"
    assert limen("consent", "new", "--about", "visitor", data=data).document["text_version"] == "2026-11-visitor"
    kinds = {item["what"]: item for item in limen("doctor", data=data).document["findings"]}
    assert kinds["kind pass"]["state"] == "ok"
    assert kinds["kind gallery"]["state"] == "warning"
