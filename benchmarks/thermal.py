"""The whole thermal branch on simulated people: bias and spread, drift, gates, registration, time.

Caveats first: the simulator is not a face. Temperatures, differences between people and between eyes are a table's;
shapes, glasses, cold skin and lens errors are drawn. Real accuracy comes from a site's own acceptance test.

    python benchmarks/thermal.py
    python benchmarks/thermal.py --people 100 --parts gates

Times are those of everything that is done per thermal frame: temperatures, blackbody, registration, search, gates and
the reading so far; on the clock, and of processor time, which a busy machine does not lengthen as much.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np

from limen.core.thermal import NotMeasured, SkinMeasured, SkinReading
from limen.evaluation.temperature import auc
from limen.evaluation.thermal_speed import SETTING, ThermalTimes, watch
from limen.thermal.radiometry import celsius
from limen.thermal.registration import depth_from_eyes, inner_corners, mm_per_px, refined, to_thermal
from limen.thermal.simulated_face import SimulatedPerson, draw_person
from limen.thermal.simulator import SimulatedCamera, Stance
from limen.thermal.thermometer import ThermalCamera

MOST_OFF_PX = 2.0
FAULTS = ("none", "glasses", "cold", "defocus", "far")


class Site:
    """Two cameras, and the thermal one as limen reads it."""

    def __init__(self, rng: np.random.Generator, *, blackbody: bool = True, drift_k: float = 0.0) -> None:
        self.rng, self.room_c = rng, float(rng.uniform(21.0, 27.0))
        self.camera = SimulatedCamera(
            rng, room_c=self.room_c, drift_k=drift_k, blackbody_error_k=float(rng.normal(0.0, 0.1))
        )
        first = self.camera.pair(None)
        self.thermal = ThermalCamera(
            rig=self.camera.rig,
            blackbody=SETTING if blackbody else None,
            switched_on_at=first.raw.captured_at - timedelta(hours=1),
        )
        self.times = ThermalTimes()

    def measure(self, person: SimulatedPerson, stance: Stance) -> SkinReading:
        """Let somebody stand there for a second."""
        return watch(self.camera, self.thermal, person, stance=stance, room_c=self.room_c, times=self.times)

    def person(self, **worn: bool) -> SimulatedPerson:
        """Somebody, one in five febrile."""
        return draw_person(self.rng, room_c=self.room_c, febrile=bool(self.rng.random() < 0.2), **worn)

    def stance(self) -> Stance:
        """As people stand who do as they are asked: about a millimetre a pixel."""
        rng = self.rng
        return Stance(
            distance_m=float(rng.uniform(0.52, 0.6)),
            aside_m=float(rng.normal(0.0, 0.01)),
            yaw_deg=float(rng.uniform(-10, 10)),
            pitch_deg=float(rng.uniform(-10, 10)),
        )


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=60, help="for each part")
    parser.add_argument("--seed", type=int, default=20261123)
    parts: dict[str, Callable[[np.random.Generator, int], object]] = {
        "blackbody": lambda rng, people: accuracy(rng, people, drift_k=0.0),
        "drift_of_half_a_degree": lambda rng, people: accuracy(rng, people, drift_k=0.5),
        "without_blackbody": lambda rng, people: accuracy(rng, people, drift_k=0.5, blackbody=False),
        "gates": gates,
        "registration": registration,
        "auc": separation,
    }
    parser.add_argument("--parts", default=",".join(parts), help="which, with commas between")
    arguments = parser.parse_args()
    report = {
        part: parts[part](np.random.default_rng(arguments.seed), arguments.people)
        for part in arguments.parts.split(",")
    }
    print(json.dumps(report, indent=1))


def accuracy(rng: np.random.Generator, people: int, *, drift_k: float, blackbody: bool = True) -> dict[str, object]:
    """Error of the reading against the true peak; several sites, as the fixed errors of a camera stay."""
    errors, refused, within = [], Counter[str](), 0
    sites = [
        Site(rng, blackbody=blackbody, drift_k=drift_k * float(rng.choice([-1, 1]))) for _ in range(max(1, people // 2))
    ]
    for number in range(people):
        site = sites[number % len(sites)]
        person = site.person()
        reading = site.measure(person, site.stance())
        if isinstance(reading, SkinMeasured):
            errors.append(reading.canthus_c - person.canthus_c)
            within += abs(errors[-1]) <= reading.uncertainty_k
        else:
            refused[reading.reason] += 1
    times, cpu = (np.concatenate([getattr(site.times, name) for site in sites]) for name in ("clock_ms", "cpu_ms"))
    return {
        "n": people,
        "bias_k": round(float(np.mean(errors)), 3),
        "sd_k": round(float(np.std(errors)), 3),
        "within_stated_uncertainty": round(within / len(errors), 3),
        "refused": dict(refused),
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p99_ms": round(float(np.percentile(times, 99)), 2),
        "cpu_p50_ms": round(float(np.percentile(cpu, 50)), 2),
        "cpu_p99_ms": round(float(np.percentile(cpu, 99)), 2),
    }


def gates(rng: np.random.Generator, people: int) -> dict[str, object]:
    """Share that gets no reading, by what is wrong."""
    site = Site(rng)
    shares: dict[str, object] = {}
    for fault in FAULTS:
        reasons: Counter[str] = Counter()
        for _ in range(people):
            person, stance = site.person(glasses=fault == "glasses"), site.stance()
            if fault == "cold":
                person = replace(person, chill_k=float(rng.uniform(6, 10)), minutes_in=float(rng.uniform(0, 3)))
            elif fault == "defocus":
                stance = replace(stance, defocus_px=float(rng.uniform(3.5, 6.0)))
            elif fault == "far":
                stance = replace(stance, distance_m=float(rng.uniform(0.85, 2.0)))
            reading = site.measure(person, stance)
            reasons[reading.reason if isinstance(reading, NotMeasured) else "reading"] += 1
        shares[fault] = {"no_reading": round(1 - reasons["reading"] / people, 3), "reasons": dict(reasons)}
    return shares


def registration(rng: np.random.Generator, people: int) -> dict[str, object]:
    """Distance between where a corner of the eye was looked for and where it is, thermal pixels.

    A frame in which the corners do not stand out where they may be is not used for a reading; those are counted.
    """
    site = Site(rng)
    before, after, not_found = [], [], 0
    for _ in range(4 * people):
        stance = replace(site.stance(), distance_m=float(rng.uniform(0.5, 2.0)))
        pair = site.camera.pair(site.person(), stance, after=timedelta(seconds=1 / 9))
        depth = depth_from_eyes(pair.landmarks, rig=site.camera.rig, yaw_deg=stance.yaw_deg)
        points = to_thermal(pair.landmarks, rig=site.camera.rig, depth_m=depth)
        corners, scale = inner_corners(points), mm_per_px(points, yaw_deg=stance.yaw_deg)
        refinement = refined(celsius(pair.raw), corners, scale_mm_per_px=scale)
        before += np.linalg.norm(corners - pair.truth.corners_px, axis=1).tolist()
        if refinement.trusted:
            after += np.linalg.norm(corners + refinement.shift_px - pair.truth.corners_px, axis=1).tolist()
        not_found += not refinement.trusted
    beyond = sum(error > MOST_OFF_PX for error in after)
    answer: dict[str, object] = {"frames": 4 * people, "not_found": not_found, "corners_beyond_2_px": beyond}
    return answer | {
        name: {f"p{share}_px": round(float(np.percentile(values, share)), 2) for share in (50, 95, 100)}
        for name, values in (("by_eye_distance", before), ("refined", after))
    }


def separation(rng: np.random.Generator, people: int) -> dict[str, float | None]:
    """How well readings and true peaks tell febrile people from others, corrected for the room."""
    site = Site(rng)
    truth, read, febrile = [], [], []
    for number in range(4 * people):
        person = draw_person(rng, room_c=site.room_c, febrile=number % 5 == 0)
        reading = site.measure(person, site.stance())
        if isinstance(reading, SkinMeasured):
            truth.append(person.canthus_c)
            read.append(reading.canthus_c)
            febrile.append(number % 5 == 0)
    which = np.array(febrile)
    return {"of_true_peaks": auc(np.array(truth), which), "of_readings": auc(np.array(read), which)}


if __name__ == "__main__":
    main()
