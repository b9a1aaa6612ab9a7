"""The OpenAPI document, as it is committed to docs/reference/openapi.json."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from limen.web.problems import MEDIA_TYPE
from limen.web.security.roles import routes_of

__all__ = ["document_of"]

_ABOUT = """\
Doors for people who agreed to be recognised. Every change takes an `Idempotency-Key`; every refusal is a problem of
RFC 9457 with a stable `code`. There is no answer to *who is this?*, and a template leaves to nobody but its person.
"""


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document of version 1 of the API.

    Any beside a foreign format: JSON.
    """
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary=app.summary,
        description=_ABOUT,
        routes=app.routes,
    )
    allowed = {(one.path, method.lower()): one.roles for one in routes_of(app) for method in one.methods}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            roles = allowed[path, method]
            operation["security"] = [{"bearer": []}, {"session": []}] if roles else []
            operation["x-limen-roles"] = sorted(roles or ())
            for status, answer in operation["responses"].items():
                if status in {"4XX", "5XX"}:
                    answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    document["components"]["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API token: `limen site token new`."},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "limen_session",
            "description": "Somebody who is signed in; every change also needs the header `X-CSRF-Token`.",
        },
    }
    return document
