"""`limen identify`: trial folders only; per face a person or unknown, with the rates behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.opening import open_existing
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.cli.words import face_document, mask_words, match_document, match_words, quality_document
from limen.core.match import Match, Recognised
from limen.core.ports import Store
from limen.frames.pictures import read_picture

__all__ = ["main"]


def main(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Picture files.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Recognise enrolled people on pictures, in a trial folder."""
    output = Output(json_wanted=json)
    table = new_table("picture", "face", "who", "quality", "mask")
    documents, known = [], 0
    with open_existing(data, output) as site:
        now = site.clock.now()
        for path in images:
            recognitions, _ = site.recognise(read_picture(path, at=now))
            faces = []
            for number, found in enumerate(recognitions, start=1):
                name = _name(site.store, found.match)
                known += isinstance(found.match, Recognised)
                probe = found.probe
                described = face_document(probe.face) | quality_document(probe.quality, probe.pose, probe.mask)
                faces.append(described | {"match": match_document(found.match, name=name)})
                words = match_words(found.match, name=name)
                table.add_row(str(path), str(number), words, str(probe.quality.unified), mask_words(probe.mask))
            if not recognitions:
                table.add_row(str(path), "none", "", "", "")
            documents.append({"file": str(path), "faces": faces})
    output.answer({"images": documents}, table)
    return DONE if known else REFUSED


def _name(store: Store, match: Match) -> str | None:
    if not isinstance(match, Recognised):
        return None
    with store.read() as unit:
        subject = unit.subjects.get(match.subject_id)
    return None if subject is None else subject.name
