"""Bad input: each a one-line error with cause and advice, the right exit code, and the store unchanged."""

from __future__ import annotations

import os
import shutil
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from support.cli import limen

REFUSED, MISUSE = 1, 2


def png_bomb() -> bytes:
    """A PNG whose header claims 50,000 x 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


def folder(path: Path) -> None:
    """A directory where a file is expected."""
    path.mkdir()


BAD_PICTURES: dict[str, Callable[[Path], object]] = {
    "text.jpg": lambda path: path.write_text("hello", "utf-8"),
    "empty.jpg": lambda path: path.write_bytes(b""),
    "bomb.png": lambda path: path.write_bytes(png_bomb()),
    "folder.jpg": folder,
    "missing.jpg": lambda _: None,
    "tiny.png": lambda path: Image.new("RGB", (3, 3)).save(path),
}


@pytest.fixture
def site(tmp_path: Path, pictures: Path) -> Path:
    """A trial folder with one person."""
    data = tmp_path / "site"
    assert limen("enrol", "--name", "Ada", "--consent", "trial", pictures / "person.png", data=data).code == 0
    return data


def people(data: Path) -> list[str]:
    """Who is enrolled."""
    return [item["subject_id"] for item in limen("people", "list", data=data).document["people"]]


@pytest.mark.parametrize("name", BAD_PICTURES)
def test_bad_pictures(tmp_path: Path, site: Path, name: str) -> None:
    """Every bad picture is a capture error that names the file; nobody is enrolled and nothing crashes."""
    path = tmp_path / name
    BAD_PICTURES[name](path)
    before = people(site)
    commands: tuple[list[str | Path], ...] = (
        ["detect", path],
        ["verify", path, path],
        ["identify", path],
        ["enrol", "--name", "B", "--consent", "trial", path],
    )
    for command in commands:
        answer = limen(*command, data=site)
        assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "capture")
        assert name in answer.document["error"]["message"]
        assert answer.document["error"]["advice"]
        assert "\n" not in answer.document["error"]["message"]
    assert people(site) == before


def test_truncated_picture(tmp_path: Path, pictures: Path) -> None:
    """Half a JPEG is a capture error, not half a face."""
    path = tmp_path / "half.jpg"
    content = (pictures / "person2.jpg").read_bytes()
    path.write_bytes(content[: len(content) // 2])
    answer = limen("detect", path)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "capture")


@pytest.mark.parametrize(
    ("picture", "reason"), [("empty.png", "no_face"), ("both.png", "several_faces")], ids=["none", "several"]
)
def test_zero_or_several_faces_at_enrolment(site: Path, pictures: Path, *, picture: str, reason: str) -> None:
    """A picture without exactly one face is refused at enrolment."""
    before = people(site)
    answer = limen("enrol", "--name", "B", "--consent", "trial", pictures / picture, data=site)
    assert (answer.code, answer.document["error"]["code"]) == (REFUSED, reason)
    assert people(site) == before


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_unusual_pictures_work(tmp_path: Path, pictures: Path, mode: str) -> None:
    """Grey, alpha, palette, CMYK and 16-bit pictures are read as people see them: one face each."""
    source = Image.open(pictures / "person.png").convert("RGB")
    if mode == "I;16":
        grey = source.convert("L")
        picture = Image.frombytes("I;16", grey.size, b"".join(bytes((v, v)) for v in grey.tobytes()))
    else:
        picture = source.convert(mode)
    path = tmp_path / ("picture.tiff" if mode in ("CMYK", "I;16") else "picture.png")
    picture.save(path)
    assert len(limen("detect", path).document["images"][0]["faces"]) == 1


def test_corrupt_store(site: Path, pictures: Path) -> None:
    """A store that is not a database is a storage error for every command that needs it."""
    (site / "limen.db").write_bytes(b"x" * 4096)
    commands: tuple[list[str | Path], ...] = (
        ["people", "list"],
        ["identify", pictures / "person.png"],
        ["audit", "verify"],
    )
    for command in commands:
        answer = limen(*command, data=site)
        assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "storage")


def test_no_store(tmp_path: Path, pictures: Path) -> None:
    """Commands that read a store say that there is none, and make none."""
    answer = limen("identify", pictures / "person.png", data=tmp_path / "nothing")
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "storage")
    assert not (tmp_path / "nothing").exists()


def test_wrong_key(site: Path, tmp_path: Path) -> None:
    """Another site's key opens nothing and changes nothing."""
    other = tmp_path / "other"
    limen("consent", "new", data=other)
    content = (site / "limen.db").read_bytes()
    (site / "site.key").unlink()
    shutil.copy(other / "site.key", site / "site.key")
    answer = limen("people", "list", data=site)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "storage")
    assert "key" in answer.document["error"]["message"]
    assert (site / "limen.db").read_bytes() == content


def test_missing_key(site: Path) -> None:
    """Without its key a store is not opened, and no new key is made for it."""
    (site / "site.key").unlink()
    answer = limen("people", "list", data=site)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "storage")
    assert not (site / "site.key").exists()


def test_key_open_to_others(site: Path) -> None:
    """A key that others may read is refused until that is mended."""
    (site / "site.key").chmod(0o644)
    answer = limen("people", "list", data=site)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "storage")
    assert "chmod" in answer.document["error"]["advice"]


@pytest.mark.parametrize(
    "command",
    [["frobnicate"], ["detect"], ["verify", "one"], ["detect", "--frob", "x"], ["enrol"], ["people", "frob"]],
    ids=" ".join,
)
def test_misuse(command: list[str]) -> None:
    """A command line that means nothing is misuse: exit 2, one JSON document, no traceback."""
    answer = limen(*command)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "config")
    assert "Traceback" not in answer.err


def test_unknown_setting(site: Path) -> None:
    """A setting that does not exist is refused, wherever it stands."""
    (site / "limen.toml").write_text("[vision]\nfrobs = 3\n", "utf-8")
    answer = limen("people", "list", data=site)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "config")
    assert "frobs" in answer.document["error"]["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_read_only_folder(tmp_path: Path) -> None:
    """A folder that cannot be written is a storage error when a site should be made there."""
    (tmp_path / "shut").mkdir(mode=0o500)
    answer = limen("consent", "new", data=tmp_path / "shut" / "site")
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "storage")


@pytest.mark.parametrize("images", ["missing", "text"])
def test_evaluate_bad_protocols(tmp_path: Path, pictures: Path, images: str) -> None:
    """A protocol that names missing pictures or is no CSV is one line naming the file or the pictures."""
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("left,right,same\nnone.png,person.png,1\n" if images == "missing" else "what is this", "utf-8")
    answer = limen("evaluate", "verification", "--images", pictures, "--pairs", pairs)
    assert (answer.code, answer.document["error"]["code"]) == (MISUSE, "config")
