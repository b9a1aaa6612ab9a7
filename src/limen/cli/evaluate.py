"""`limen evaluate`: error rates on pictures anybody can bring. Needs no site, reads no store."""

from __future__ import annotations

import csv
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from limen.bootstrap import PICTURES, SystemClock, build_vision, known_models, thread_count
from limen.cli import evaluate_attacks, evaluate_detection, evaluate_import, evaluate_report, evaluate_site
from limen.cli.evaluating import made_with, rates_table, runner_of
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.errors import ConfigError
from limen.evaluation.calibrate import calibrate, calibration_set
from limen.evaluation.embedding import embed_pictures
from limen.evaluation.groups import read_groups
from limen.evaluation.masked_probes import MaskDrawer
from limen.evaluation.masks import read_mask_labels, run_masks
from limen.evaluation.pictures import PictureSet
from limen.evaluation.protocols import read_open_set, read_pairs
from limen.evaluation.runs import run_identification, run_verification
from limen.evaluation.temperature import read_temperatures, temperature_report
from limen.gallery.calibration_file import write_calibration
from limen.settings import load_settings

__all__ = ["app", "read_apart"]

app = typer.Typer(help="Error rates, as ISO/IEC 19795 defines them.", no_args_is_help=True)

MaskedOption = Annotated[bool, typer.Option("--masked-probes", help="Draw a mask on every probe.")]
CurvesOption = Annotated[
    bool, typer.Option("--curves", help="Also curves and provenance, for `limen evaluate report`.")
]
ImagesOption = Annotated[
    list[Path], typer.Option("--images", metavar="DIR|TAR", help="Pictures; may be given several times.")
]


