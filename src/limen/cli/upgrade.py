"""`limen upgrade`: what a new version would change in a data folder, and the change itself, with a copy made before."""

from __future__ import annotations

from typing import Annotated

import typer

from limen.bootstrap import open_site
from limen.bootstrap.site import standing
from limen.cli.output import DONE, REFUSED, DataOption, JsonOption, Output
from limen.storage.standing import StoreStanding

__all__ = ["main"]


def main(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 if the tables change or people enrol again.")
    ] = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Bring a data folder to this version; the copy made before opens for a week. With --check only say what is due."""
    output = Output(json_wanted=json)
    before, models = standing(data)
    again = sum(number for model, number in before.templates.items() if model not in models)
    if not check and before.migration_due:
        open_site(data).close()
    document = {
        "step": before.step,
        "newest_step": before.newest,
        "migration_due": before.migration_due and check,
        "migrated": before.migration_due and not check,
        "templates": sum(before.templates.values()),
        "templates_to_enrol_again": again,
        "re_enrolment_due": again > 0,
    }
    output.answer(document, *_words(before, again=again, check=check))
    return REFUSED if check and (before.migration_due or again) else DONE


def _words(before: StoreStanding, *, again: int, check: bool) -> list[str]:
    if not before.migration_due:
        words = [f"The tables are at step {before.step}, the newest: nothing to change."]
    elif check:
        words = [f"The tables are at step {before.step}; this version works with {before.newest}."]
        words.append("`limen upgrade`, or any other command, brings them there; an encrypted copy is made first.")
    else:
        words = [f"Brought from step {before.step} to {before.newest}. The copy from before is in before-upgrade;"]
        words.append("docs/guide/running.md says how to go back.")
    if again:
        words.append(f"{again} templates come from a model that is no longer accepted: these people enrol again.")
    else:
        words.append("Nobody has to enrol again.")
    return words
