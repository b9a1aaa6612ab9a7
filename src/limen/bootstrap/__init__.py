"""The composition root: settings -> wired flows. The only place where adapters are named."""

from __future__ import annotations

from limen.bootstrap.clock import SystemClock
from limen.bootstrap.models import (
    DETECTOR,
    MASK_STATE,
    bare_embedding,
    build_vision,
    calibration_of,
    face_finder,
    known_models,
    thread_count,
    verifier,
)
from limen.bootstrap.site import ROOMS, Site, backup_keys_of, open_site, storage_options
from limen.vision.detect import DOOR, PICTURES

__all__ = [
    "DETECTOR",
    "DOOR",
    "MASK_STATE",
    "PICTURES",
    "ROOMS",
    "Site",
    "SystemClock",
    "backup_keys_of",
    "bare_embedding",
    "build_vision",
    "calibration_of",
    "face_finder",
    "known_models",
    "open_site",
    "storage_options",
    "thread_count",
    "verifier",
]
