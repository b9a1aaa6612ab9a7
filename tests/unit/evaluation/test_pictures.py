"""Picture sets: names, order, what is missing, and archives made by somebody who means harm."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from limen.core.errors import CaptureError, ConfigError
from limen.evaluation import pictures
from limen.evaluation.pictures import MAX_PICTURE_BYTES, PictureSet, picture_name

FILES = {"b/2.jpg": b"two", "a/1.jpg": b"one" * 400, "a/empty.PNG": b"", "README.md": b"text"}


def as_folder(root: Path, files: dict[str, bytes] = FILES) -> Path:
    """The files in a folder."""
    for name, content in files.items():
        path = root / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root / "folder"


def as_tar(root: Path, files: dict[str, bytes] = FILES, *, suffix: str = "tar", prefix: str = "") -> Path:
    """The files in a tar, folders listed too; zipped if the suffix ends in gz."""
    path = root / f"set.{suffix}"
    with tarfile.open(path, "w:gz" if suffix.endswith("gz") else "w") as archive:
        for name, content in files.items():
            folder = tarfile.TarInfo(prefix + str(Path(name).parent))
            folder.type = tarfile.DIRTYPE
            archive.addfile(folder)
            member = tarfile.TarInfo(prefix + name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def as_tar_gz(root: Path) -> Path:
    """The files in a zipped tar."""
    return as_tar(root, suffix="tar.gz")


def as_tar_with_dots(root: Path) -> Path:
    """The files in a tar made of ``.``."""
    return as_tar(root, prefix="./")


def hostile(root: Path, member: tarfile.TarInfo, content: bytes = b"") -> Path:
    """A tar of one good picture and one hostile member after it."""
    path = root / "hostile.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        good = tarfile.TarInfo("good.jpg")
        good.size = 4
        archive.addfile(good, io.BytesIO(b"good"))
        archive.addfile(member, io.BytesIO(content) if content else None)
    return path


def info(name: str, *, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> tarfile.TarInfo:
    """A member's header."""
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, size, link
    return member


@pytest.mark.parametrize(
    ("raw", "name"), [("a/b.jpg", "a/b.jpg"), ("./a/b.jpg", "a/b.jpg"), ("a//./b.jpg", "a/b.jpg"), ("./", ""), ("", "")]
)
def test_names_are_paths_inside(raw: str, name: str) -> None:
    """A leading ``./`` and doubled slashes are no part of a name."""
    assert picture_name(raw) == name


@pytest.mark.parametrize("raw", ["/a.jpg", "//a.jpg", "../a.jpg", "a/../../b.jpg", "a/..", "a\0.jpg"])
def test_names_do_not_lead_out(raw: str) -> None:
    """Absolute names, names that climb and names with a NUL are refused."""
    with pytest.raises(ValueError, match="leads out of the set"):
        picture_name(raw)


