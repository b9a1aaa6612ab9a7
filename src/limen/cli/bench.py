"""`limen bench`: how fast this machine is. Needs no site, reads no store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import numpy as np
import typer

from limen.bootstrap import DOOR, SystemClock, bare_embedding, build_vision, calibration_of, thread_count
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.evaluation.speed import door_frame, pipeline_speed, search_speed
from limen.frames.bundled import ASTRONAUT
from limen.frames.drawn import PERSON, draw_face
from limen.frames.pictures import read_picture
from limen.settings import load_settings

__all__ = ["app"]

app = typer.Typer(help="Speed and memory on this machine.", no_args_is_help=True)

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
