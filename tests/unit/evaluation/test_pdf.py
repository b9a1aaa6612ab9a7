"""PDF by an installed Chromium: made whole, or one line that says what to install."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from limen.core.errors import ConfigError
from limen.evaluation.pdf import BROWSERS, write_pdf


def _program(folder: Path, script: str) -> Path:
    path = folder / "browser"
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_without_a_browser_it_says_what_to_install(tmp_path: Path) -> None:
    """No Chromium is one line with the way round it, and nothing is written."""
    asked: list[str] = []

    def find(name: str) -> None:
        asked.append(name)

    with pytest.raises(ConfigError, match="no Chromium") as caught:
        write_pdf("<p>x</p>", tmp_path / "report.pdf", find=find)
    assert tuple(asked) == BROWSERS
    assert "install chromium" in caught.value.advice()
    assert "print it to PDF" in caught.value.advice()
    assert list(tmp_path.iterdir()) == []


def test_the_browser_is_given_the_page_and_no_network(tmp_path: Path) -> None:
    """It is asked to print a file of ours, with an empty profile and no name to resolve; the PDF replaces the old."""
    out, said = tmp_path / "report.pdf", tmp_path / "said"
    out.write_text("old", "utf-8")
    script = f"""for word in "$@"; do printf '%s\\n' "$word" >> {said}
case $word in --print-to-pdf=*) printf new > "${{word#--print-to-pdf=}}";; esac; done"""
    browser = _program(tmp_path, script)
    write_pdf("<p>x</p>", out, find=lambda _: str(browser))
    words = said.read_text("utf-8").splitlines()
    assert out.read_text("utf-8") == "new"
    assert words[-1].startswith("file:///")
    assert "--host-resolver-rules=MAP * ~NOTFOUND" in words
    assert any(word.startswith("--user-data-dir=") for word in words)
    assert not Path(words[-1].removeprefix("file://")).exists()


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_a_browser_that_fails_leaves_nothing(tmp_path: Path, script: str) -> None:
    """An error, or no file although there was none, is one line; what was there before stays."""
    out = tmp_path / "report.pdf"
    out.write_text("old", "utf-8")
    browser = _program(tmp_path, script)
    with pytest.raises(ConfigError, match="could not be made"):
        write_pdf("<p>x</p>", out, find=lambda _: str(browser))
    assert out.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["browser", "report.pdf"]


def test_an_installed_chromium_prints_a_page(tmp_path: Path) -> None:
    """With Chromium on the machine a PDF comes out."""
    if not any(shutil.which(name) for name in BROWSERS):
        pytest.skip("no Chromium is installed")
    write_pdf("<!doctype html><p>hello", tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
