"""Pictures from another system: kept encrypted, looked at by nobody, enrolled from or destroyed."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from limen.core.errors import RefusedError
from limen.core.ledger import AuditTag
from limen.core.people import SiteKind
from limen.flows.expire import Expire
from limen.flows.invite import MAX_PICTURES, Invite
from support.cli import limen, two_operators
from support.clock import FakeClock
from support.sites import born, write_reasons
from support.stores import MemoryStore

ADA = "Ada, as no three bytes by chance"


@pytest.fixture
def brought(tmp_path: Path, pictures: Path) -> Path:
    """A folder with Ada's two pictures, Bob's one, which is no picture, and things that are nobody's."""
    folder = tmp_path / "brought"
    for name in (ADA, "Bob", "empty"):
        (folder / name).mkdir(parents=True)
    shutil.copy(pictures / "person.png", folder / ADA)
    shutil.copy(pictures / "person2.jpg", folder / ADA)
    (folder / "Bob" / "bob.jpg").write_bytes(b"not a picture, and nobody looks before Bob agrees")
    (folder / "Bob" / "notes.txt").write_text("x", "ascii")
    (folder / "readme.png").write_bytes(b"x")
    return folder


def test_the_way_of_imported_pictures(tmp_path: Path, brought: Path) -> None:
    """Listed, then kept where no file shows them; whoever agrees is enrolled, unconfirmed, and the pictures go."""
    data = tmp_path / "data"
    born(data, kind=SiteKind.LIVE).close()
    write_reasons(data)
    listed = limen("people", "import", "folder", brought, "--dry-run", data=data).document["people"]
    assert listed == [{"name": ADA, "pictures": 2}, {"name": "Bob", "pictures": 1}]
    assert limen("people", "import", "folder", brought, data=data).document["error"]["code"] == "two_people"
    both = two_operators(data)
    made = limen("people", "import", "folder", brought, *both, data=data)
    assert made.code == 0
    waiting = {item["name"]: item["invitation_id"] for item in made.document["invitations"]}
    raw = (brought / ADA / "person.png").read_bytes()[100:400]
    assert not any(raw in path.read_bytes() or ADA.encode() in path.read_bytes() for path in data.iterdir())
    agreement = limen("consent", "new", data=data).document["agreement_id"]
    assert limen("site", "approve", *both, data=data).code == 0
    accepted = limen("people", "accept", waiting[ADA], "--consent", agreement, data=data)
    assert (accepted.code, accepted.document["confirmed"], accepted.document["references"]) == (0, False, 2)
    assert [item["name"] for item in limen("people", "invitations", data=data).document["invitations"]] == ["Bob"]
    again = limen("people", "accept", waiting[ADA], "--consent", agreement, data=data)
    assert again.document["error"]["code"] == "no_invitation"
    agreement = limen("consent", "new", data=data).document["agreement_id"]
    broken = limen("people", "accept", waiting["Bob"], "--consent", agreement, data=data)
    assert (broken.code, broken.document["error"]["code"]) == (2, "capture")


def test_without_an_answer_everything_is_destroyed(tmp_path: Path) -> None:
    """After 30 days neither name nor picture is in any file, sealed or not; the chain says how many it were."""
    store, clock = born(tmp_path / "data"), FakeClock()
    Invite(store=store, clock=clock, keep=timedelta(days=30))("Ada", [b"p" * 5000, b"q" * 5000])
    with store._engine.connect() as connection:
        sealed = [bytes(row[0]) for row in connection.exec_driver_sql("SELECT picture_sealed FROM invitation_pictures")]
    expire = Expire(store=store, clock=clock)
    assert expire() == 0
    clock.advance(timedelta(days=30))
    assert (expire(), expire()) == (1, 0)
    with store.read() as unit:
        assert unit.invitations.all() == ()
        last = [*unit.audit.records()][-1]
    assert (last.tag, last.detail) == (AuditTag.INVITATION_EXPIRED, {"invitations": 1, "pictures": 2})
    files = [path.read_bytes() for path in (tmp_path / "data").iterdir()]
    assert len(sealed) == 2
    assert not any(value[start : start + 16] in file for value in sealed for start in (0, 2000) for file in files)
    store.close()


@pytest.mark.parametrize(
    ("name", "pictures", "reason"),
    [
        ("", [b"x"], "name"),
        ("a\nb", [b"x"], "name"),
        ("x" * 201, [b"x"], "name"),
        ("Ada", [], "invitation_pictures"),
        ("Ada", [b""], "invitation_pictures"),
        ("Ada", [b"x"] * (MAX_PICTURES + 1), "invitation_pictures"),
    ],
)
def test_what_is_not_kept(name: str, pictures: list[bytes], reason: str) -> None:
    """No name, no picture, an empty one or too many: refused, and nothing is written."""
    store = MemoryStore(clock=FakeClock())
    before = store.state.copy()
    with pytest.raises(RefusedError) as caught:
        Invite(store=store, clock=FakeClock(), keep=timedelta(days=30))(name, pictures)
    assert caught.value.reason == reason
    assert store.state == before