@pytest.mark.parametrize("make", [as_folder, as_tar, as_tar_gz, as_tar_with_dots])
def test_wanted_pictures_are_read_once_each(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """From folders, tars and zipped tars the same pictures come under the same names."""
    pictures_of = PictureSet([make(tmp_path)])
    read = list(pictures_of.read(["./a/1.jpg", "b/2.jpg", "a/1.jpg", "a/empty.PNG"]))
    assert sorted(read) == [("a/1.jpg", b"one" * 400), ("a/empty.PNG", b""), ("b/2.jpg", b"two")]
    assert sorted(pictures_of.names()) == ["a/1.jpg", "a/empty.PNG", "b/2.jpg"]
    assert list(pictures_of.read([])) == []


def test_a_tar_is_read_in_its_own_order(tmp_path: Path) -> None:
    """Pictures come as they are stored, not as they are asked for, so that the tar is never rewound."""
    read = PictureSet([as_tar(tmp_path)]).read(["a/1.jpg", "b/2.jpg"])
    assert [name for name, _ in read] == ["b/2.jpg", "a/1.jpg"]


def test_several_sources_are_one_set_and_the_first_counts(tmp_path: Path) -> None:
    """A name that two sources hold is read from the first, and from the first place within a tar."""
    folder = as_folder(tmp_path, {"x.jpg": b"folder"})
    tar = as_tar(tmp_path, {"x.jpg": b"tar", "y.jpg": b"first", "./y.jpg": b"second"})
    assert dict(PictureSet([folder, tar]).read(["x.jpg", "y.jpg"])) == {"x.jpg": b"folder", "y.jpg": b"first"}
    assert dict(PictureSet([tar, folder]).read(["x.jpg"])) == {"x.jpg": b"tar"}


@pytest.mark.parametrize("make", [as_folder, as_tar])
def test_missing_pictures_are_told_before_any_is_read(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """The error says how many of how many are missing and names five; names that lead out of the set are missing."""
    wanted = ["a/1.jpg", "../etc/passwd", *(f"no{n}.jpg" for n in range(6))]
    with pytest.raises(ConfigError) as caught:
        PictureSet([make(tmp_path)]).read(wanted)
    names = ", ".join(f"'no{n}.jpg'" for n in range(5))
    assert str(caught.value) == f"7 of 8 pictures are missing: {names}, …"


def test_missing_names_do_not_write_to_the_terminal(tmp_path: Path) -> None:
    """Control characters in a name are shown escaped, and long names cut."""
    with pytest.raises(ConfigError, match=r"2 of 2 pictures are missing: '\\x1b\[2J', 'y+…'$"):
        PictureSet([as_folder(tmp_path)]).read(["\x1b[2J", "y" * 200])


def test_what_is_neither_folder_nor_file_is_named(tmp_path: Path) -> None:
    """A missing path is the administrator's mistake, and so is none at all."""
    with pytest.raises(ConfigError, match="absent: neither a folder nor a tar file"):
        PictureSet([tmp_path / "absent"])
    with pytest.raises(ConfigError, match="no pictures given"):
        PictureSet([])


@pytest.mark.parametrize(
    ("member", "cause"),
    [
        (info("link.jpg", kind=tarfile.SYMTYPE, link="/etc/passwd"), "'link.jpg' is neither a file nor a folder"),
        (info("link.jpg", kind=tarfile.LNKTYPE, link="good.jpg"), "'link.jpg' is neither a file nor a folder"),
        (info("null", kind=tarfile.CHRTYPE), "'null' is neither a file nor a folder"),
        (info("sda", kind=tarfile.BLKTYPE), "'sda' is neither a file nor a folder"),
        (info("pipe", kind=tarfile.FIFOTYPE), "'pipe' is neither a file nor a folder"),
        (info("odd", kind=b"Z"), "'odd' is neither a file nor a folder"),
        (info("/etc/x.jpg"), "the name '/etc/x.jpg' leads out of the set"),
        (info("a/../../x.jpg"), "the name 'a/../../x.jpg' leads out of the set"),
        (info("bomb.jpg", size=MAX_PICTURE_BYTES + 1), "'bomb.jpg': larger than 64 MiB"),
        (info("below.jpg", size=-512), "'below.jpg': larger than 64 MiB"),
        (info("sparse.jpg", kind=tarfile.GNUTYPE_SPARSE), "'sparse.jpg' is a sparse file"),
        (info("name", kind=tarfile.GNUTYPE_LONGNAME, size=1024**2 + 1), "'name': larger than 64 MiB"),
        (info("pax", kind=tarfile.XHDTYPE, size=8 * 1024**3), "'pax': larger than 64 MiB"),
        (info("pax", kind=tarfile.XGLTYPE, size=8 * 1024**3), "'pax': larger than 64 MiB"),
    ],
)
def test_a_hostile_member_condemns_the_tar(tmp_path: Path, member: tarfile.TarInfo, cause: str) -> None:
    """Links, devices, names that lead out, oversized and sparse members are refused before a picture is given out."""
    path = hostile(tmp_path, member)
    with pytest.raises(CaptureError) as caught:
        PictureSet([path]).read(["good.jpg"])
    assert str(caught.value) == f"{path}: {cause}"


@pytest.mark.parametrize(
    ("records", "cause"),
    [
        ([b"size=-512"], "larger than 64 MiB"),
        ([b"size=99999999999"], "larger than 64 MiB"),
        ([b"path=/etc/passwd"], "leads out of the set"),
        ([b"GNU.sparse.major=1", b"GNU.sparse.minor=0"], "is a sparse file"),
    ],
)
def test_an_extension_header_cannot_smuggle_anything_in(tmp_path: Path, records: list[bytes], cause: str) -> None:
    """Size, name and kind are checked again after extension headers have changed them."""
    lines = b"".join(b"%d %s\n" % (len(record) + 4, record) for record in records)
    path = tmp_path / "pax.tar"
    blocks = [info("pax", kind=tarfile.XHDTYPE, size=len(lines)).tobuf(), lines, info("x.jpg", size=600).tobuf()]
    path.write_bytes(b"".join(block.ljust(512, b"\0") for block in [*blocks, b"1\n0\n5\n", b"right"]))
    with pytest.raises(CaptureError, match=cause):
        list(PictureSet([path]).read(["x.jpg"]))


def test_a_zipped_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    """A header that promises gigabytes is enough; they are never unpacked."""
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(info("x.jpg", size=8 * 1024**3).tobuf() + bytes(1024**2)))
    with pytest.raises(CaptureError, match="larger than 64 MiB"):
        PictureSet([path]).names()


def test_headers_piled_up_are_refused(tmp_path: Path) -> None:
    """Thousands of extension headers in a row end in an error, not in a crash."""
    one = info("x", kind=tarfile.GNUTYPE_LONGNAME, size=1).tobuf() + b"x".ljust(512, b"\0")
    path = tmp_path / "pile.tar"
    path.write_bytes(one * 5000)
    with pytest.raises(CaptureError, match=r"pile\.tar: "):
        PictureSet([path]).names()


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b", b"\x1f\x8b\x08" + b"\xff" * 600, b"x" * 4096])
def test_what_is_no_tar_is_named(tmp_path: Path, content: bytes) -> None:
    """An empty file, text and a broken zip are one-line errors that name the file."""
    path = tmp_path / "no.tar"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"no\.tar: ") as caught:
        PictureSet([path]).read(["x.jpg"])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("make", [as_tar, as_tar_gz])
