"""`limen thermal`: read a thermal picture, calibrate two cameras to each other, check a site before it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import typer
from numpy.typing import NDArray
from rich.text import Text

from limen.bootstrap import SystemClock
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import CaptureError, ConfigError
from limen.core.thermal import LinearScale, RawThermal, Scene
from limen.frames.pictures import read_picture
from limen.frames.thermal_pictures import read_thermal
from limen.thermal.acceptance import STEPS_C, Checked, check_spot, passed
from limen.thermal.blackbody import BlackbodySetting, read_blackbody
from limen.thermal.board import Board, BoardView, Lens, find_markers, rig_from_boards
from limen.thermal.picture import thermal_picture
from limen.thermal.radiometry import celsius
from limen.thermal.rig_file import write_rig

__all__ = ["app"]

app = typer.Typer(help="Thermal pictures and cameras.", no_args_is_help=True)

_MOST_RMS_PX = 2.0
_CIRCLE = 3

ScaleOption = Annotated[
    float | None,
    typer.Option(min=1e-6, max=10.0, help="Kelvin per count, for 16-bit pictures that do not say it (Lepton: 0.01)."),
]
ZeroOption = Annotated[float, typer.Option(min=-1000.0, max=1000.0, help="Kelvin at count 0, with --scale.")]
EmissivityOption = Annotated[float | None, typer.Option(min=0.01, max=1.0, help="Of the object, not the camera's.")]
ReflectedOption = Annotated[
    float | None, typer.Option(metavar="°C", min=-120.0, max=1000.0, help="What the object reflects.")
]
DistanceOption = Annotated[
    float | None, typer.Option(metavar="M", min=0.0, max=10_000.0, help="Camera to object, metres.")
]


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="Radiometric JPEG, FFF, or 16-bit TIFF or PNG.")],
    *,
    point: Annotated[str | None, typer.Option(metavar="X,Y", help="Temperature there; pixels from 0.")] = None,
    out: Annotated[Path | None, typer.Option(metavar="PNG", help="A picture with a colour bar.")] = None,
    scale: ScaleOption = None,
    zero: ZeroOption = 0.0,
    emissivity: EmissivityOption = None,
    reflected: ReflectedOption = None,
    distance: DistanceOption = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Temperatures of a thermal picture: lowest, median, highest, at a point; and a picture of it."""
    del data
    output = Output(json_wanted=json)
    raw = _raw(file, scale, zero)
    scene = _scene(raw, emissivity=emissivity, reflected=reflected, distance=distance)
    map_c = celsius(raw, scene=scene)
    height, width = map_c.shape
    known = map_c[np.isfinite(map_c)]
    if not known.size:
        raise CaptureError(f"{file}: none of its counts is a temperature", advice="check --scale and --zero")
    places = [np.unravel_index(int(find(map_c)), map_c.shape)[::-1] for find in (np.nanargmin, np.nanargmax)]
    lowest, highest = ([int(value) for value in place] for place in places)
    document: dict[str, Any] = {
        "file": str(file),
        "width_px": width,
        "height_px": height,
        "minimum_c": _rounded(known.min()),
        "minimum_at": lowest,
        "median_c": _rounded(np.median(known)),
        "maximum_c": _rounded(known.max()),
        "maximum_at": highest,
        "unknown_pixels": int(map_c.size - known.size),
        "scene": None if scene is None else _scene_document(scene),
    }
    mark = None
    if point is not None:
        x, y = (int(value) for value in _numbers(point, 2, "--point"))
        if not (0 <= x < width and 0 <= y < height):
            raise ConfigError(f"--point {point}: not in a picture of {width}x{height}", advice="whole pixels, from 0")
        mark = (x, y)
        document["point"] = {"x": x, "y": y, "c": _rounded(map_c[y, x]) if np.isfinite(map_c[y, x]) else None}
    if out is not None:
        _write_png(out, thermal_picture(map_c, mark=mark))
        document["out"] = str(out)
    table = new_table("measure", "value")
    for key, value in document.items():
        table.add_row(key, ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value))
    output.answer(document, table)
    return DONE


