"""`limen detect`: where the faces are and how good the picture of each is; embeds nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.bootstrap import PICTURES, SystemClock, build_vision
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.cli.words import face_document, mask_words, quality_document
from limen.frames.pictures import read_picture
from limen.settings import load_settings

__all__ = ["main"]


def main(
    images: Annotated[list[Path], typer.Argument(metavar="IMAGE...", help="Picture files.")],
    *,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Find faces: box, landmarks, quality, mask state."""
    output = Output(json_wanted=json)
    now = SystemClock().now()
    frames = [read_picture(path, at=now) for path in images]
    vision = build_vision(load_settings(data), None, options=PICTURES)
    table = new_table("picture", "face", "box (px)", "confidence", "quality", "yaw", "pitch", "mask")
    documents, total = [], 0
    for frame in frames:
        faces = vision.detect(frame)
        total += len(faces)
        described = []
        for number, (face, (quality, pose, mask)) in enumerate(
            zip(faces, vision.assess_quality(frame, faces), strict=True), start=1
        ):
            document = face_document(face) | quality_document(quality, pose, mask)
            described.append(document)
            box = " ".join(f"{value:.0f}" for value in document["box"])
            cells = (f"{face.confidence:.2f}", str(quality.unified), f"{pose.yaw_deg:.0f}°", f"{pose.pitch_deg:.0f}°")
            table.add_row(frame.source, str(number), box, *cells, mask_words(mask))
        if not faces:
            table.add_row(frame.source, "none", "", "", "", "", "", "")
        documents.append(
            {"file": frame.source, "width_px": frame.width_px, "height_px": frame.height_px, "faces": described}
        )
    output.answer({"images": documents}, table)
    return DONE if total else REFUSED