@app.command()
def verification(
    *,
    images: ImagesOption,
    pairs: Annotated[Path, typer.Option(metavar="CSV", help="left,right,same")],
    groups: Annotated[
        Path | None, typer.Option(metavar="CSV", help="file,group: opaque codes that the people gave of themselves.")
    ] = None,
    masked_probes: MaskedOption = False,
    curves: CurvesOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """One-to-one error rates over a list of pairs."""
    output = Output(json_wanted=json)
    settings, protocol, pictures = load_settings(data), read_pairs(pairs), PictureSet(images)
    by_group = None if groups is None else read_groups(groups)
    with output.progress("pictures", len(protocol.images())) as progress:
        runner = runner_of(settings, progress, masked=masked_probes)
        report = run_verification(protocol, pictures, runner, groups=by_group, curves=curves)
    if curves:
        report["provenance"] = made_with(settings, seeds={"bootstrap": 20260101}, masked=masked_probes)
    output.answer(report, rates_table(report))
    return DONE


@app.command()
def identification(
    *,
    images: ImagesOption,
    protocol: Annotated[Path, typer.Option(metavar="JSON", help="gallery, mated_probes, nonmated_probes")],
    fpir: Annotated[
        float | None, typer.Option(metavar="T", help="Also try the shipped threshold for this FPIR.")
    ] = None,
    masked_probes: MaskedOption = False,
    curves: CurvesOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Open-set search: enrolled people missed, strangers taken for somebody."""
    output = Output(json_wanted=json)
    if fpir is not None and not 0.0 < fpir < 1.0:
        raise ConfigError(f"--fpir {fpir}: expected a share between 0 and 1", advice="for instance --fpir 0.01")
    settings, open_set, pictures = load_settings(data), read_open_set(protocol), PictureSet(images)
    with output.progress("pictures", len(open_set.images())) as progress:
        runner = runner_of(settings, progress, masked=masked_probes)
        report = run_identification(open_set, pictures, runner, fpir_target=fpir, curves=curves)
    if curves:
        report["provenance"] = made_with(settings, seeds={}, masked=masked_probes)
    output.answer(report, rates_table(report))
    return DONE


@app.command()
def masks(
    *,
    images: ImagesOption,
    labels: Annotated[Path, typer.Option(metavar="CSV", help="file,label")],
    curves: CurvesOption = False,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """How often the mask state is seen rightly: none, incorrect, worn."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    truth, pictures = read_mask_labels(labels), PictureSet(images)
    vision = build_vision(settings, None, options=PICTURES, threads=1)
    with output.progress("pictures", len(truth)) as progress:
        report = run_masks(truth, pictures, vision=vision, threads=thread_count(settings), progress=progress)
    if curves:
        report["provenance"] = made_with(settings, seeds={})
    output.answer(report, rates_table(report))
    return DONE


@app.command()
def temperature(
    *,
    table: Annotated[Path, typer.Option(metavar="CSV", help="aveOralM,T_atm,canthi4Max1,canthi4Max2,canthi4Max3")],
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """How well the shipped threshold at the inner corners of the eyes finds raised temperatures."""
    del data
    output = Output(json_wanted=json)
    started = perf_counter()
    report = temperature_report(read_temperatures(table))
    report["seconds"] = round(perf_counter() - started, 1)
    output.answer(report, rates_table(report))
    return DONE


@app.command("calibrate")
def calibrate_model(
    *,
    images: ImagesOption,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the calibration file goes.")],
    made_from: Annotated[str, typer.Option(help="What the pictures are, in a sentence; stands in the file.")],
    model: Annotated[str | None, typer.Option(help="A model from `limen models list`.")] = None,
    not_apart: Annotated[
        Path | None, typer.Option(metavar="CSV", help="Columns a,b: pictures of one person under two names.")
    ] = None,
    mislabelled: Annotated[list[str] | None, typer.Option(help="A picture to leave out; repeatable.")] = None,
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Make a model's calibration file; the first folder of a picture's name is its person."""
    output = Output(json_wanted=json)
    settings = load_settings(data)
    if model is not None:
        vision_settings = settings.vision.model_copy(update={"embedder": model})
        settings = settings.model_copy(update={"vision": vision_settings})
    pictures = PictureSet(images)
    left_out = frozenset(mislabelled or [])
    names = [name for name in pictures.names() if "/" in name and name not in left_out]
    vision = build_vision(settings, None, options=PICTURES, threads=1)
    threads = thread_count(settings)
    with output.progress("pictures", 2 * len(names)) as progress:
        embedded = embed_pictures(pictures.read(names), vision=vision, threads=threads, progress=progress)
        masked = embed_pictures(
            pictures.read(names),
            vision=vision,
            threads=threads,
            progress=lambda done: progress(len(names) + done),
            changed=MaskDrawer(vision),
        )
    data_set = calibration_set(embedded, masked, () if not_apart is None else read_apart(not_apart))
    card, _ = known_models(settings)[settings.vision.embedder]
    today = SystemClock().now().date()
    calibration = calibrate(data_set, card=card, made_on=today, made_from=made_from)
    write_calibration(calibration, out)
    document = {
        "model_id": calibration.model_id,
        "out": str(out),
        "n_people": len(set(data_set.people)),
        "n_pictures": len(data_set.people),
        "failed": len(embedded.failed),
        "failed_masked": len(masked.failed),
    }
    output.answer(document, rates_table(document))
    return DONE


def read_apart(path: Path) -> tuple[tuple[str, str], ...]:
    """People, named by the first folder of the pictures in columns a and b."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return tuple((row["a"].split("/", 1)[0], row["b"].split("/", 1)[0]) for row in csv.DictReader(file))
    except (OSError, UnicodeDecodeError, KeyError, csv.Error, AttributeError) as error:
        raise ConfigError(f"{path}: cannot be used ({error!r})", advice="expected columns a and b") from error


app.command("attacks")(evaluate_attacks.main)
app.command("site")(evaluate_site.main)
app.command("detection")(evaluate_detection.main)
app.command("import")(evaluate_import.main)
app.command("report")(evaluate_report.main)
