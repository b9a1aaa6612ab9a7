"""Result documents of ``limen evaluate`` -> one self-contained HTML page, fit to be printed.

1. Numbers, plots and provenance; never a picture of a person: there is no place for one, and a policy in the page lets
   the browser load nothing at all.
2. A value stands beside its counts and its 95 % interval. Where no error was seen, a sentence says what that proves.
3. The exact command, versions, digests of the models and seeds are in the page, so that it can be made again.
4. Of a document only numbers are shown, and the words of its provenance; all of them escaped.

Keys of a document are those of DESIGN section 6. Two more are understood: ``curves`` (``limen.evaluation.curves``) and
``provenance`` (below). A PDF is made of the page by ``limen.evaluation.pdf``.
"""

from __future__ import annotations

import json
import platform
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from math import floor, log10
from pathlib import Path
from typing import Any

import jinja2

from limen.core.errors import ConfigError
from limen.evaluation.intervals import rule_of_three
from limen.evaluation.plots import cmc_plot, confusion_plot, det_plot, discard_plot, distribution_plot
from limen.gallery.calibration import Calibration
from limen.vision.manifest import ModelCard

__all__ = ["Row", "evaluation_report", "provenance", "read_result", "rows_of"]

_PACKAGES = ("limen", "numpy", "onnxruntime", "opencv-python-headless")
_ELSEWHERE = frozenset({"confusion", "curves", "error_versus_discard", "provenance"})
_RATES = frozenset({"tpr", "fmr", "fnmr", "fpir", "fnir", "fta", "fte", "eer", "auc", "apcer", "bpcer"})
_NAMES = {
    "n": "pictures",
    "n_mated": "mated trials",
    "n_nonmated": "non-mated trials",
    "n_gallery": "people enrolled",
    "accuracy_10fold": "ten-fold accuracy,",
    "std": "standard deviation",
    "rank1": "rank-1 identification rate",
    "fte": "failure to enrol",
    "masked_probes": "share of probes seen as masked",
    "error_versus_discard_area": "area under error versus discard,",
}
_SIDES = ("_counts", "_interval")
_MANY = 1000
_MAX_BYTES = 64 * 1024**2
_ADVICE = "give the JSON that `limen evaluate … --json` printed"
_KINDS = (
    ("fnir_at_fpir", "Identification: open-set search, one to many"),
    ("tpr_at_fmr", "Verification: one to one"),
    ("confusion", "Mask states"),
    ("strangers_let_in_per_year", "Forecast for one site"),
    ("recall_by_width", "Finding faces in crowds"),
    ("apcer", "Presentation attacks"),
    ("auc", "Skin temperature"),
)
_TRIALS = "Intervals take trials as independent; those that share a person are not, and the truth is less certain."
_CAVEATS = {
    "fnir_at_fpir": (
        _TRIALS,
        "Thresholds at an FPIR are taken from this very test set; a door's are fixed beforehand.",
    ),
    "tpr_at_fmr": (_TRIALS, "Thresholds at an FMR are taken from this very test set; a door's are fixed beforehand."),
    "confusion": ("Only the exact state is a hit; unsure, and no face found, are misses.",),
    "recall_by_width": ("Faces that nobody marked count as false detections, so precision is a lower bound.",),
    "strangers_let_in_per_year": (
        "One picture a visit; a door looks at several and refuses less. Relatives and twins are outside the promise.",
        "Strangers let in follow from comparisons taken as independent; the interval is what these people can show.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table, in words.

    Attributes:
        measure: what was measured.
        value: the number; a dash where it cannot be measured.
        counts: errors of trials, or whatever the document counts; may be empty.
        interval: 95 %; may be empty.
        remark: what no error at all proves; empty otherwise.
    """

    measure: str
    value: str
    counts: str
    interval: str
    remark: str


def evaluation_report(documents: Sequence[Mapping[str, Any]], *, made_on: date) -> str:
    """Render one page of any number of result documents.

    Args:
        documents: as printed with ``--json``, optionally with ``curves`` and ``provenance``.
        made_on: today.

    Raises:
        ConfigError: no document, or one whose curves or counts cannot be read.
    """
    if not documents:
        raise ConfigError("no result to report", advice=_ADVICE)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("limen.evaluation"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    try:
        sections = [_section(document) for document in documents]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, ZeroDivisionError) as error:
        raise ConfigError(f"a result cannot be drawn ({type(error).__name__}: {error})", advice=_ADVICE) from error
    return environment.get_template("report.html").render(
        sections=sections, made_on=made_on.isoformat(), version=version("limen")
    )


def provenance(
    command: Sequence[str],
    *,
    cards: Iterable[ModelCard],
    calibration: Calibration | None,
    seeds: Mapping[str, int],
    caveats: Sequence[str] = (),
) -> dict[str, Any]:
    """What a result was made with, for a document's key ``provenance``.

    Args:
        command: the words of the command line, as typed.
        cards: the models that were used.
        calibration: what gave similarities their meaning; None where none did.
        seeds: of everything that was drawn.
        caveats: what a reader must know of the pictures.
    """
    models = [{"name": card.name, "sha256": card.sha256, "licence": card.licence} for card in cards]
    made = [] if calibration is None else [f"calibrated {calibration.made_on} on {calibration.made_from}"]
    return {
        "command": shlex.join(command),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
        "models": models,
        "calibration": made,
        "seeds": dict(seeds),
        "caveats": list(caveats),
    }


def read_result(path: Path) -> dict[str, Any]:
    """Read one result document.

    Raises:
        ConfigError: it cannot be read, is larger than 64 MiB, or is not a JSON object.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        document = json.loads(content) if len(content) <= _MAX_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=_ADVICE) from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: expected a JSON object of at most {_MAX_BYTES // 1024**2} MiB", advice=_ADVICE)
    return document


def rows_of(document: Mapping[str, Any]) -> Iterator[Row]:
    """The lines of a document's table: every number, with the counts and the interval that stand beside it."""
    for key, value in document.items():
        if key in _ELSEWHERE or key.endswith(_SIDES):
            continue
        counts, interval = document.get(f"{key}_counts"), document.get(f"{key}_interval")
        if isinstance(value, Mapping):
            yield from _table(key, value, counts=counts, interval=interval)
        elif _is_number(value):
            yield _row(_words(key), value, counts=counts, interval=interval)


def _table(key: str, values: Mapping[str, Any], *, counts: Any, interval: Any) -> Iterator[Row]:
    """The lines of a value that is a table itself."""
    if key == "fta":
        failures = {"errors": values["failed"], "trials": values["images"]}
        yield _row("failure to acquire", values["rate"], counts=failures, interval=interval)
        return
    if key == "bpcer":
        yield _row("BPCER", values["rate"], counts=counts or {"trials": values["n"]}, interval=interval)
        return
    if key == "apcer":
        for name, species in values.items():
            beside = [_inner(table, name, first=False) for table in (counts, interval)]
            yield _row(
                f"APCER {_words(name)}",
                species["rate"],
                counts=beside[0] or {"trials": species["n"]},
                interval=beside[1],
            )
        return
    for place, (name, value) in enumerate(values.items()):
        if key == "group_refused":
            yield Row(measure=f"group {_words(name)}", value="refused", counts=str(value), interval="", remark="")
        elif _is_number(value):
            beside = [_inner(table, str(name), first=place == 0) for table in (counts, interval)]
            yield _row(f"{_words(key)} {_words(name)}", value, counts=beside[0], interval=beside[1])


def _section(document: Mapping[str, Any]) -> dict[str, Any]:
    kind, title = next(((key, title) for key, title in _KINDS if key in document), ("", "Evaluation"))
    made = document.get("provenance") or {}
    rows = list(rows_of(document))
    return {
        "title": title,
        "model_id": str(document.get("model_id") or ""),
        "rows": rows,
        "remarks": list(dict.fromkeys(row.remark for row in rows if row.remark)),
        "plots": list(_plots(document)),
        "command": str(made.get("command", "")),
        "versions": [(str(name), str(value)) for name, value in made.get("versions", {}).items()],
        "models": [[str(card[key]) for key in ("name", "sha256", "licence")] for card in made.get("models", [])],
        "seeds": [(str(name), str(int(seed))) for name, seed in made.get("seeds", {}).items()],
        "calibration": [str(words) for words in made.get("calibration", [])],
        "caveats": [*_CAVEATS.get(kind, ()), *(str(words) for words in made.get("caveats", []))],
    }


def _plots(document: Mapping[str, Any]) -> Iterator[str]:
    curves = document.get("curves") or {}
    points = curves.get("operating_points", {})
    if "det" in curves:
        yield det_plot({"this test set": curves["det"]}, points=points)
    if "distributions" in curves and any((*curves["distributions"]["mated"], *curves["distributions"]["nonmated"])):
        yield distribution_plot(curves["distributions"], points)
    if "cmc" in curves and curves["cmc"]["trials"]:
        yield cmc_plot({"this test set": curves["cmc"]})
    if len(document.get("error_versus_discard") or ()) > 1:
        yield discard_plot(document["error_versus_discard"])
    if document.get("confusion"):
        yield confusion_plot(document["confusion"])


def _row(measure: str, value: Any, *, counts: Any, interval: Any) -> Row:
    trials = counts.get("trials") if isinstance(counts, Mapping) else None
    shown = _share if isinstance(counts, Mapping) else _plain
    remark = ""
    if trials and counts.get("errors") == 0:
        remark = (
            f"{measure[:1].upper()}{measure[1:]}: no error was seen in {trials:,} trials. That does not make the error "
            f"rate zero: one up to {_share(_bound(value, trials, interval=interval))} would be compatible with it "
            "(rule of three, 95 %)."
        )
    return Row(
        measure=measure,
        value=shown(value),
        counts=_counted(counts),
        interval=" to ".join(shown(edge) for edge in interval) if isinstance(interval, (list, tuple)) else "",
        remark=remark,
    )


def _bound(value: float | None, trials: int, *, interval: Any) -> float:
    """What no error proves: as the interval has it, which may count people and not trials."""
    if value is None or not isinstance(interval, (list, tuple)):
        return rule_of_three(trials)
    return float(interval[1] - value if value < 1.0 else value - interval[0])


def _counted(counts: Any) -> str:
    if not isinstance(counts, Mapping):
        return ""
    numbers = {str(name): number for name, number in counts.items() if _is_number(number) and number is not None}
    said = []
    if {"errors", "trials"} <= numbers.keys():
        said.append(f"{numbers.pop('errors'):,} wrong of {numbers.pop('trials'):,}")
    return "; ".join([*said, *(f"{_words(name)} {number:,}" for name, number in numbers.items())])


def _inner(table: Any, key: str, *, first: bool) -> Any:
    """What a table says beside one of several values; one entry for all of them stands beside the first."""
    if isinstance(table, Mapping) and "errors" not in table:
        return table.get(key)
    return table if first else None


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))


def _share(value: float | None) -> str:
    """Per cent, with three digits of whichever is smaller, the share or the rest: never 100 % for a little less."""
    if value is None:
        return "–"  # noqa: RUF001 - a dash where nothing could be measured
    rest = min(value, 1.0 - value)
    if rest <= 0.0:
        return f"{100 * value:.5g} %"
    return f"{100 * value:.{max(0, 2 - floor(log10(100 * rest)))}f} %"


def _plain(value: float | None) -> str:
    if value is None:
        return "–"  # noqa: RUF001 - the same
    return f"{value:,}" if isinstance(value, int) else f"{value:,.0f}" if value >= _MANY else f"{value:.5g}"


def _words(key: object) -> str:
    if key in _NAMES:
        return _NAMES[str(key)]
    return " ".join(word.upper() if word in _RATES else word for word in str(key).replace("_", " ").split(" "))
