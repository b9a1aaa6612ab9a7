"""HTML page -> PDF, by a Chromium that is installed already; limen brings no renderer of its own.

A second renderer would be a dependency of a hundred megabytes for one command, and a hand-written one would not be the
same page. Without a Chromium the page can be printed to PDF by any browser, which the error says.

1. The browser starts with an empty profile that is gone afterwards, and can resolve no name: nothing leaves.
2. It runs in its sandbox, except as the superuser, where Chromium has none; the page holds no script either way.
3. The PDF appears whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import subprocess  # the browser is a program of its own
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from limen.core.errors import ConfigError

__all__ = ["BROWSERS", "write_pdf"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge-stable")
_ADVICE = "install chromium (Debian, Ubuntu: apt install chromium), or open the HTML in a browser and print it to PDF"
_PATIENCE_S = 120


def write_pdf(page: str, out: Path, *, find: Callable[[str], str | None] = shutil.which) -> None:
    """Print a page.

    Args:
        page: self-contained HTML.
        out: where the PDF goes; replaced if it exists.
        find: name of a program -> where it is, or None.

    Raises:
        ConfigError: no Chromium is installed, it fails, or ``out`` cannot be written.
    """
    browser = next((path for name in BROWSERS if (path := find(name))), None)
    if browser is None:
        raise ConfigError(f"{out}: no Chromium to make a PDF with is installed", advice=_ADVICE)
    try:
        with TemporaryDirectory(prefix="limen-pdf-") as folder:
            printed = _printed(browser, page, Path(folder))
            partial = out.with_name(f"{out.name}.part")
            shutil.copyfile(printed, partial)
            partial.replace(out)
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigError(f"{out}: the PDF could not be made ({type(error).__name__})", advice=_ADVICE) from error


def _printed(browser: str, page: str, folder: Path) -> Path:
    source, printed = folder / "report.html", folder / "report.pdf"
    source.write_text(page, "utf-8")
    command = [
        browser,
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--no-pdf-header-footer",
        f"--user-data-dir={folder / 'profile'}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        f"--print-to-pdf={printed}",
        source.as_uri(),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=_PATIENCE_S)  # noqa: S603 - no word is a user's
    return printed
