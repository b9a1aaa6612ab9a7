"""Settings of doors for tests, as they stand in ``limen.toml``.

How to use: ``settings = read_doors(tmp_path, DOOR + "two_person = true")``.
"""

from __future__ import annotations

from pathlib import Path

from limen.settings import Settings, load_settings

__all__ = ["DOOR", "read_doors"]

DOOR = """
[door.front]
camera = "0"
attendance = "attended"
access = { everybody = "always" }
"""
"""The least that a door needs; further keys of ``[door.front]`` may follow at once."""


def read_doors(folder: Path, text: str) -> Settings:
    """Write ``limen.toml`` into a data folder, and read it."""
    (folder / "limen.toml").write_text(text, "utf-8")
    return load_settings(folder, environment={})
