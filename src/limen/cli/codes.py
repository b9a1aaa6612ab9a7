"""A code as a command gets it: a picture, a text or raw file, `-` for standard input, or the Base45 text itself.

A text on the command line can be seen by other users of the machine and stays in the shell's history; a file or `-`
does not.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import typer

from limen.core.errors import CaptureError, ConfigError, RefusedError
from limen.core.passes import MAX_CODE_BYTES, own_code
from limen.frames.codes import read_codes
from limen.frames.pictures import decode_picture, read_picture

__all__ = ["read_code", "read_pin"]

_READ = 4 * MAX_CODE_BYTES


def read_code(given: str, *, at: datetime) -> bytes | str:
    """The code; whether it is one of limen's is for the flows to say.

    Args:
        given: the argument.
        at: when it is read.

    Raises:
        RefusedError: the picture shows no code.
        ConfigError: the file cannot be read.
    """
    if given == "-":
        return _in_content(sys.stdin.buffer.read(_READ + 1), name="standard input", at=at)
    path = Path(given)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # a text longer than any name, or with a NUL
        is_file = False
    if not is_file:
        return given
    try:
        with path.open("rb") as file:
            content = file.read(_READ + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", advice="give a readable file") from error
    return _in_content(content, name=given, at=at, path=path)


def read_pin(path: Path | None) -> str | None:
    """The PIN in the first line of a file; `-` asks for it without showing it.

    Raises:
        ConfigError: the file cannot be read.
    """
    if path is None:
        return None
    if str(path) == "-":
        return str(typer.prompt("PIN", hide_input=True, err=True))
    try:
        with path.open(encoding="utf-8") as file:
            return file.readline(_READ).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as text", advice="give a file with the PIN, or `-`") from error


def _in_content(content: bytes, *, name: str, at: datetime, path: Path | None = None) -> bytes:
    if own_code(content) is not None:
        return content
    try:
        frame = decode_picture(content, name=name, at=at) if path is None else read_picture(path, at=at)
    except CaptureError:
        if len(content) <= _READ:
            return content  # the flow says what is wrong with it
        raise
    codes = read_codes(frame)
    if not codes:
        raise RefusedError(f"{name}: no QR code found", advice="hold it flat, near and in good light", reason="no_code")
    return next((code for code in codes if own_code(code) is not None), codes[0])
