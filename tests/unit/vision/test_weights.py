"""A model file is what the manifest says, or it is not loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from limen.core.errors import ModelError
from limen.vision.manifest import ModelCard, bundled_cards
from limen.vision.runtime import OrtNetwork
from limen.vision.weights import load_graph, locate, verify


def _tiny_model() -> bytes:
    """Adds a constant to an image."""
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 4, 4])
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, 4, 4])
    one = numpy_helper.from_array(np.ones((1,), np.float32), "one")
    graph = helper.make_graph([helper.make_node("Add", ["image", "one"], ["out"])], "tiny", [image], [out], [one])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return bytes(model.SerializeToString())


def _card(content: bytes, **changes: Any) -> ModelCard:
    told: dict[str, Any] = {
        "name": "tiny",
        "role": "detector",
        "title": "A tiny model",
        "package": None,
        "path": "tiny.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "MIT",
        "origin": "a test",
        "colour_order": "BGR",
    }
    return ModelCard(**told | changes)


@pytest.fixture
def content() -> bytes:
    """The bytes of a model."""
    return _tiny_model()


@pytest.fixture
def folder(tmp_path: Path, content: bytes) -> Path:
    """A folder with the model's file."""
    (tmp_path / "tiny.onnx").write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("name", sorted(bundled_cards()))
def test_every_bundled_model_is_there_and_unaltered(name: str) -> None:
    """The pinned package carries each file with the digest of the manifest."""
    card = bundled_cards()[name]
    assert hashlib.sha256(verify(card)).hexdigest() == card.sha256


@pytest.mark.parametrize(
    "alter",
    [
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: content[: len(content) // 2],
        lambda content: content + b"\0",
        lambda _: b"",
    ],
    ids=["one bit", "truncated", "longer", "empty"],
)
def test_an_altered_file_is_refused(folder: Path, content: bytes, alter: Callable[[bytes], bytes]) -> None:
    """A file whose digest is not the manifest's is a one-line ModelError with advice, and nothing is cached."""
    (folder / "tiny.onnx").write_bytes(alter(content))
    with pytest.raises(ModelError, match="the file has been altered") as caught:
        load_graph(_card(content), cache=folder / "cache", folder=folder)
    assert "\n" not in str(caught.value)
    assert caught.value.advice()
    assert not (folder / "cache").exists()


@pytest.mark.parametrize(
    ("card", "where"),
    [
        (_card(b"", package="limen-no-such-package"), "the package limen-no-such-package"),
        (_card(b"", package="numpy", path="no/such/file.onnx"), "the package numpy"),
        (_card(b"", package=None, path="missing.onnx"), ""),
    ],
    ids=["no package", "package without the file", "no file"],
)
def test_a_missing_file_is_refused(tmp_path: Path, card: ModelCard, where: str) -> None:
    """A package that is not installed, one without the file, and a folder without it are ModelErrors."""
    with pytest.raises(ModelError, match=f"tiny: its file is not in {where}"):
        verify(card, folder=tmp_path)


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """A directory of the file's name is no model file."""
    (tmp_path / "tiny.onnx").mkdir()
    with pytest.raises(ModelError, match="its file is not in"):
        locate(_card(b""), folder=tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"not a model at all", onnx.ModelProto().SerializeToString()], ids=["empty", "text", "no graph"]
)
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file with the right digest that is no usable graph is a ModelError."""
    (tmp_path / "tiny.onnx").write_bytes(content)
    with pytest.raises(ModelError, match="tiny: not a graph limen understands"):
        load_graph(_card(content), cache=tmp_path / "cache", folder=tmp_path)


def test_the_graph_is_folded_once_and_then_read(folder: Path, content: bytes) -> None:
    """Both loads give the file in the cache, which the second does not write again."""
    card = _card(content)
    first = load_graph(card, cache=folder / "cache", folder=folder)
    (kept,) = (folder / "cache").glob("*.onnx")
    assert kept == first
    written = kept.stat().st_ino
    marked = OrtNetwork(first, name="tiny")
    assert marked.run(np.zeros((2, 3, 4, 4), np.float32))[0].max() == 1.0
    assert load_graph(card, cache=folder / "cache", folder=folder) == first
    assert kept.stat().st_ino == written


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept.write_bytes(b""),
        lambda kept: kept.write_bytes(kept.read_bytes()[:-7]),
        lambda kept: kept.write_bytes(b"\xff" * 100),
        lambda kept: kept.with_suffix(".sha256").unlink(),
        lambda kept: kept.with_suffix(".sha256").write_text("0" * 64),
        lambda kept: kept.with_suffix(".sha256").write_bytes(b"\xff\xfe"),
        lambda kept: kept.unlink(),
    ],
    ids=["emptied", "truncated", "replaced", "no digest", "other digest", "digest not text", "gone"],
)
def test_a_damaged_cache_is_healed(folder: Path, content: bytes, damage: Callable[[Path], object]) -> None:
    """A cached graph that does not match its digest is made again from the verified source."""
    card = _card(content)
    load_graph(card, cache=folder / "cache", folder=folder)
    (kept,) = (folder / "cache").glob("*.onnx")
    whole = kept.read_bytes()
    damage(kept)
    assert load_graph(card, cache=folder / "cache", folder=folder) == kept
    assert kept.read_bytes() == whole


def test_a_cache_that_cannot_be_written_costs_only_time(folder: Path, content: bytes) -> None:
    """Where the cache folder is a file, the graph still loads, from memory."""
    (folder / "cache").write_text("in the way")
    assert isinstance(load_graph(_card(content), cache=folder / "cache", folder=folder), bytes)


def test_an_altered_source_is_refused_even_with_a_good_cache(folder: Path, content: bytes) -> None:
    """The cache does not hide that the model file was altered."""
    card = _card(content)
    load_graph(card, cache=folder / "cache", folder=folder)
    (folder / "tiny.onnx").write_bytes(content + b"\0")
    with pytest.raises(ModelError, match="altered"):
        load_graph(card, cache=folder / "cache", folder=folder)


def test_no_temporary_file_is_left(folder: Path, content: bytes) -> None:
    """After caching there are the graph and its digest and nothing else."""
    load_graph(_card(content), cache=folder / "cache", folder=folder)
    assert sorted(path.suffix for path in (folder / "cache").iterdir()) == [".onnx", ".sha256"]
