"""The manifest says what each model is, and a wrong one is refused with all its mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from limen.core.errors import ModelError
from limen.vision.manifest import bundled_cards, read_cards

_GOOD = {
    "role": '"embedder"',
    "title": '"A model"',
    "path": '"model.onnx"',
    "sha256": f'"{"ab" * 32}"',
    "licence": '"MIT"',
    "origin": '"a test"',
    "colour_order": '"RGB"',
    "dimensions": "512",
}


def _written(folder: Path, changes: Mapping[str, str | None] | None = None, *, name: str = "mine") -> Path:
    lines = [f"{key} = {value}" for key, value in {**_GOOD, **(changes or {})}.items() if value is not None]
    path = folder / "model.toml"
    path.write_text("\n".join([f'["{name}"]', *lines]), "utf-8")
    return path


def test_the_bundled_list_is_one_model_of_each_role() -> None:
    """Nothing else is shipped: a model with another task would be another promise."""
    roles = {name: card.role for name, card in bundled_cards().items()}
    assert roles == {"yunet-2023mar": "detector", "sface-2021dec": "embedder", "mask-state-2026nov": "mask_state"}


@pytest.mark.parametrize("name", sorted(bundled_cards()))
def test_every_bundled_model_tells_licence_and_origin(name: str) -> None:
    """Licence, origin and digest are there."""
    card = bundled_cards()[name]
    assert card.licence in {"MIT", "Apache-2.0"}
    assert len(card.sha256) == 64
    assert card.origin


def test_the_origin_of_sface_says_whose_faces_it_learnt_from() -> None:
    """That people did not consent is said where the model is named."""
    assert "without those people's consent" in bundled_cards()["sface-2021dec"].origin


def test_a_good_manifest_is_read(tmp_path: Path) -> None:
    """What was left out has its default."""
    card = read_cards(_written(tmp_path))["mine"]
    assert (card.name, card.dimensions, card.package, card.mean, card.scale) == ("mine", 512, None, 0.0, 1.0)


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        ({"role": '"age_estimator"'}, "role must be detector, embedder or mask_state"),
        ({"role": None}, "role is missing"),
        ({"colour_order": '"GBR"'}, "colour_order must be BGR or RGB"),
        ({"sha256": '"AB"'}, "sha256 must be 64 hexadecimal digits"),
        ({"sha256": None}, "sha256 is missing"),
        ({"dimensions": "0"}, "dimensions must be a positive whole number"),
        ({"dimensions": '"512"'}, "dimensions must be a positive whole number"),
        ({"dimensions": None}, "dimensions must be a positive whole number"),
        ({"threshold": "0.5"}, "threshold is not known"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, str | None], mistake: str) -> None:
    """Each wrong, missing or unknown field is a ModelError that says so."""
    with pytest.raises(ModelError, match=mistake):
        read_cards(_written(tmp_path, changes))


@pytest.mark.parametrize("name", ["", "../evil", "Upper", "a b", "-dash", "x" * 64])
def test_a_name_that_could_be_a_path_is_refused(tmp_path: Path, name: str) -> None:
    """Names are lower-case words: no separators, no spaces, not endless."""
    with pytest.raises(ModelError, match="the name may hold"):
        read_cards(_written(tmp_path, name=name))


def test_all_mistakes_are_listed_at_once(tmp_path: Path) -> None:
    """Two wrong fields are told in one error."""
    with pytest.raises(ModelError, match=r"role must be.*colour_order must be"):
        read_cards(_written(tmp_path, {"role": '"oracle"', "colour_order": '"HSV"'}))


@pytest.mark.parametrize("content", [b"[mine", b"\xff\xfe\x00", b"mine = 3"], ids=["not TOML", "not text", "no table"])
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    """Broken TOML, bytes that are no text and a number in place of a table are ModelErrors naming the file."""
    path = tmp_path / "model.toml"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.toml"):
        read_cards(path)


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    """No file, no models."""
    with pytest.raises(ModelError, match="cannot be read"):
        read_cards(tmp_path / "model.toml")


def test_an_empty_manifest_holds_no_models(tmp_path: Path) -> None:
    """An empty file is a list of nothing."""
    path = tmp_path / "model.toml"
    path.write_text("")
    assert read_cards(path) == {}