def test_a_folder_without_people_is_told(tmp_path: Path) -> None:
    """A missing folder, and one with no pictures in it."""
    (tmp_path / "empty" / "Ada").mkdir(parents=True)
    for name in ("nothing", "empty"):
        answer = limen("people", "import", "folder", tmp_path / name, data=tmp_path / "data")
        assert (answer.code, answer.document["error"]["code"]) == (2, "config")


@pytest.fixture
def compreface(tmp_path: Path, pictures: Path) -> Path:
    """What two subjects of a CompreFace server leave: two pages of its list, three pictures, one without an ending."""
    folder = tmp_path / "compreface"
    folder.mkdir()
    (folder / "faces-0.json").write_text(_page([(_IDS[0], ADA), (_IDS[1], "Ben")]), "utf-8")
    (folder / "faces-1.json").write_text(_page([(_IDS[2], ADA)]), "utf-8")
    shutil.copy(pictures / "person.png", folder / _IDS[0])
    (folder / f"{_IDS[1]}.jpg").write_bytes(b"not a picture, and nobody looks before Ben agrees")
    shutil.copy(pictures / "person2.jpg", folder / f"{_IDS[2]}.jpg")
    return folder


_IDS = [f"6b135f5b-a365-4522-b1f1-4c9ac2dd072{digit}" for digit in range(3)]


def _page(faces: list[tuple[str, str]], *, total: int = 3) -> str:
    listed = [{"image_id": image_id, "subject": subject} for image_id, subject in faces]
    return json.dumps({"faces": listed, "page_number": 0, "page_size": 2, "total_pages": 2, "total_elements": total})


def test_the_way_of_subjects_from_compreface(tmp_path: Path, compreface: Path) -> None:
    """Pages are joined, pictures wait encrypted, and who agrees is enrolled from them."""
    data = tmp_path / "data"
    born(data).close()
    listed = limen("people", "import", "compreface", compreface, "--dry-run", data=data).document["people"]
    assert listed == [{"name": ADA, "pictures": 2}, {"name": "Ben", "pictures": 1}]
    made = limen("people", "import", "compreface", compreface, data=data).document["invitations"]
    assert [(item["name"], item["pictures"]) for item in made] == [(ADA, 2), ("Ben", 1)]
    raw = (compreface / _IDS[0]).read_bytes()[100:400]
    assert not any(raw in path.read_bytes() or ADA.encode() in path.read_bytes() for path in data.iterdir())
    agreement = limen("consent", "new", data=data).document["agreement_id"]
    accepted = limen("people", "accept", made[0]["invitation_id"], "--consent", agreement, data=data)
    assert (accepted.code, accepted.document["references"]) == (0, 2)


@pytest.mark.parametrize(
    "page",
    [
        "",
        "[1]",
        '{"faces": 3}',
        '{"faces": [3]}',
        "[" * 100_000,
        _page([("../../secret", ADA)]),
        _page([("6b135f5b-a365-4522-b1f1-4c9ac2dd0729", ADA)]),
        _page([(_IDS[0], ADA)], total=4),
        '{"faces": []}',
        json.dumps({"faces": [{"image_id": _IDS[0], "subject": None}]}),
    ],
    ids=["empty", "list", "number", "face", "deep", "path", "no file", "page missing", "nobody", "no subject"],
)
def test_a_list_that_is_none_is_told_and_nothing_is_kept(tmp_path: Path, compreface: Path, page: str) -> None:
    """Hostile and broken lists: one line, code 2, and nobody waits."""
    data = tmp_path / "data"
    born(data).close()
    (compreface / "faces-1.json").unlink()
    (compreface / "faces-0.json").write_text(page, "utf-8")
    answer = limen("people", "import", "compreface", compreface, data=data)
    assert (answer.code, answer.document["error"]["code"]) == (2, "config")
    assert limen("people", "invitations", data=data).document["invitations"] == []


def test_one_person_who_cannot_be_kept_keeps_all_out(tmp_path: Path, compreface: Path) -> None:
    """An empty picture, as CompreFace gives for a missing one: refused before the first person is kept."""
    data = tmp_path / "data"
    born(data).close()
    (compreface / f"{_IDS[1]}.jpg").write_bytes(b"")
    answer = limen("people", "import", "compreface", compreface, data=data)
    assert (answer.code, answer.document["error"]["code"]) == (1, "invitation_pictures")
    assert limen("people", "invitations", data=data).document["invitations"] == []
