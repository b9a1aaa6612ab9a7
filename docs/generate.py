"""Writes those pages of docs/reference that code can say best: commands, settings, operating points.

`python docs/generate.py` writes them, `--check` only says whether they are what would be written. Nothing in a page
depends on the machine: no folder of a user, no time, no terminal width.
"""  # noqa: INP001  a folder of documents is no package

from __future__ import annotations

import enum
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal, TypeGuard, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from limen.bootstrap import open_site
from limen.cli.main import app
from limen.core.match import Condition
from limen.core.people import SiteKind
from limen.evaluation.rarity import per
from limen.gallery.calibration import FMR_CEILING, Calibration, ConditionRates
from limen.gallery.calibration_file import bundled_calibration
from limen.settings import Settings
from limen.web.api.document import document_of
from limen.web.app import create_app
from limen.web.service import Service

__all__ = ["PAGES", "commands", "main", "openapi", "operating_points", "settings"]

_HERE = Path(__file__).parent / "reference"
_NOTE = "<!-- Written by docs/generate.py from the code. Change the code, then run it again. -->"
_EVERYWHERE = {"--data", "--json", "--help"}
_SIGNS = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
_FPIR_TARGETS = (0.01, 0.001)
_SITE_SIZES = (1, 10, 50, 500, 5000)
_COMMANDS = f"""# Commands

{_NOTE}

Every command takes, after its name, `--data DIR` (the data folder; without it `LIMEN_DATA`, or the platform's own) and
`--json` (exactly one JSON document on standard output, everything else on standard error). `-h` explains a command.
What a word means is in the [glossary](../glossary.md).

| exit code | meaning |
|---|---|
| 0 | done; `evaluate` and `bench`: a report was made |
| 1 | no: no face, different people, nobody known, a rule says no; or `audit verify` or `doctor` found a fault |
| 2 | misuse, or something is broken; see [errors](errors.md) |
| 130 | stopped with Ctrl-C |
"""
_SETTINGS = f"""# Settings

{_NOTE}

limen needs no settings. Where one is wanted, write it into `limen.toml` in the data folder, or set the environment
variable; the variable wins. A name that is not on this page is refused, and so is a value outside its range. What each
of them does to a site is in the [administrator's guide](../guide/administrator.md). Doors and schedules have names of
your own, written NAME below, and stand in `limen.toml` alone, as lists do; `limen door new NAME` prints a door to begin
with. Everything that is wrong is told at once, with its place.

```toml
# limen.toml
[gallery]
fpir = 0.001
```

## Folders

| variable | option | without it | meaning |
|---|---|---|---|
"""
_POINTS = f"""# Operating points

{_NOTE}

An operator chooses one number, the share of strangers who may be taken for somebody (`gallery.fpir`). limen derives the
rest from the model's calibration and the number of references that are searched. No comparison is ever accepted at a
false match rate above {per(FMR_CEILING)}, however small the site ([ADR 0006](../adr/0006-operating-points.md)).

The last column is the price: how often one single picture of an enrolled person is not enough. It comes from news
photographs, taken in any light and often years apart. Your camera and your people will give another number. Measured
rates are in [results](../results.md), the words in the [glossary](../glossary.md).

## Bare faces

| strangers let in (FPIR) | references | FMR of a comparison | threshold (similarity) | single pictures refused (FNIR) |
|---|---|---|---|---|
"""
_MASKED_POINTS = """## Masked faces, searched among references of bare ones

| strangers let in (FPIR) | references | FMR of a comparison | threshold (similarity) | single pictures refused (FNIR) |
|---|---|---|---|---|
"""
_BEHIND = """## What stands behind these numbers
"""


def commands() -> str:
    """The page of all commands, from the command tree itself."""
    lines = [_COMMANDS]
    for path, command in _leaves(typer.main.get_command(app), "limen"):
        lines += [f"## {path}", "", _sentence(command.help), "", "```", _usage(path, command), "```", ""]
        rows = [_parameter(parameter) for parameter in command.params if not _EVERYWHERE & set(parameter.opts)]
        if rows:
            lines += ["| argument or option | default | meaning |", "|---|---|---|", *rows, ""]
    return _page(lines)


def settings() -> str:
    """The page of all settings, from their fields."""
    lines = [_SETTINGS + "\n".join(_folder(name, Settings.model_fields[name]) for name in ("data", "cache")), ""]
    for section, field in Settings.model_fields.items():
        for annotation in (field.annotation, *get_args(field.annotation)):
            if _is_section(annotation):
                named = annotation is not field.annotation
                lines += _section(f"{section}.NAME" if named else section, annotation, named=named)
    return _page(lines)


def operating_points() -> str:
    """The page that says what a threshold costs, from the shipped calibration."""
    calibration = bundled_calibration(Settings.model_fields["vision"].default.embedder)
    rows = _point_rows(calibration, Condition.BARE_BARE)
    masked = _point_rows(calibration, Condition.BARE_MASKED)
    facts = [
        f"- Model: `{calibration.model_id}`, calibrated on {calibration.made_on:%Y-%m-%d}.",
        *(_evidence(condition, rates) for condition, rates in calibration.conditions.items()),
        f"- From: {calibration.made_from}.",
        f"- How: {calibration.method}.",
    ]
    return _page([_POINTS + "\n".join(rows), "", _MASKED_POINTS + "\n".join(masked), "", _BEHIND, *facts])


def _point_rows(calibration: Calibration, condition: Condition) -> list[str]:
    rows = []
    for target in _FPIR_TARGETS:
        for count in _SITE_SIZES:
            point = calibration.operating_point(fpir_target=target, n_references=count, condition=condition)
            cells = (f"{target * 100:g} %", f"{count:,}", per(point.fmr), f"{point.threshold:.3f}")
            rows.append(f"| {' | '.join(cells)} | {point.fnir_expected * 100:.1f} % |")
    return rows


