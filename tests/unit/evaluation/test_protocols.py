"""Protocol files: what is read, and that every mistake is named with file, place and cause."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.evaluation import protocols
from limen.evaluation.protocols import read_open_set, read_pairs

GOOD: dict[str, object] = {
    "gallery": {"Ada": ["ada/1.jpg", "./ada/2.jpg"], "Bob": "bob/1.jpg"},
    "mated_probes": [["bob/2.jpg", "Bob"], ["ada/3.jpg", "Ada"]],
    "nonmated_probes": ["eve/1.jpg"],
    "comment": "ignored",
}


def written(folder: Path, content: str | bytes) -> Path:
    """A protocol file with this content."""
    path = folder / "protocol"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        "left,right,same\na/1.jpg,a/2.jpg,1\na/1.jpg,b.jpg,0\n",
        "\ufeffleft,right,same\r\na/1.jpg,a/2.jpg,1\r\na/1.jpg,b.jpg,0\r\n",
        "mask, same ,right,left\nKN95,1,a/2.jpg,./a/1.jpg\n\ncloth, 0 ,b.jpg,a//1.jpg",
        '"left","right","same"\n"a/1.jpg","a/2.jpg","1"\n"a/1.jpg","b.jpg","0"\n',
    ],
)
def test_pairs_are_read(tmp_path: Path, content: str) -> None:
    """Order of columns, further columns, byte order mark, line ends, blank lines and quotes do not matter."""
    pairs = read_pairs(written(tmp_path, content))
    assert pairs.left == ("a/1.jpg", "a/1.jpg")
    assert pairs.right == ("a/2.jpg", "b.jpg")
    assert pairs.same.tolist() == [True, False]
    assert pairs.images() == ("a/1.jpg", "a/2.jpg", "b.jpg")
    assert "jpg" not in repr(pairs)


def test_pictures_chained_by_mated_rows_are_one_person(tmp_path: Path) -> None:
    """People are told from mated rows alone: a-b and c-b make one person of three pictures, d is another."""
    pairs = read_pairs(written(tmp_path, "left,right,same\na,b,1\nc,b,1\na,d,0\nd,e,0\nf,c,1\n"))
    assert pairs.subjects().tolist() == [[0, 0], [0, 0], [0, 1], [1, 2], [0, 0]]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "line 1: the column 'left' is missing"),
        ("a.jpg,b.jpg,1\n", "line 1: the column 'left' is missing"),
        ("left,right\na,b\n", "line 1: the column 'same' is missing"),
        ("left,left,right,same\na,a,b,1\n", "line 1: the column 'left' is there twice"),
        ("left,right,same\n", "no pairs"),
        ("left,right,same\na,b,1\n\na,b\n", "line 4: fewer columns than the header"),
        ("left,right,same\na,b,yes\n", "line 2: same: expected 1 or 0, got 'yes'"),
        ("left,right,same\na,b,\n", "line 2: same: expected 1 or 0, got ''"),
        ("left,right,same\na,,1\n", "line 2: the name of a picture is empty"),
        ("left,right,same\na,/etc/passwd,1\n", "line 2: the name '/etc/passwd' leads out of the set"),
        ("left,right,same\na,b/../../c,1\n", "line 2: the name 'b/../../c' leads out of the set"),
        ("left,right,same\na,\x1b[31m,x\n", r"line 2: same: expected 1 or 0, got 'x'"),
        ('left,right,same\na,"b,1\n', "line 2: unexpected end of data"),
        (b"left,right,same\na,\0,1\n", "line 2: a NUL byte; not a text file"),
        (b"left,right,same\na,\xff,1\n", "line 2: not UTF-8"),
        ("left,right,same\n" + "a" * 200_000 + ",b,1\n", "line 2: field larger than field limit"),
    ],
)
def test_mistakes_in_pairs_are_named(tmp_path: Path, content: str | bytes, cause: str) -> None:
    """Each mistake in a CSV file is one line that names the file, the line and the cause."""
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        read_pairs(path)
    assert str(caught.value).startswith(f"{path}: {cause}")
    assert "\n" not in str(caught.value)
    assert "left,right,same" in caught.value.advice()


def test_an_open_set_is_read(tmp_path: Path) -> None:
    """People keep their order, a lone picture needs no list, and probes know their person's place."""
    search = read_open_set(written(tmp_path, "\ufeff" + json.dumps(GOOD)))
    assert search.people == ("Ada", "Bob")
    assert search.gallery == (("ada/1.jpg", "ada/2.jpg"), ("bob/1.jpg",))
    assert search.mated_images == ("bob/2.jpg", "ada/3.jpg")
    assert search.mated_people.tolist() == [1, 0]
    assert search.nonmated_images == ("eve/1.jpg",)
    assert search.images()[-1] == "eve/1.jpg"
    assert len(search.images()) == 6
    assert "Ada" not in repr(search)


