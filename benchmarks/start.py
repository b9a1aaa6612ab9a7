"""From the start of a door's process to its first decision, on a site with many people; what one change costs then.

    python benchmarks/start.py --people 5000
    python benchmarks/start.py --people 100000 --references 1 --keep FOLDER      makes the site once, measures it again

Caveats first. Machines are noisy: beside the seconds on the wall stand those of the processor, which other programs
disturb less. The files have been read before (a warm start: models folded, the database in memory). People are random
unit vectors under random ids, put into a real live site by the ports that enrolment uses, with agreement, key, seals
and audit record; one of them is a drawn face, and it is the one that comes to the door. Somebody has withdrawn before,
so that everybody who is loaded is held against those who left.

The door is a fresh process: imports, site, models, gallery, then frames of the drawn face until the rules decide. The
wall counts from before the process was made. Afterwards, in the same process, somebody enrols and withdraws, and the
gallery takes in the change. Memory is what the process held most of (VmHWM) and held after the decision (VmRSS).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

__all__: list[str] = []

_SEED = 20261124
_FRAME_S = 0.08
_MOST_FRAMES = 20


def main() -> None:
    """Make the site, start the door, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--references", type=int, default=1, help="of each person")
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="where the site is kept for another run")
    parser.add_argument("--door", type=float, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.door is not None:
        print(json.dumps(_door(arguments.keep, began=arguments.door)))
        return
    with tempfile.TemporaryDirectory(prefix="limen-start-") as name:
        folder = arguments.keep or Path(name) / "data"
        if not folder.exists():
            from crowd_site import fill  # noqa: PLC0415  this process need not know more

            fill(folder, people=arguments.people, references=arguments.references, seed=_SEED)
        starts = [_start(folder) for _ in range(arguments.starts)]
    print(json.dumps({"people": arguments.people, "references": arguments.references, "starts": starts}, indent=2))


def _start(folder: Path) -> dict[str, object]:
    command = [sys.executable, __file__, "--keep", str(folder), "--door", repr(time.monotonic())]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _door(folder: Path, *, began: float) -> dict[str, object]:
    """What a door does when it starts, and how long each part takes: seconds on the wall, and of the processor."""
    laps: dict[str, list[float]] = {}

    @contextmanager
    def lap(name: str) -> Iterator[None]:
        wall, processor = time.monotonic(), time.process_time()
        yield
        laps[name] = [round(time.monotonic() - wall, 4), round(time.process_time() - processor, 4)]

    laps["interpreter"] = [round(time.monotonic() - began, 4), round(time.process_time(), 4)]
    with lap("imports"):
        from limen.bootstrap import DOOR, open_site  # noqa: PLC0415  their time is measured
        from limen.core.frame import SourceKind  # noqa: PLC0415
        from limen.evaluation.door_walks import bench_loop  # noqa: PLC0415
        from limen.evaluation.speed import door_frame  # noqa: PLC0415
        from limen.frames.drawn import PERSON, draw_face  # noqa: PLC0415

    with lap("site"):
        site = open_site(folder)
    with lap("models_and_gallery"):
        vision = site.load(options=DOOR)
    picture = door_frame(draw_face(PERSON))
    loop = bench_loop(vision, site.gallery, fpir_target=site.settings.gallery.fpir)
    now, frames, decided = datetime.now(UTC), 0, list[str]()  # noqa: TID251  a benchmark
    with lap("first_decision"):
        while not decided and frames < _MOST_FRAMES:
            moment = now + timedelta(seconds=frames * _FRAME_S)
            answers = loop.step(replace(picture, captured_at=moment, kind=SourceKind.LIVE_CAMERA))
            decided = [type(answer.decision).__name__ for answer in answers]
            frames += 1
    total = [round(time.monotonic() - began, 4), round(time.process_time(), 4)]
    held = len(site.gallery)
    memory = _memory_mib()
    import numpy as np  # noqa: PLC0415  a door has loaded it by now
    from crowd_site import enrol_row  # noqa: PLC0415  not part of a door

    with lap("refresh_nothing_new"):
        site.gallery.refresh()
    newcomer = enrol_row(site, np.eye(1, len(site.calibration.centre), dtype=np.float32))
    with lap("refresh_one_enrolled"):
        site.gallery.refresh()
    site.withdraw(newcomer)
    with lap("refresh_one_withdrawn"):
        site.gallery.refresh()
    site.close()
    return {
        "references_held": held,
        "decided": decided,
        "frames": frames,
        "total": total,
        "parts": laps,
        **memory,
    }


def _memory_mib() -> dict[str, float]:
    told = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name: round(int(told[key].split()[0]) / 1024, 1) for name, key in (("rss_mib", "VmRSS"), ("peak_mib", "VmHWM"))
    }


if __name__ == "__main__":
    main()