def _evidence(condition: Condition, rates: ConditionRates) -> str:
    counts = f"{rates.n_people:,} people, {rates.n_nonmated:,} non-mated and {rates.n_mated:,} mated comparisons"
    tail = f"rates rarer than {per(rates.tail.share)} are read off a fitted tail"
    few = f"behind those rarer than {per(10 / rates.n_nonmated)} stand fewer than ten of these comparisons"
    return f"- {condition.value}: {counts}; {tail}; {few}."


def openapi() -> str:
    """The document of the API, from a service over a site that is made for it and thrown away."""
    with TemporaryDirectory() as folder, open_site(folder, create=SiteKind.TRIAL) as site:
        return json.dumps(document_of(create_app(Service(site=site))), indent=1, ensure_ascii=False) + "\n"


PAGES = {
    "commands.md": commands,
    "settings.md": settings,
    "operating-points.md": operating_points,
    "openapi.json": openapi,
}
"""File name in docs/reference -> what writes it."""


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` say which of them are stale; returns the exit code."""
    stale = []
    for name, write in PAGES.items():
        path, text = _HERE / name, write()
        if path.is_file() and path.read_text("utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"docs/reference: stale: {', '.join(stale)}; run python docs/generate.py\n")
        return 1
    return 0


def _leaves(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its full name, in the order of the help."""
    below = getattr(command, "commands", None)
    if not below:
        yield path, command
        return
    for name, inner in below.items():
        yield from _leaves(inner, f"{path} {name}")


def _usage(path: str, command: Any) -> str:
    words = [path]
    for parameter in command.params:
        if _EVERYWHERE & set(parameter.opts):
            continue
        shown = _shown(parameter)
        words.append(shown if parameter.required or shown.startswith("[") else f"[{shown}]")
    return " ".join([*words, "[--data DIR] [--json]"])


def _shown(parameter: Any) -> str:
    """An argument as its placeholder, an option with the placeholder of its value."""
    if not parameter.opts[0].startswith("-"):
        return str(parameter.metavar or parameter.name.upper())
    if getattr(parameter, "is_flag", False):
        return str(parameter.opts[0])
    return f"{parameter.opts[0]} {parameter.metavar or _value(parameter)}"


def _value(parameter: Any) -> str:
    annotation = _annotation(parameter)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return "|".join(str(item.value) for item in annotation)
    return {"int": "NUMBER", "float": "NUMBER", "Path": "FILE"}.get(getattr(annotation, "__name__", ""), "TEXT")


def _annotation(parameter: Any) -> Any:
    # typer has no public way to ask a parameter for its type
    return getattr(getattr(parameter, "type_descriptor", None), "annotation", None)


def _parameter(parameter: Any) -> str:
    default = parameter.default
    if parameter.required:
        stands = "required"
    elif default is None or default == () or callable(default):
        stands = ""
    else:
        value = getattr(default, "value", default)
        stands = f"`{value:.6g}`" if isinstance(value, float) else f"`{value}`"
    return f"| `{_cell(_shown(parameter))}` | {stands} | {_cell(_sentence(parameter.help or ''))} |"


def _folder(name: str, field: FieldInfo) -> str:
    option = "`--data DIR`" if name == "data" else ""
    return f"| `LIMEN_{name.upper()}` | {option} | the platform's own {name} folder | {_cell(str(field.description))} |"


def _setting(section: str, name: str, *, field: FieldInfo, named: bool) -> list[str]:
    bounds = [
        f"{sign} {getattr(item, letter)}"
        for item in field.metadata
        for letter, sign in _SIGNS.items()
        if getattr(item, letter, None) is not None
    ]
    kind = _kind(field.annotation)
    alone = named or kind.startswith(("list", "table"))
    return [
        f"### {section}.{name}",
        "",
        f"{field.title}. {field.description}",
        "",
        f"- Allowed: {', '.join([kind, *bounds])}",
        f"- Default: {_default(field.default)}",
        *([] if alone else [f"- Environment: `LIMEN_{section.upper()}__{name.upper()}`"]),
        "",
    ]


def _section(path: str, model: type[BaseModel], *, named: bool) -> list[str]:
    """A section, its keys, and then the sections below it."""
    lines = [f"## [{path}]", "", _sentence(model.__doc__), ""]
    inner = {name: field for name, field in model.model_fields.items() if not _is_section(field.annotation)}
    for name, field in inner.items():
        lines += _setting(path, name, field=field, named=named)
    for name, field in model.model_fields.items():
        if _is_section(field.annotation):
            lines += _section(f"{path}.{name}", field.annotation, named=named)
    return lines


def _is_section(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _kind(annotation: Any) -> str:
    """What may stand in a key, for people."""
    kinds = {bool: "`true` or `false`", int: "whole number", float: "number", str: "text", Path: "path of a file"}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return " or ".join(f"`{item.value}`" for item in annotation)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is tuple:
        return "list"
    if origin is dict:
        return "table"
    optional = [argument for argument in arguments if argument is not type(None)]
    return _kind(optional[0]) if optional else kinds.get(annotation, "day, like `2026-11-20`")


def _default(value: Any) -> str:
    """A default as TOML has it."""
    if value in (None, "", (), {}):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`{[list(item) for item in value]}`"
    return f"`{getattr(value, 'value', value)}`"


def _sentence(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if not words or words.endswith((".", "?")) else f"{words}."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _page(lines: list[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