def test_a_tar_cut_off_anywhere_is_an_error_or_misses_pictures(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    """However much of a tar is there, what is given out is right, and what is not there is told."""
    path = make(tmp_path)
    whole = path.read_bytes()
    cut = tmp_path / "cut.tar"
    for n in range(0, len(whole), max(1, len(whole) // 60)):
        cut.write_bytes(whole[:n])
        try:
            read = dict(PictureSet([cut]).read(["a/1.jpg", "b/2.jpg"]))
        except (CaptureError, ConfigError):
            continue
        assert read == {"b/2.jpg": b"two", "a/1.jpg": b"one" * 400}


def test_bytes_flipped_anywhere_never_escape_as_foreign_errors(tmp_path: Path) -> None:
    """Two hundred damaged headers: each is read, or refused with an error of ours."""
    rng = np.random.default_rng(7)
    whole = np.frombuffer(as_tar(tmp_path).read_bytes(), dtype=np.uint8)
    damaged = tmp_path / "damaged.tar"
    for _ in range(200):
        content = whole.copy()
        content[rng.integers(0, 4096, 3)] = rng.integers(0, 256, 3)
        damaged.write_bytes(content.tobytes())
        with contextlib.suppress(CaptureError):
            PictureSet([damaged]).names()


def test_a_tar_that_changes_underneath_is_an_error(tmp_path: Path) -> None:
    """A picture that was there when it was looked for and is gone when it is read is told, not skipped."""
    path = as_tar(tmp_path)
    reading = PictureSet([path]).read(["a/1.jpg"])
    as_tar(tmp_path, {"other.jpg": b""})
    with pytest.raises(CaptureError, match="changed while it was read"):
        list(reading)


def test_a_folder_gives_out_files_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders, pipes and oversized files under a picture's name are refused; links to files are the owner's choice."""
    folder = as_folder(tmp_path, {"big.jpg": b"x" * 2000, "real.jpg": b"real"})
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "link.jpg").symlink_to(folder / "real.jpg")
    monkeypatch.setattr(pictures, "MAX_PICTURE_BYTES", 1999)
    assert dict(PictureSet([folder]).read(["link.jpg"])) == {"link.jpg": b"real"}
    for name in ("folder.jpg", "pipe.jpg"):
        with pytest.raises(CaptureError, match=f"{name}: not a file"):
            list(PictureSet([folder]).read([name]))
    with pytest.raises(CaptureError, match=r"big\.jpg: larger than"):
        list(PictureSet([folder]).read(["big.jpg"]))


def test_nothing_is_written(tmp_path: Path) -> None:
    """Reading a tar leaves nothing beside it."""
    path = as_tar(tmp_path)
    list(PictureSet([path]).read(["a/1.jpg"]))
    assert list(tmp_path.iterdir()) == [path]