@pytest.mark.parametrize("absent", ["mated_probes", "nonmated_probes"])
def test_one_kind_of_probe_is_enough(tmp_path: Path, absent: str) -> None:
    """Without strangers FNIR can be measured, without mated probes FPIR: either list may be empty."""
    search = read_open_set(written(tmp_path, json.dumps({**GOOD, absent: []})))
    assert len(search.mated_images) + len(search.nonmated_images) in (1, 2)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"gallery": {}}, "gallery: expected an object with at least one person"),
        ({"gallery": ["a"]}, "gallery: expected an object with at least one person"),
        ({"gallery": {"Ada": []}}, "gallery['Ada']: expected at least one image"),
        ({"gallery": {"Ada": 7}}, "gallery['Ada']: expected at least one image"),
        ({"gallery": {"Ada": [7]}}, "gallery['Ada']: expected the name of an image"),
        ({"gallery": {"Ada": "../a"}}, "gallery['Ada']: the name '../a' leads out of the set"),
        ({"gallery": {"Ada": "a\0"}}, r"gallery['Ada']: the name 'a\x00' leads out of the set"),
        ({"gallery": {"A\x1b[2J": ""}}, r"gallery['A\x1b[2J']: the name of a picture is empty"),
        ({"gallery": {"Ada": "a", "Bob": "a"}}, "the image 'a' is said to show two people"),
        ({"mated_probes": {}}, "mated_probes: expected a list"),
        ({"mated_probes": ["a"]}, "mated_probes[0]: expected [image, person]"),
        ({"mated_probes": [["a", "Bob"], ["a", "Eve"]]}, "mated_probes[1]: the person 'Eve' is not in the gallery"),
        ({"mated_probes": [["a", 1]]}, "mated_probes[0]: expected [image, person]"),
        ({"mated_probes": [[1, "Bob"]]}, "mated_probes[0]: expected the name of an image"),
        ({"mated_probes": [["ada/1.jpg", "Bob"]]}, "the image 'ada/1.jpg' is said to show two people"),
        ({"nonmated_probes": "a"}, "nonmated_probes: expected a list"),
        ({"nonmated_probes": [["a"]]}, "nonmated_probes[0]: expected the name of an image"),
        ({"nonmated_probes": ["x", "ada/1.jpg"]}, "nonmated_probes[1]: this image is said to show an enrolled person"),
        ({"nonmated_probes": [], "mated_probes": []}, "no probes"),
    ],
)
def test_mistakes_in_an_open_set_are_named(tmp_path: Path, change: dict[str, object], cause: str) -> None:
    """Each mistake in a protocol is one line that names the file, the key and the cause."""
    path = written(tmp_path, json.dumps({**GOOD, **change}))
    with pytest.raises(ConfigError) as caught:
        read_open_set(path)
    assert str(caught.value).startswith(f"{path}: {cause}")


@pytest.mark.parametrize("key", ["gallery", "mated_probes", "nonmated_probes"])
def test_a_missing_key_is_named(tmp_path: Path, key: str) -> None:
    """All three keys must be there, even if empty."""
    path = written(tmp_path, json.dumps({name: value for name, value in GOOD.items() if name != key}))
    with pytest.raises(ConfigError, match=f"the key '{key}' is missing"):
        read_open_set(path)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        ("", "line 1: not JSON"),
        ('{\n"gallery": {,\n', "line 2: not JSON"),
        ("[1]", "expected an object at the top"),
        ("[" * 100_000, "nested too deeply"),
        ('{"gallery": {"Ada": "1", "Ada": "2"}}', "'Ada' is there twice"),
        ('{"gallery": ' + "9" * 5000 + "}", "Exceeds the limit"),
        (b"{\n\xff}", "line 2: not UTF-8"),
        (b"\0", "line 1: a NUL byte; not a text file"),
    ],
)
def test_what_is_no_protocol_at_all_is_named(tmp_path: Path, content: str | bytes, cause: str) -> None:
    """Not JSON, hostile JSON and a person listed twice are refused before anything is made of them."""
    path = written(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        read_open_set(path)
    assert str(caught.value).startswith(f"{path}: {cause}")


@pytest.mark.parametrize("read", [read_pairs, read_open_set])
def test_what_is_no_file_is_named(tmp_path: Path, read: object) -> None:
    """A missing file, a folder and a name no file can have are one-line errors too."""
    assert callable(read)
    for path in (tmp_path / "absent", tmp_path, Path("a\0b")):
        with pytest.raises(ConfigError):
            read(path)


def test_an_oversized_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading stops at the limit."""
    monkeypatch.setattr(protocols, "MAX_PROTOCOL_BYTES", 1024**2)
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        read_pairs(written(tmp_path, b"x" * (1024**2 + 1)))
