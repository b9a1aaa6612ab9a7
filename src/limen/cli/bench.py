"""`limen bench`: how fast this machine is. Needs no site, reads no store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from limen.bootstrap import DOOR, SystemClock, bare_embedding, build_vision, calibration_of, thread_count
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError
from limen.evaluation.door_bench import DoorBench
from limen.evaluation.door_cast import bundled_cast, cast_of
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import read_open_set
from limen.evaluation.speed import door_frame, pipeline_speed, search_speed
from limen.frames.bundled import ASTRONAUT
from limen.frames.drawn import PERSON, draw_face
from limen.frames.pictures import read_picture
from limen.settings import load_settings

__all__ = ["app"]

app = typer.Typer(help="Speed and memory on this machine.", no_args_is_help=True)

_DOOR_SIZES = (100, 5_000, 100_000)
_SIZES = (1_000, 100_000, 1_000_000)


@app.command()
def pipeline(
    *,
    rounds: Annotated[int, typer.Option(min=10, max=10_000, help="Frames to time.")] = 200,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Detect, align, assess and embed one face in a 1280x720 frame."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    vision = build_vision(settings, calibration_of(settings), options=DOOR)
    path = ASTRONAUT.locate()
    picture = draw_face(PERSON) if path is None else read_picture(path, at=SystemClock().now()).pixels
    bare: Callable[[], object] = bare_embedding(settings)
    with output.progress("frames", rounds) as progress:
        report = pipeline_speed(vision, door_frame(np.asarray(picture)), rounds=rounds, bare=bare, progress=progress)
    report |= {"threads": thread_count(settings), "picture": "drawn face" if path is None else ASTRONAUT.title}
    table = new_table("stage", "p50 (ms)")
    for stage, times in report["stages"].items():
        table.add_row(stage, f"{times['p50_ms']:.1f}")
    table.add_row("all", f"{report['p50_ms']:.1f} (p95 {report['p95_ms']:.1f}, p99 {report['p99_ms']:.1f})")
    table.add_row(
        "bare embedding graph", f"{report['bare_graph_p50_ms']:.1f} (ours {report['embed_over_bare_graph']}x)"
    )
    output.answer(report, table)
    return DONE


@app.command()
def door(
    *,
    images: Annotated[
        list[Path] | None, typer.Option("--images", metavar="DIR|TAR", help="Pictures; may be given several times.")
    ] = None,
    protocol: Annotated[Path | None, typer.Option(metavar="JSON", help="An open-set protocol: who is who.")] = None,
    people: Annotated[int, typer.Option(min=1, help="Most enrolled people, and most strangers.")] = 100,
    references: Annotated[int, typer.Option(min=1, max=10, help="Pictures that everybody is enrolled with.")] = 1,
    fpir: Annotated[float, typer.Option(metavar="T", help="Share of strangers who may be let in.")] = 0.01,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """The door itself on walk-ups, with 100, 5,000 and 100,000 enrolled."""
    output = Output(json_wanted=json)
    if (images is None) != (protocol is None):
        raise ConfigError("--images and --protocol belong together", advice="give both, or neither")
    if not 0.0 < fpir < 1.0:
        raise ConfigError(f"--fpir {fpir}: expected more than 0 and less than 1", advice="0.01 lets one in 100 in")
    settings = load_settings(data)
    calibration = calibration_of(settings)
    given = images is not None and protocol is not None
    if images is not None and protocol is not None:
        cast = cast_of(read_open_set(protocol), PictureSet(images), most=people, references=references)
    else:
        cast = bundled_cast()
    bench = DoorBench(
        vision=build_vision(settings, calibration, options=DOOR),
        calibration=calibration,
        fpir_target=fpir,
        workers=thread_count(settings),
    )
    with output.progress("walk-ups", bench.steps(cast, _DOOR_SIZES, rates=given)) as progress:
        report = bench.run(cast, _DOOR_SIZES, rates=given, progress=progress)
    table = new_table("enrolled", "p50 (ms)", "p95", "p99", "to Grant, p95")
    for size, times in report["enrolled"].items():
        table.add_row(f"{int(size):,}", *(str(times[f"{what}_ms"]) for what in ("p50", "p95", "p99", "grant_p95")))
    heat = report["thermal_frame_ms"]
    words = [
        f"Ten enrolled people in one frame: {report['ten_faces_ms']} ms ({report['ten_faces_decided']} decided).",
        f"First usable frame to Grant, p95: {report['grant_p95_ms']} ms. Memory {report['rss_mib']} MiB.",
        f"A thermal frame, simulated: p50 {heat['p50_ms']} ms, p99 {heat['p99_ms']} ms.",
        *_door_rates(report),
    ]
    output.answer(report, table, *words)
    return DONE


def _door_rates(report: dict[str, Any]) -> list[str]:
    if report["person_fnir"] is None:
        return ["No error rates: the pictures are no evidence; give --images and --protocol."]
    said = []
    for words, walk, single in (
        ("Enrolled people refused", "person_fnir", "frame_fnir"),
        ("With a mask drawn on", "masked_person_fnir", "masked_frame_fnir"),
        ("Strangers let in", "fpir", "frame_fpir"),
    ):
        one, other = report[f"{walk}_counts"], report[f"{single}_counts"]
        said.append(
            f"{words}: {one['errors']} of {one['trials']} walk-ups; "
            f"of single frames {other['errors']} of {other['trials']}."
        )
    return said


@app.command()
def search(*, data: DataOption = None, json: JsonOption = False) -> int:
    """Exact 1:N search among 1,000, 100,000 and 1,000,000 references."""
    output = Output(json_wanted=json)
    with output.progress("sizes", len(_SIZES)) as progress:
        report = search_speed(_SIZES, workers=thread_count(load_settings(data)), progress=progress)
    table = new_table("references", "p50 (ms)", "p99 (ms)", "MiB", "numpy float32 (ms)", "wrong answers")
    for size, row in report.items():
        times = (f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['mib']:.0f}")
        table.add_row(f"{int(size):,}", *times, f"{row['numpy_float32_p50_ms']:.2f}", str(row["wrong"]))
    output.answer(report, table)
    return DONE
