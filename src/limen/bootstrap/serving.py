"""What the service needs of rooms it may not ask itself: the words of agreements, and pictures that browsers send."""

from __future__ import annotations

from typing import Final

from limen.bootstrap.site import Site
from limen.core.base45 import encode
from limen.core.errors import CaptureError
from limen.core.frame import Frame, SourceKind
from limen.frames.browser import MAX_BROWSER_BYTES, MAX_BROWSER_PIXELS
from limen.frames.pictures import decode_picture
from limen.ledger.texts import LANGUAGES, VERSIONS, agreement_text

__all__ = [
    "AGREEMENT_LANGUAGES",
    "AGREEMENT_VERSIONS",
    "MAX_BROWSER_BYTES",
    "agreement_words",
    "code_text",
    "picture_frame",
]

AGREEMENT_LANGUAGES: Final = LANGUAGES
AGREEMENT_VERSIONS: Final = VERSIONS
agreement_words = agreement_text
code_text = encode


def picture_frame(site: Site, content: bytes, *, name: str) -> Frame:
    """A picture that was sent, as a frame: untrusted, bounded, of kind BROWSER and never live.

    Raises:
        CaptureError: too large, or no picture.
    """
    if len(content) > MAX_BROWSER_BYTES:
        raise CaptureError(
            f"{name}: {len(content)} bytes are more than a picture may have ({MAX_BROWSER_BYTES})",
            advice="send smaller pictures",
        )
    at = site.clock.now()
    return decode_picture(content, name=name, at=at, kind=SourceKind.BROWSER, max_pixels=MAX_BROWSER_PIXELS)
