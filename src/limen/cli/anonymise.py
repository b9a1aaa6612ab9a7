"""`limen anonymise`: every face of pictures and videos covered; recognises nobody and keeps nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import face_finder
from limen.cli.output import DONE, MISUSE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import CaptureError
from limen.frames.anonymise import Anonymised, Job, anonymise, plan, steps
from limen.settings import load_settings

__all__ = ["main"]

_SOUND = "Sound is kept as it was, and voices can be recognised, too; so can clothes, places and ways of walking."


def main(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A picture, a video, or a folder of them.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A file, or a folder; never IN itself.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Cover every face in pictures and videos, for good; sound and frame rate stay, everything else is left out."""
    output = Output(json_wanted=json)
    jobs = plan(source, target)
    find = face_finder(load_settings(data))
    done: list[Anonymised] = []
    failed: list[tuple[Job, CaptureError]] = []
    with output.progress("pictures", len(jobs)) as progress:
        for number, job in enumerate(jobs, start=1):
            try:
                done.append(anonymise(job, find=find, progress=_share(progress, job, before=number - 1)))
            except CaptureError as error:
                failed.append((job, error))
            progress(number)
    if failed and len(jobs) == 1:
        raise failed[0][1]
    for _, failure in failed:
        output.aside.print(f"limen: {failure} — {failure.advice()}")
    table = new_table("written", "frames", "faces covered")
    for item in done:
        table.add_row(str(item.job.target), str(item.frames), str(item.faces))
    output.answer(_document(done, failed), table, *([_SOUND] if any(item.job.video for item in done) else []))
    return MISUSE if failed else DONE


def _share(progress: Callable[[float], object], job: Job, *, before: int) -> Callable[[int], object]:
    """Tells the bar, which counts files, how far into one of them the work is."""
    amount = steps(job)
    return lambda done: progress(before + min(1.0, done / amount))


def _document(done: list[Anonymised], failed: list[tuple[Job, CaptureError]]) -> dict[str, object]:
    return {
        "files": [
            {"in": str(item.job.source), "out": str(item.job.target), "frames": item.frames, "faces": item.faces}
            for item in done
        ],
        "failed": [{"in": str(job.source), "message": str(error)} for job, error in failed],
    }
