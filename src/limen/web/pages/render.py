"""Makes pages: template, words of the reader's language, the session's CSRF token, plain files with a digest.

Rules kept: templates escape everything; a word that is missing in a language is an error and never an empty place; no
page has a script or a style of its own inside. A part of the service keeps its templates, words and plain files in its
own folder below this one: ``kiosk/door.html`` is the template, ``kiosk/words.fr.toml`` its French, and
``{{ static("kiosk/door.js") }}`` its script.
"""

from __future__ import annotations

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from limen.core.people import SiteKind
from limen.web.problems import ProblemError
from limen.web.security.headers import CAMERA
from limen.web.security.roles import Caller

__all__ = ["LANGUAGES", "Words", "digest", "language_of", "page", "static", "static_files", "words_of"]

LANGUAGES: Final = ("en", "fr")
_LANGUAGE_COOKIE = "limen_language"
_HERE = Path(__file__).parent
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".mp3": "audio/mpeg",
    ".webmanifest": "application/manifest+json",
}


class Words:
    """The words of one language for one part; ``{{ t("sign_in") }}``, with ``{name}`` filled in where a word has it.

    Args:
        words: by key.
    """

    def __init__(self, words: dict[str, str]) -> None:
        self._words = words

    def __call__(self, key: str, **values: object) -> str:
        """A word or sentence.

        Raises:
            KeyError: the language has none of that key.
        """
        words = self._words[key]
        return words.format(**values) if values else words

    def starting(self, prefix: str) -> dict[str, str]:
        """All words whose key begins so, for a script; without the prefix."""
        return {key.removeprefix(prefix): words for key, words in self._words.items() if key.startswith(prefix)}


@cache
def words_of(part: str, language: str) -> Words:
    """The words of a part, over those that every page has."""
    found: dict[str, str] = {}
    for folder in ("base", part):
        path = _HERE / folder / f"words.{language}.toml"
        if path.is_file():
            found |= tomllib.loads(path.read_text("utf-8"))
    return Words(found)


def language_of(request: HTTPConnection) -> str:
    """What the reader reads: chosen in the address, chosen before, asked for by the browser, or the site's own."""
    asked = [request.query_params.get("language", ""), request.cookies.get(_LANGUAGE_COOKIE, "")]
    asked += [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    asked.append(request.app.state.service.site.settings.site.language)
    return next((one for one in asked if one in LANGUAGES), LANGUAGES[0])


def page(request: HTTPConnection, template: str, *, status: int = 200, camera: bool = False, **values: Any) -> Response:
    """A page.

    Args:
        request: it is for.
        template: below this folder, for instance ``console/overview.html``; its folder names the part.
        status: HTTP.
        camera: whether the page may ask for the browser's camera.
        values: for the template, which also has ``t`` (words), ``language``, ``caller``, ``csrf``, ``static``,
            ``trial``, ``site_name`` and ``path`` (where a link back to this page leads).
    """
    site = request.app.state.service.site
    caller: Caller | None = getattr(request.state, "caller", None)
    language = language_of(request)
    text = (
        _environment()
        .get_template(template)
        .render(
            {
                "t": words_of(template.partition("/")[0], language),
                "language": language,
                "caller": caller,
                "roles": caller.roles if caller else frozenset(),
                "csrf": caller.csrf if caller else "",
                "csrf_field": _csrf_field(caller.csrf if caller else ""),
                "static": static,
                "trial": site.store.site_kind is SiteKind.TRIAL,
                "site_name": site.settings.site.name,
                "path": _readable(request),
                **values,
            }
        )
    )
    answer = HTMLResponse(text, status_code=status, headers={"Content-Language": language, "Vary": "Accept-Language"})
    if camera:
        answer.headers["Permissions-Policy"] = CAMERA
    if request.query_params.get("language") == language:
        answer.set_cookie(_LANGUAGE_COOKIE, language, httponly=True, samesite="strict")
    return answer


def _readable(request: HTTPConnection) -> str:
    """The path itself or, where a form was answered at a path that only takes forms, the nearest above it to read."""
    path = request.url.path
    while path != "/" and request.scope.get("method") == "POST" and not _answers_get(request, path):
        path = path.rpartition("/")[0] or "/"
    return path


def _answers_get(request: HTTPConnection, path: str) -> bool:
    scope = {**request.scope, "method": "GET", "path": path}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


def static(name: str) -> str:
    """The address of a plain file; it changes with any of them, so that browsers may keep what they have.

    Raises:
        ValueError: there is no such file.
    """
    if name not in _plain_files():
        raise ValueError(f"{name}: there is no such plain file below limen/web/pages")
    return f"/static/{digest()}/{name}"


def static_files() -> _PlainFiles:
    """Serves plain files."""
    return _PlainFiles()


class _PlainFiles:
    """Plain files of all parts below ``/static/DIGEST/``; nothing else of the package is reachable."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        rest = str(scope["path"]).removeprefix(str(scope.get("root_path", ""))).lstrip("/")
        asked, _, name = rest.partition("/")
        path = _plain_files().get(name)
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or path is None:
            raise ProblemError.not_found()
        kept = "public, max-age=31536000, immutable" if asked == digest() else "no-cache"
        answer = FileResponse(path, media_type=_MEDIA_TYPES[path.suffix], headers={"Cache-Control": kept})
        await answer(scope, receive, send)


@cache
def _plain_files() -> dict[str, Path]:
    found = (path for path in sorted(_HERE.rglob("*")) if path.suffix in _MEDIA_TYPES)
    return {path.relative_to(_HERE).as_posix(): path for path in found}


@cache
def digest() -> str:
    """One for all, so that a script may import its neighbour by a relative address."""
    found = sha256()
    for name, path in _plain_files().items():
        found.update(name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _csrf_field(token: str) -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)
