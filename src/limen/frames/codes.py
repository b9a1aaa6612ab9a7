"""Frame -> the codes in it: the camera that sees a face reads the pass or badge that is held before it, too.

Only QR codes are looked for, the largest come first, and nothing that they say is believed or even looked at here.
"""

from __future__ import annotations

import cv2
import zxingcpp

from limen.core.frame import Frame

__all__ = ["MOST_CODES", "read_codes"]

MOST_CODES = 4
"""More codes than this are not one person showing a pass."""

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_codes(frame: Frame) -> tuple[bytes, ...]:
    """The content of every QR code in a frame, as bytes, the largest first; at most ``MOST_CODES``, and often none.

    Args:
        frame: codes may stand at any angle; at 300 px of width they are read almost always (docs/results.md).
    """
    grey = cv2.cvtColor(frame.pixels, cv2.COLOR_BGR2GRAY)
    found = zxingcpp.read_barcodes(grey, formats=_QR, try_invert=False)
    found.sort(key=_height_px, reverse=True)
    return tuple(bytes(item.bytes) for item in found[:MOST_CODES])


def _height_px(code: zxingcpp.Barcode) -> int:
    place = code.position
    return max(abs(place.bottom_left.y - place.top_left.y), abs(place.bottom_left.x - place.top_left.x))
