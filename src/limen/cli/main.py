"""`limen`: one command a file; this one gathers them and turns errors into words and exit codes."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import typer

from limen.cli import (
    anonymise,
    audit,
    bench,
    consent,
    demo,
    detect,
    doctor,
    door,
    enrol,
    evaluate,
    identify,
    models,
    passes,
    people,
    privacy,
    serve,
    site,
    start,
    thermal,
    upgrade,
    verify,
)
from limen.cli.output import MISUSE, report_error
from limen.core.errors import ConfigError, LimenError

__all__ = ["app", "run"]

UsageError: Any = typer.BadParameter.__mro__[1]
"""Typer's own class of every misuse; it exports only this child of it."""

app = typer.Typer(
    name="limen",
    help="Opens a door for the people who agreed to be recognised, and learns nothing about anybody else.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (demo, doctor, detect, verify, enrol, identify, anonymise, start, serve, upgrade):
    app.command(command.__name__.rpartition(".")[2])(command.main)
for group in (consent, people, privacy, models, audit, evaluate, bench, thermal, site, door):
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2])
app.add_typer(passes.app, name="pass")  # a module cannot be called so


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    given = _with_camera_value(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(given))


def _run(given: list[str]) -> int:
    json_wanted = "--json" in given
    try:
        result = typer.main.get_command(app).main(args=given, prog_name="limen", standalone_mode=False)
    except LimenError as error:
        return report_error(error, json_wanted=json_wanted)
    except UsageError as error:
        if json_wanted:
            return report_error(ConfigError(error.format_message(), advice="see --help"), json_wanted=True)
        error.show()
        return MISUSE
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("limen: stopped; nothing was changed that had not been answered\n")
        return 130
    except Exception as error:  # noqa: BLE001  the boundary: exit code 1 would read as a refusal
        traceback.print_exc()
        advice = "this is a mistake in limen; please report it with the lines above"
        return report_error(LimenError(f"unexpected {type(error).__name__}", advice=advice), json_wanted=json_wanted)
    return result if isinstance(result, int) else 0


def _with_camera_value(arguments: list[str]) -> list[str]:
    """`--camera` may stand alone: then it means the first camera."""
    result: list[str] = []
    for place, word in enumerate(arguments):
        result.append(word)
        after = arguments[place + 1 : place + 2]
        if word == "--camera" and (not after or after[0].startswith("-")):
            result.append("0")
    return result
