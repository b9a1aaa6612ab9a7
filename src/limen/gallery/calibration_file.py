"""Calibration <-> JSON. The file ships with a model, so what is in it is all anybody needs to judge a threshold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limen.core.errors import ModelError
from limen.core.match import Condition
from limen.core.probe import ModelId
from limen.gallery.calibration import Calibration, ConditionRates
from limen.gallery.masked import MaskedMap
from limen.gallery.tail import Tail

__all__ = ["FORMAT", "bundled_calibration", "read_calibration", "write_calibration"]

FORMAT = 2
_ADVICE = "make it again with `limen evaluate calibrate`"


def bundled_calibration(model: str, *, folder: Path | None = None) -> Calibration:
    """The calibration of a model: the shipped one, or ``folder/calibration.json`` of a model added by hand.

    Raises:
        ModelError: there is none, or it cannot be read.
    """
    if folder is not None:
        return read_calibration(folder / "calibration.json")
    resource = files("limen.gallery").joinpath("calibrations", f"{model}.json")
    if not resource.is_file():
        raise ModelError(f"{model}: has no calibration, so a similarity would mean nothing", advice=_ADVICE)
    return _parse(resource.read_text("utf-8"), f"{model}.json")


def read_calibration(path: Path) -> Calibration:
    """Read a calibration file.

    Raises:
        ModelError: unreadable, of another format, or inconsistent.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: cannot be read ({error})", advice=_ADVICE) from error
    return _parse(text, str(path))


def write_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration file, replacing what is there only when all of it is written.

    Raises:
        ModelError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_text(_short(json.dumps(_document(calibration), indent=1)) + "\n", "utf-8")
        temporary.replace(path)
    except OSError as error:
        raise ModelError(f"{path}: cannot be written ({error.strerror})", advice="choose another --out") from error


def _short(text: str) -> str:
    """JSON with every list of numbers on one line, so that a file can be read and compared."""
    return re.sub(r"\[[^][{}\"]*\]", lambda numbers: " ".join(numbers[0].split()), text)


def _document(calibration: Calibration) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "model_id": calibration.model_id,
        "model": calibration.model,
        "made_on": calibration.made_on.isoformat(),
        "made_from": calibration.made_from,
        "method": calibration.method,
        "conditions": {name.value: _rates_document(rates) for name, rates in calibration.conditions.items()},
        "centre": _numbers(calibration.centre),
        "masked_map": _map_document(calibration.masked_map),
    }


def _map_document(masked: MaskedMap | None) -> dict[str, Any] | None:
    if masked is None:
        return None
    return {"shift": _numbers(masked.shift), "matrix": [_numbers(row) for row in masked.matrix]}


def _numbers(values: NDArray[np.float32]) -> list[float]:
    """float32 values in as many digits as bring them back exactly."""
    return [float(f"{value:.9g}") for value in values]


def _rates_document(rates: ConditionRates) -> dict[str, Any]:
    tail = rates.tail
    return {
        "n_people": rates.n_people,
        "n_nonmated": rates.n_nonmated,
        "n_mated": rates.n_mated,
        "llr_slope": rates.llr_slope,
        "llr_intercept": rates.llr_intercept,
        "tail": {"start": tail.start, "share": tail.share, "shape": tail.shape, "scale": tail.scale},
        "grid": rates.grid.tolist(),
        "nonmated": [float(f"{value:.6g}") for value in rates.nonmated],
        "mated": [float(f"{value:.6g}") for value in rates.mated],
    }


def _parse(text: str, source: str) -> Calibration:
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise ModelError(f"{source}: format {document['format']} is not the one known here", advice=_ADVICE)
        return Calibration(
            model_id=ModelId(_field(document, "model_id", str)),
            model=_field(document, "model", str),
            centre=np.array(document["centre"], dtype=np.float32),
            made_on=date.fromisoformat(document["made_on"]),
            made_from=_field(document, "made_from", str),
            method=_field(document, "method", str),
            conditions={Condition(name): _rates(table) for name, table in document["conditions"].items()},
            masked_map=_map(document["masked_map"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError(f"{source}: not a calibration file ({error!r})", advice=_ADVICE) from error


def _map(table: Mapping[str, Any] | None) -> MaskedMap | None:
    if table is None:
        return None
    return MaskedMap(
        shift=np.array(table["shift"], dtype=np.float32), matrix=np.array(table["matrix"], dtype=np.float32)
    )


def _rates(table: Mapping[str, Any]) -> ConditionRates:
    return ConditionRates(
        grid=np.array(table["grid"], dtype=np.float64),
        nonmated=np.array(table["nonmated"], dtype=np.float64),
        mated=np.array(table["mated"], dtype=np.float64),
        tail=Tail(**table["tail"]),
        llr_slope=_field(table, "llr_slope", float),
        llr_intercept=_field(table, "llr_intercept", float),
        n_nonmated=_field(table, "n_nonmated", int),
        n_mated=_field(table, "n_mated", int),
        n_people=_field(table, "n_people", int),
    )


def _field(table: Mapping[str, Any], name: str, kind: type) -> Any:
    value = table[name]
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{name}: expected {kind.__name__}, got {type(value).__name__}")
    return value
