"""Folder of volunteers -> the forecast of their site, by the door's own pipeline and threshold.

Nothing is written, and no name leaves: the result holds counts and rates only (``limen.evaluation.site_forecast``).
Deleting the pictures afterwards is up to whoever collected them; the answer says so.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from limen.core.match import Condition
from limen.evaluation.comparing import crosswise
from limen.evaluation.importers import people_in_folders
from limen.evaluation.pictures import PictureSet
from limen.evaluation.runs import Runner
from limen.evaluation.site_forecast import Traffic, choose_volunteers, measure_volunteers, site_forecast
from limen.evaluation.verification import fta_report

__all__ = ["run_site"]


def run_site(pictures: PictureSet, runner: Runner, traffic: Traffic, *, fpir_target: float) -> dict[str, Any]:
    """The document of ``limen evaluate site``.

    Args:
        pictures: one folder a person; people with a single picture take no part.
        runner: the door's pipeline and calibration.
        traffic: the site.
        fpir_target: share of strangers that may be let in, above 0 and below 1.

    Raises:
        ConfigError: fewer than ten people have two pictures.
        CaptureError: a tar is damaged.
    """
    started = time.perf_counter()
    chosen = choose_volunteers(people_in_folders(pictures.names()))
    sides = runner.embed(pictures, chosen.references, chosen.probes)
    point = runner.calibration.operating_point(
        fpir_target=fpir_target, n_references=traffic.size, condition=Condition.BARE_BARE
    )
    references, probes = sides.references.rows(chosen.references), sides.probes.rows(chosen.probes)
    similarities = np.full((len(probes), len(references)), -np.inf)
    usable = np.flatnonzero(references >= 0)
    if len(usable):
        similarities[:, usable] = crosswise(
            (sides.probes, probes), (sides.references, references[usable]), runner.calibration
        )
    fpir, fnir = measure_volunteers(similarities, chosen.whose, threshold=-float(np.log10(point.fmr)))
    return {
        **site_forecast(fpir, fnir, traffic, n_measured=len(references) - 1, fpir_target=fpir_target),
        "fpir_target": fpir_target,
        "fta": fta_report(sides.acquisition),
        "fta_interval": sides.acquisition.interval(),
        "model_id": runner.calibration.model_id,
        "seconds": round(time.perf_counter() - started, 1),
    }
