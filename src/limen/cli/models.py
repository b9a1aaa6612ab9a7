"""`limen models`: which models there are, whether their files are whole, and adding another embedding model."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from limen.bootstrap import known_models
from limen.cli.output import DONE, MISUSE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError, ModelError
from limen.gallery.calibration_file import read_calibration
from limen.settings import load_settings
from limen.vision.align import CROP_PX
from limen.vision.manifest import ModelCard
from limen.vision.runtime import OrtNetwork
from limen.vision.weights import load_graph, verify

__all__ = ["app"]

app = typer.Typer(help="Models and their files.", no_args_is_help=True)


@app.command("list")
def list_models(*, data: DataOption = None, json: JsonOption = False) -> int:
    """List known models with licence and origin."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    models = known_models(settings)
    table = new_table("name", "role", "licence", "origin", "in use")
    documents = []
    for name, (card, _) in models.items():
        used = card.role != "embedder" or name == settings.vision.embedder
        documents.append(_document(card) | {"in_use": used})
        table.add_row(name, card.role, card.licence, card.origin, "yes" if used else "")
    output.answer({"models": documents}, table)
    return DONE


@app.command("verify")
def verify_models(*, data: DataOption = None, json: JsonOption = False) -> int:
    """Check the SHA-256 of every model file."""
    output = Output(json_wanted=json)
    table = new_table("name", "file")
    documents, whole = [], True
    for name, (card, folder) in known_models(load_settings(data)).items():
        try:
            verify(card, folder=folder)
            problem = None
        except ModelError as error:
            problem, whole = f"{error}; {error.advice()}", False
        documents.append({"name": name, "sha256": card.sha256, "whole": problem is None, "problem": problem})
        table.add_row(name, problem or "whole")
    output.answer({"whole": whole, "models": documents}, table)
    return DONE if whole else MISUSE


@app.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An ONNX file, 112x112 in, one embedding out.")],
    *,
    name: Annotated[str, typer.Option(help="Lower case; used in settings.")],
    licence: Annotated[str, typer.Option(help="SPDX identifier; you state that you may use it.")],
    origin: Annotated[str, typer.Option(help="Who made it, from which data.")],
    colour_order: Annotated[str, typer.Option(help="RGB or BGR.")] = "RGB",
    mean: Annotated[float, typer.Option(help="Subtracted from pixels.")] = 127.5,
    scale: Annotated[float, typer.Option(help="Multiplied after that.")] = 1 / 127.5,
    calibration: Annotated[Path | None, typer.Option(help="From `limen evaluate calibrate`.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Add an embedding model of the ArcFace family; it becomes usable with its own calibration."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such file", advice="name an ONNX file")
    if name in known_models(settings):
        raise ConfigError(f"{name}: there is a model of that name", advice="choose another --name")
    folder = settings.data / "models" / name
    card = _card(file, name=name, licence=licence, origin=origin, colour_order=colour_order, mean=mean, scale=scale)
    if calibration is not None:
        read_calibration(calibration)
    dimensions = _measured_dimensions(card, file, settings.cache)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, folder / "model.onnx")
    if calibration is not None:
        shutil.copyfile(calibration, folder / "calibration.json")
    (folder / "model.toml").write_text(_toml(card, dimensions), "utf-8")
    todo = "" if calibration else f" Calibrate it: limen evaluate calibrate --model {name} --images DIR"
    output.answer(
        _document(card) | {"dimensions": dimensions, "calibrated": calibration is not None},
        f"Added {name} ({dimensions} dimensions).{todo}",
        f"To use it set LIMEN_VISION__EMBEDDER={name}; people have to enrol again.",
    )
    return DONE


def _card(
    file: Path, *, name: str, licence: str, origin: str, colour_order: str, mean: float, scale: float
) -> ModelCard:
    if colour_order not in ("RGB", "BGR"):
        raise ConfigError(f"--colour-order {colour_order}: expected RGB or BGR", advice="see the model's own card")
    return ModelCard(
        name=name,
        role="embedder",
        title=name,
        package=None,
        path=file.name,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
        licence=licence,
        origin=origin,
        colour_order="RGB" if colour_order == "RGB" else "BGR",
        mean=mean,
        scale=scale,
    )


def _measured_dimensions(card: ModelCard, file: Path, cache: Path) -> int:
    """Run the graph once on grey; the length of what comes out."""
    network = OrtNetwork(load_graph(card, cache=cache, folder=file.parent), name=card.name)
    (result, *_) = network.run(np.zeros((1, 3, CROP_PX, CROP_PX), dtype=np.float32))
    if result.ndim != 2 or result.shape[0] != 1:  # noqa: PLR2004  (batch, d)
        raise ModelError(
            f"{card.name}: expected one row of numbers, got {result.shape}", advice="use an embedding model"
        )
    return int(result.shape[1])


def _toml(card: ModelCard, dimensions: int) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'

    lines = [f"[{card.name}]", 'role = "embedder"', 'path = "model.onnx"', f"dimensions = {dimensions}"]
    texts = ("title", "sha256", "licence", "origin", "colour_order")
    lines += [f"{field} = {quoted(getattr(card, field))}" for field in texts]
    return "\n".join([*lines, f"mean = {card.mean!r}", f"scale = {card.scale!r}", ""])


def _document(card: ModelCard) -> dict[str, object]:
    return {
        "name": card.name,
        "role": card.role,
        "title": card.title,
        "licence": card.licence,
        "origin": card.origin,
        "sha256": card.sha256,
        "package": card.package,
    }
