"""`limen evaluate import`: protocol files from LFW's lists, a folder per person, or a CSV."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.cli.output import table as new_table
from limen.core.errors import ConfigError
from limen.evaluation.importers import (
    draw_open_set,
    draw_pairs,
    people_in_csv,
    people_in_folders,
    read_lfw_pairs,
    write_open_set,
    write_pairs,
)
from limen.evaluation.pictures import PictureSet

__all__ = ["main"]


def main(
    *,
    lfw: Annotated[Path | None, typer.Option(metavar="FILE", help="LFW's pairs.txt.")] = None,
    folders: Annotated[Path | None, typer.Option(metavar="DIR|TAR", help="One folder a person.")] = None,
    people: Annotated[Path | None, typer.Option(metavar="CSV", help="file,person")] = None,
    pairs: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the pairs go.")] = None,
    open_set: Annotated[Path | None, typer.Option(metavar="FILE", help="Where the open-set protocol goes.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Write protocol files for `evaluate verification` and `evaluate identification`."""
    del data
    if sum(source is not None for source in (lfw, folders, people)) != 1 or (pairs is None and open_set is None):
        raise ConfigError("one source and at least one file to write are needed", advice="see --help")
    document: dict[str, int] = {"seed": seed}
    if lfw is not None:
        if pairs is None or open_set is not None:
            raise ConfigError("LFW's list holds pairs only", advice="give --pairs FILE, and no --open-set")
        listed = read_lfw_pairs(lfw)
        write_pairs(listed, pairs)
        document = {"pairs": len(listed.left)}
    else:
        known = (
            people_in_csv(people) if people is not None else people_in_folders(PictureSet([folders or Path()]).names())
        )
        if pairs is not None:
            drawn = draw_pairs(known, seed=seed)
            write_pairs(drawn, pairs)
            document["pairs"] = len(drawn.left)
        if open_set is not None:
            search = draw_open_set(known, seed=seed)
            write_open_set(search, open_set)
            document |= {"enrolled": len(search.people), "mated_probes": len(search.mated_images)}
            document["nonmated_probes"] = len(search.nonmated_images)
    shown = new_table("what", "count")
    for name, count in document.items():
        shown.add_row(name, str(count))
    Output(json_wanted=json).answer(document, shown)
    return DONE
