"""What is on the disk, in logs and in last words: of strangers nothing, of others nothing in the clear."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import limen.cli.people
from limen.bootstrap import open_site
from limen.core.frame import SourceKind
from limen.core.match import Unknown
from limen.core.people import SiteKind
from limen.core.ports import UnitOfWork
from limen.flows.recognise import Recognise
from limen.gallery.memory import MemoryGallery
from limen.gallery.protection import Rotation
from limen.storage import Session
from support.calibrations import make_calibration
from support.children import run
from support.cli import limen as command
from support.clock import FakeClock
from support.people import enrol, make_person
from support.sites import born
from support.vision import FakeVision, unit

_PIECE = 16
_ATTEMPTS = 1000


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of this test would go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def _files(*folders: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def _holds(content: bytes, secret: bytes) -> bool:
    """Whether any 16 bytes of a secret are there, as bytes, as hexadecimal digits or as numbers in text."""
    pieces = [secret[start : start + _PIECE] for start in range(0, len(secret) - _PIECE + 1, _PIECE)]
    return any(piece in content or piece.hex().encode() in content.lower() for piece in pieces)


def test_a_thousand_strangers_leave_no_file_and_no_byte(
    *, tmp_path: Path, temporary: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """After 1,000 attempts by strangers no file is new, none has changed, and nothing was logged or printed."""
    store, vision = born(tmp_path / "data", kind=SiteKind.LIVE), FakeVision()
    rotation = Rotation(store.rotation_seed(), dimensions=128)
    gallery = MemoryGallery(store, calibration=make_calibration(), rotation=rotation)
    subject, references = make_person("Ada", n_references=1)
    reference = replace(references[0], vector=rotation.protect(unit(1)), model_id=vision.model_id)
    with store.begin() as unit_of_work:
        enrol(unit_of_work, subject, (reference,))
        unit_of_work.commit()
    recognise = Recognise(store=store, vision=vision, gallery=gallery, clock=FakeClock(), fpir_target=0.001)
    recognise(vision.shows(unit(1), kind=SourceKind.LIVE_CAMERA))
    before = _files(tmp_path / "data", temporary)
    with caplog.at_level(logging.DEBUG):
        for number in range(_ATTEMPTS):
            frame = vision.shows(unit(1000 + number), kind=SourceKind.LIVE_CAMERA, source="camera")
            ((found,), _) = recognise(frame)
            assert isinstance(found.match, Unknown)
    assert _files(tmp_path / "data", temporary) == before
    assert (caplog.records, capfd.readouterr()) == ([], ("", ""))
    store.close()


def _secrets(folder: Path) -> list[bytes]:
    """Everybody's key and templates in the clear, and the site's own key."""
    secrets = [(folder / "site.key").read_bytes()]
    with open_site(folder) as site, site.store.read() as unit_of_work:
        references, _ = unit_of_work.subjects.references(known=frozenset())
        secrets += [reference.vector.tobytes() for reference in references]
        secrets += [_key(unit_of_work, str(subject.subject_id)) for subject in unit_of_work.subjects.all()]
    return secrets


def _key(unit_of_work: UnitOfWork, subject_id: str) -> bytes:
    session: Session = unit_of_work._session  # type: ignore[attr-defined]
    return session.key(subject_id)._secret  # type: ignore[arg-type]


def test_from_enrolment_to_withdrawal_nothing_is_in_the_clear(
    *, tmp_path: Path, temporary: Path, pictures: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """No key, template or picture is in the data folder, a backup, temporary files, answers or logs."""
    data = tmp_path / "data"
    said = []
    with caplog.at_level(logging.DEBUG):
        enrolled = command("enrol", "--name", "Ada", "--consent", "trial", pictures / "person.png", data=data)
        subject_id = enrolled.document["subject_id"]
        secrets = _secrets(data)
        said += [
            enrolled,
            command("identify", pictures / "person.png", data=data),
            command("people", "list", data=data),
        ]
        said += [command("site", "backup", tmp_path / "backup", data=data), command("audit", "digest", data=data)]
        said.append(command("people", "withdraw", subject_id, data=data))
    picture = (pictures / "person.png").read_bytes()
    places = _files(data, temporary) | {tmp_path / "backup": (tmp_path / "backup").read_bytes()}
    del places[data / "site.key"]
    places |= {Path(f"answer {place}"): (answer.out + answer.err).encode() for place, answer in enumerate(said)}
    places[Path("log")] = "\n".join(record.getMessage() for record in caplog.records).encode()
    found = [path for path, content in places.items() for secret in (*secrets, picture) if _holds(content, secret)]
    assert (len(secrets), found) == (3, [])
    assert [path for path in _files(temporary) if path.stat().st_size] == []


def test_the_last_words_of_a_crash_tell_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in limen while a template and a key are in hand is told with where, and with no value."""
    store = born(tmp_path / "data")
    with store.begin() as unit_of_work:
        enrol(unit_of_work, *make_person("Ada Lovelace"))
        unit_of_work.commit()
    store.close()
    held: list[NDArray[np.float32]] = []

    def crash(*_: object) -> object:
        with open_site(tmp_path / "data") as site, site.store.read() as unit_of_work:
            found = unit_of_work.subjects.references(known=frozenset())[0][0]
            held.append(found.vector)
            return len(found)  # type: ignore[arg-type]

    secrets = _secrets(tmp_path / "data")
    monkeypatch.setattr(limen.cli.people, "open_existing", crash)
    answer = command("people", "list", data=tmp_path / "data", json_wanted=False)
    words = answer.err + answer.out
    assert answer.code == 2
    assert "Traceback" in words
    assert not any(_holds(words.encode(), secret) for secret in secrets)
    assert "Ada Lovelace" not in words
    assert not any(f"{abs(value):.4f}"[1:] in words for value in held[0][:32])


def test_a_process_that_holds_keys_makes_no_core_dump(tmp_path: Path) -> None:
    """Once a site is open core dumps are off for good and the process counts as not to be dumped; no file is left."""
    script = """
import ctypes, os, resource
from support.sites import born
os.chdir(FOLDER.parent)
store = born(FOLDER)
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), flush=True)
os.abort()
"""
    done = run(script, tmp_path / "data")
    assert done.stdout.split("\n")[0] == "(0, 0) 0"
    assert done.returncode < 0
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert not [path for path in (tmp_path / "data").iterdir() if path.name.startswith("core")]
