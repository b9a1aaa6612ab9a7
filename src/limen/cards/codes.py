"""A code as a QR picture: PNG for a phone, SVG for print.

The code stands in it as Base45 text, so that any scanner types it and any camera reads it; for a pass of 244 bytes the
symbol is exactly as large (61 modules) as with the bytes themselves. Error correction level M, four modules of quiet
zone.

Source: ISO/IEC 18004; RFC 9285.
"""

from __future__ import annotations

import io

import segno

from limen.core.base45 import encode

__all__ = ["QUIET_MODULES", "code_modules", "code_png", "code_svg"]

QUIET_MODULES = 4
_PX_PER_MODULE = 8


def code_png(code: bytes, *, px_per_module: int = _PX_PER_MODULE) -> bytes:
    """A black and white PNG."""
    return _saved(code, kind="png", scale=px_per_module)


def code_svg(code: bytes) -> bytes:
    """An SVG in UTF-8."""
    return _saved(code, kind="svg", scale=1)


def code_modules(code: bytes) -> tuple[tuple[bool, ...], ...]:
    """The modules row by row, True where dark, without quiet zone."""
    return tuple(tuple(bool(module) for module in row) for row in _symbol(code).matrix)


def _saved(code: bytes, *, kind: str, scale: int) -> bytes:
    file = io.BytesIO()
    _symbol(code).save(file, kind=kind, scale=scale, border=QUIET_MODULES)
    return file.getvalue()


def _symbol(code: bytes) -> segno.QRCode:
    return segno.make_qr(encode(code), error="m", boost_error=False)
