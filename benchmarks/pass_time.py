"""From a door's frame with a face and a pass in it to a decision, on a real store with thousands of pass holders.

Each attempt reads the code, finds the face, embeds it, opens the pass, looks up its holder and compares. Times are of
one process that does nothing else; ``all_cpu`` is what both cores together spent on it, and grows less when others are
at work. Take the machine for yourself, or the tail is that of the others.

    python benchmarks/pass_time.py --attempts 300
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

from limen.bootstrap import DOOR, Site, open_site
from limen.cards.codes import code_png
from limen.core.frame import Frame, SourceKind
from limen.core.match import Recognised
from limen.core.passes import PassId, PassRecord
from limen.core.people import GivenHow, SiteKind, SubjectId, new_id
from limen.flows.making_pass import Issued, PassPlan
from limen.frames.codes import read_codes
from limen.frames.drawn import PERSON, draw_face
from limen.ledger.texts import PASS, agreement_text

AT = datetime(1970, 1, 1, tzinfo=UTC)
QUANTILES = (50, 95, 99)


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--attempts", type=int, default=300)
    parser.add_argument("--holders", type=int, default=5000)
    arguments = parser.parse_args()
    stages: dict[str, list[float]] = {name: [] for name in ("read_code", "face", "pass", "all", "all_cpu")}
    with tempfile.TemporaryDirectory() as folder:
        opened = open_site(Path(folder) / "site", create=SiteKind.TRIAL)
        with Site(opened.settings, opened.store, detector_options=DOOR) as site:
            frame = _frame(_issued(site).code)
            _crowd(site, arguments.holders)
            present = site.passes.present
            for number in range(arguments.attempts + 5):
                spent = time.process_time()
                times = [time.perf_counter()]
                codes = read_codes(frame)
                times.append(time.perf_counter())
                (probe,), _ = site.vision.assess(frame, site.vision.detect(frame)[:1])
                times.append(time.perf_counter())
                match = present(codes[0], [probe], at=site.clock.now())
                times.append(time.perf_counter())
                assert isinstance(match, Recognised)
                spent = time.process_time() - spent
                if number >= 5:
                    for name, taken in zip(stages, (*np.diff(times), times[-1] - times[0], spent), strict=True):
                        stages[name].append(1000 * float(taken))
    report = {
        "attempts": arguments.attempts,
        "holders": arguments.holders,
        **{
            name: {f"p{q}_ms": round(float(np.percentile(v, q)), 1) for q in (50, 95, 99)} for name, v in stages.items()
        },
    }
    print(json.dumps(report, indent=1))


def _issued(site: Site) -> Issued:
    face = Frame(pixels=draw_face(PERSON, side_px=512), captured_at=AT, source="drawn", kind=SourceKind.BUNDLED)
    text = agreement_text("en", version=PASS)
    agreement = site.agree(text, how=GivenHow.SIMULATED, validity=timedelta(days=30))
    plan = PassPlan(validity=timedelta(days=10))
    return site.passes.issue([face], name="Ada", agreement_id=agreement.agreement_id, plan=plan)


def _crowd(site: Site, holders: int) -> None:
    """As many other pass holders, straight into the store: a trial folder would take no more than fifty."""
    with site.store.begin() as unit:
        (first,) = unit.subjects.all()
        (record,) = unit.passes.all()
        for number in range(holders - 1):
            subject_id = SubjectId(new_id("s"))
            agreement = replace(first.agreement, agreement_id=new_id("a"), subject_id=subject_id)  # type: ignore[arg-type]
            unit.agreements.add(agreement)
            unit.subjects.add(replace(first, subject_id=subject_id, agreement=agreement), [])
            terms = replace(record.terms, pass_id=PassId(f"{number:016x}"))
            unit.passes.add(PassRecord(terms=terms, subject_id=subject_id, host="", revoked_at=None))
        unit.commit()


def _frame(code: bytes) -> Frame:
    pixels = np.full((720, 1280, 3), 210, dtype=np.uint8)
    pixels[110:510, 100:500] = draw_face(PERSON, side_px=400)
    symbol = cv2.imdecode(np.frombuffer(code_png(code), np.uint8), cv2.IMREAD_COLOR)
    pixels[200:540, 760:1100] = cv2.resize(symbol, (340, 340), interpolation=cv2.INTER_AREA)
    return Frame(pixels=pixels, captured_at=AT, source="drawn", kind=SourceKind.BUNDLED)


if __name__ == "__main__":
    main()
