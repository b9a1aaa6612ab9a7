"""What is held about one person, as a page that the person can read: the same values as the JSON, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

__all__ = ["export_page"]

_HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>What is kept about you</title>'
    "<style>body{font:16px/1.5 sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "td,th{text-align:left;vertical-align:top;padding:.2rem 1rem .2rem 0}code{word-break:break-all}</style>"
    "<h1>What is kept about you</h1>"
)
_LABELS = {
    "exported_at": "This page was made",
    "name": "The name you asked to be called by",
    "subject_id": "Your number here",
    "kind": "Where your template lives",
    "enrolled_at": "Enrolled",
    "confirmed": "Confirmed by a live capture",
    "agreement": "What you agreed to",
    "agreement_proof": "What shows that you agreed",
    "references": "Templates: lists of numbers made from your pictures; the pictures were not kept",
    "at_doors": "What is laid down for you at doors",
    "passes": "Your face passes; the site keeps no template of them",
    "badge_lock": "Your badge; the template that it opens is of no use without it",
    "audit": "What was done, and what doors decided",
}


def export_page(document: Mapping[str, object]) -> str:
    """The page for an export, self-contained, without script."""
    return _HEAD + "".join(_part(name, value) for name, value in document.items()) + "</html>\n"


def _part(name: str, value: object) -> str:
    return f"<h2>{escape(_LABELS.get(name, name))}</h2>{_shown(value)}"


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return f"<table>{''.join(_rows(value))}</table>"
    if isinstance(value, list):
        return "".join(map(_shown, value)) or "<p>none</p>"
    return f"<p>{_words(value)}</p>"


def _rows(value: Mapping[str, object]) -> Iterator[str]:
    for name, inner in value.items():
        yield f"<tr><th>{escape(name.replace('_', ' '))}</th><td><code>{_words(inner)}</code></td></tr>"


def _words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return escape(", ".join(map(str, value)) or "none")
    return escape(str(value))
