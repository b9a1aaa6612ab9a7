"""The composition root: settings -> wired flows. The only place where adapters are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from limen.vision.detect import DOOR, PICTURES

if TYPE_CHECKING:
    from limen.bootstrap.site import ROOMS, Site, backup_keys_of, open_site, storage_options

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


def __getattr__(name: str) -> object:
    """What needs a store, loaded when first asked for (PEP 562): pictures are compared without one."""
    if name not in ("ROOMS", "Site", "backup_keys_of", "open_site", "storage_options"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from limen.bootstrap import site  # noqa: PLC0415  it brings the store

    return getattr(site, name)