@app.command()
def calibrate(
    folder: Annotated[Path, typer.Argument(help="Pairs NAME_rgb.png and NAME_thermal.png of a warmed marker board.")],
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the rig file goes.")],
    visible_view: Annotated[
        float, typer.Option(metavar="DEG", min=5.0, max=150.0, help="Horizontal angle of view, colour camera.")
    ],
    thermal_view: Annotated[
        float, typer.Option(metavar="DEG", min=5.0, max=150.0, help="Horizontal angle of view, thermal camera.")
    ],
    marker: Annotated[
        float, typer.Option(metavar="M", min=0.005, max=1.0, help="Side of a marker.")
    ] = Board().marker_m,
    gap: Annotated[float, typer.Option(metavar="M", min=0.001, max=1.0, help="Between markers.")] = Board().gap_m,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """How colour and thermal camera stand to each other, from pictures of a board that both see."""
    del data
    output = Output(json_wanted=json)
    board, now = Board(marker_m=marker, gap_m=gap), SystemClock().now()
    names = sorted(path.name.removesuffix("_rgb.png") for path in folder.glob("*_rgb.png"))
    views, sizes = [], set()
    for name in names:
        pair = [read_picture(folder / f"{name}_{kind}.png", at=now) for kind in ("rgb", "thermal")]
        sizes.add(tuple((frame.width_px, frame.height_px) for frame in pair))
        found = [find_markers(frame.pixels, board) for frame in pair]
        views.append(BoardView(name=name, visible=found[0], thermal=found[1]))
    if len(sizes) != 1:
        raise CaptureError(
            f"{folder}: {'no pair of pictures' if not sizes else 'pictures of different sizes'}",
            advice="expected pairs NAME_rgb.png and NAME_thermal.png, all of the same two sizes",
        )
    ((visible_size, thermal_size),) = sizes
    calibrated = rig_from_boards(
        views,
        board,
        visible=Lens(size_px=visible_size, view_deg=visible_view),
        thermal=Lens(size_px=thermal_size, view_deg=thermal_view),
    )
    good = calibrated.rms_px <= _MOST_RMS_PX
    if good:
        write_rig(calibrated.rig, out)
    document = {
        "out": str(out) if good else None,
        "views": len(calibrated.left_out_px),
        "rms_px": round(calibrated.rms_px, 2),
        "left_out_px": {
            name: None if error is None else round(error, 2) for name, error in calibrated.left_out_px.items()
        },
        "translation_m": [round(float(value), 4) for value in calibrated.rig.translation_m],
        "good": good,
    }
    table = new_table("view", "error when left out (thermal px)")
    for name, error in calibrated.left_out_px.items():
        table.add_row(name, "too few others" if error is None else f"{error:.2f}")
    words = (
        f"Good enough; written to {out}."
        if good
        else "Too coarse, nothing is written: hold the cameras fast to each other and the board still, "
        "and take sharper, varied views."
    )
    output.answer(document, table, Text(f"{calibrated.rms_px:.2f} px over all views. {words}"))
    return DONE if good else REFUSED


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE=°C...", help="A picture for each setting: hot.jpg=38")],
    *,
    second: Annotated[str, typer.Option(metavar="X,Y,RADIUS", help="The second blackbody, where faces will be.")],
    blackbody: Annotated[
        str | None, typer.Option(metavar="X,Y,RADIUS,°C", help="The first one, which stays in the picture.")
    ] = None,
    room: Annotated[float, typer.Option(metavar="°C", min=-20.0, max=60.0, help="Temperature of the room.")] = 24.0,
    emissivity: Annotated[float, typer.Option(min=0.5, max=1.0, help="Of both blackbodies.")] = 0.97,
    scale: ScaleOption = None,
    zero: ZeroOption = 0.0,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Acceptance of a site: what does the camera read on a second blackbody set to 34, 36, 37, 38 and 39 °C?"""
    del data
    output = Output(json_wanted=json)
    x, y, radius = _numbers(second, _CIRCLE, "--second")
    first = None if blackbody is None else _blackbody(blackbody, emissivity=emissivity)
    checks: list[Checked] = []
    for file, set_c in map(_setting, files):
        raw = _raw(file, scale, zero)
        scene = Scene(emissivity=emissivity, distance_m=0.8, reflected_c=room, air_c=room, relative_humidity=0.4)
        map_c = celsius(raw, scene=scene)
        if first is not None:
            map_c = map_c + np.float32(read_blackbody(map_c, first, name=str(file)))
        try:
            checks.append(check_spot(map_c, centre_px=(x, y), radius_px=radius, set_c=set_c))
        except ValueError as error:
            raise ConfigError(f"{file}: {error}", advice="give --second as X,Y,RADIUS in pixels") from error
    good = passed(checks)
    table = new_table("set °C", "read °C", "error K", "spread K", "")
    for item in checks:
        row = (
            f"{item.read_c:.2f}",
            f"{item.error_k:+.2f}",
            f"{item.spread_k:.2f}",
            "good" if item.good else "not good",
        )
        table.add_row(f"{item.set_c:.1f}", *row)
    steps = ", ".join(f"{step:.0f}" for step in STEPS_C)
    words = "Accepted." if good else f"Not accepted: all of {steps} °C are needed, each within 0.5 K and even to 0.2 K."
    document = {
        "accepted": good,
        "checks": [
            {
                "set_c": c.set_c,
                "read_c": _rounded(c.read_c),
                "error_k": _rounded(c.error_k),
                "spread_k": _rounded(c.spread_k),
            }
            for c in checks
        ],
    }
    output.answer(document, table, Text(words))
    return DONE if good else REFUSED


def _raw(file: Path, scale: float | None, zero: float) -> RawThermal:
    stated = None if scale is None else LinearScale(kelvin_per_count=scale, kelvin_at_zero=zero)
    return read_thermal(file, at=SystemClock().now(), scale=stated)


def _scene(
    raw: RawThermal, *, emissivity: float | None, reflected: float | None, distance: float | None
) -> Scene | None:
    """The camera's scene with what was given instead; a camera that knows none gets a room of 20 °C."""
    if emissivity is None and reflected is None and distance is None:
        return raw.scene
    told = raw.scene
    room = 20.0 if told is None else told.reflected_c
    return Scene(
        emissivity=emissivity or (1.0 if told is None else told.emissivity),
        distance_m=distance if distance is not None else (1.0 if told is None else told.distance_m),
        reflected_c=reflected if reflected is not None else room,
        air_c=room if told is None else told.air_c,
        relative_humidity=0.5 if told is None else told.relative_humidity,
        window_c=room if told is None else told.window_c,
        window_transmission=1.0 if told is None else told.window_transmission,
    )


def _scene_document(scene: Scene) -> dict[str, float]:
    return {
        "emissivity": _rounded(scene.emissivity),
        "distance_m": _rounded(scene.distance_m),
        "reflected_c": _rounded(scene.reflected_c),
        "air_c": _rounded(scene.air_c),
        "relative_humidity": _rounded(scene.relative_humidity),
    }


def _blackbody(text: str, *, emissivity: float) -> BlackbodySetting:
    x, y, radius, set_c = _numbers(text, _CIRCLE + 1, "--blackbody")
    return BlackbodySetting.at((x, y, radius, set_c), emissivity=emissivity)


def _setting(argument: Path) -> tuple[Path, float]:
    name, _, value = str(argument).rpartition("=")
    try:
        return Path(name), float(value)
    except ValueError:
        raise ConfigError(f"{argument}: no setting", advice="write FILE=TEMPERATURE, for instance hot.jpg=38") from None


def _numbers(text: str, count: int, option: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != count or not np.isfinite(numbers).all():
        raise ConfigError(f"{option} {text}: expected {count} numbers with commas", advice="see --help")
    return numbers


def _write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    done, packed = cv2.imencode(".png", picture)
    try:
        if done:
            path.write_bytes(packed.tobytes())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror})", advice="check folder and space") from error


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 3)
