"""Pictures on disk for the command line: drawn faces, nobody's."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

from limen.frames.drawn import PERSON, STRANGER
from support.faces import drawn, scene


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with person.png, person2.jpg, stranger.png, both.png and empty.png."""
    folder = tmp_path_factory.mktemp("pictures")
    cv2.imwrite(str(folder / "person.png"), drawn(PERSON))
    cv2.imwrite(str(folder / "person2.jpg"), drawn(PERSON, side_px=300))
    cv2.imwrite(str(folder / "stranger.png"), drawn(STRANGER))
    cv2.imwrite(str(folder / "both.png"), scene((1000, 512), (PERSON, 480, (0, 16)), (STRANGER, 480, (510, 16))))
    cv2.imwrite(str(folder / "empty.png"), scene((320, 240)))
    return folder
