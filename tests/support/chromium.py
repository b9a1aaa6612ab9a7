"""A real browser before a real server, both on this machine: Debian's Chromium, headless, without a network.

How to use: ``with listening(service) as address, chromium() as browser: page = opened(browser, ...)``.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.responses import Response

from limen.web.app import create_app
from limen.web.security.roles import Role
from limen.web.security.sessions import COOKIE
from limen.web.service import Service

__all__ = ["chromium", "listening", "opened", "serious"]

_CHROMIUM = Path("/usr/bin/chromium")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@contextmanager
def listening(service: Service) -> Iterator[str]:
    """The service on a free port of the loopback; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.listen(64)
        config = uvicorn.Config(create_app(service), log_level="error", lifespan="on", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """The browser; the test is skipped where there is none."""
    if not _CHROMIUM.exists():
        pytest.skip("there is no /usr/bin/chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(_CHROMIUM), args=[*_ARGUMENTS, *arguments])
        yield browser
        browser.close()


def opened(browser: Browser, address: str, service: Service, *roles: Role, account: str = "someone") -> Page:
    """A page of somebody who is signed in."""
    answer = Response()
    service.sessions.begin(answer, account, roles=frozenset(roles))
    cookie = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    context = browser.new_context(viewport={"width": 1280, "height": 800}, base_url=address, locale="en-GB")
    context.add_cookies([{"name": COOKIE, "value": cookie, "url": address, "httpOnly": True, "sameSite": "Strict"}])
    return context.new_page()


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical on a page: rule and where."""
    found: dict[str, Any] = Axe().run(page, options=_RULES).response
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')[:200]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]
