"""A door that runs for long, and one that is killed: memory stays flat, and no event that was told is lost.

    python benchmarks/door_soak.py --frames 100000 --kills 20

Caveats first. The camera is a program: small pictures (384x288) of an empty wall, a drawn person who is enrolled, and a
drawn stranger, taking turns, as fast as they are looked at and 40 ms apart by their own clock. Everything else is real:
models, loop, rules, store, ledger, a simulated gate. Memory is the resident set; growth is counted from the first tenth
on, when caches are full. Killed is killed: SIGKILL at a random moment, in another process than the one that counts.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from limen.bootstrap import Site, open_site
from limen.bootstrap.door import DoorChoices, keep_door
from limen.bootstrap.logs import configure_logging
from limen.core.decision import Grant
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditTag
from limen.core.people import GivenHow, SiteKind, TemplateKind
from limen.flows.keep import Told
from limen.frames.drawn import PERSON, STRANGER, DrawnFace, draw_face
from limen.ledger.texts import agreement_text

_SIZE = (288, 384)
_BETWEEN = timedelta(milliseconds=40)
_EMPTY, _SHOWN = 20, 8
_DOOR = '[door.front]\ncamera = "0"\nattendance = "attended"\naccess = { everybody = "always" }\n'


class _Wall:
    """Implements the port ``FrameSource``: a wall, somebody enrolled, a wall, a stranger, for ever."""

    kind = SourceKind.FILE

    def __init__(self, site: Site) -> None:
        self._at = site.clock.now()
        self._rng = np.random.default_rng(1)

    def frames(self) -> Iterator[Frame]:
        """Frames 40 ms apart by their own clock."""
        wall = np.full((*_SIZE, 3), 128, dtype=np.uint8)
        for face in itertools.cycle((PERSON, STRANGER)):
            for pixels in (*[wall] * _EMPTY, *[_scene(face)] * _SHOWN):
                self._at += _BETWEEN
                noise = self._rng.integers(0, 6, pixels.shape, dtype=np.uint8)
                yield Frame(pixels=pixels + noise, captured_at=self._at, source="wall", kind=self.kind)

    def close(self) -> None:
        """Nothing to let go."""


def _scene(face: DrawnFace) -> NDArray[np.uint8]:
    canvas = np.full((*_SIZE, 3), 128, dtype=np.uint8)
    picture = draw_face(face, side_px=_SIZE[0])
    canvas[:, 48 : 48 + _SIZE[0]] = np.minimum(picture, 249)
    return canvas


def main() -> None:
    """Run both parts and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    configure_logging(json=True)
    if arguments.child is not None:
        _child(arguments.child)
        return
    folder = Path(tempfile.mkdtemp(prefix="limen-soak-"))
    try:
        # two sites: the wall's clock runs ahead, and a door does not believe a clock that stands before its own records
        _enrol(folder / "soak")
        _enrol(folder / "kills")
        soak = _soak(folder / "soak", arguments.frames)
        report = {"soak": soak, "kills": _kills(folder / "kills", arguments.kills, arguments.seed)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(report, indent=1))


def _enrol(folder: Path) -> None:
    with open_site(folder, create=SiteKind.TRIAL) as site:
        agreement = site.agree(agreement_text("en"), how=GivenHow.SIMULATED, validity=timedelta(days=30))
        picture = draw_face(PERSON, side_px=512)
        frame = Frame(pixels=picture, captured_at=site.clock.now(), source="drawn", kind=SourceKind.BUNDLED)
        site.enrol([frame], name="Nobody", agreement_id=agreement.agreement_id, kind=TemplateKind.GALLERY)
    (folder / "limen.toml").write_text(_DOOR, "utf-8")
    (folder / "wall").mkdir()
    Image.fromarray(_scene(PERSON)).save(folder / "wall" / "wall.png")


def _soak(folder: Path, frames: int) -> dict[str, float]:
    """Memory after a tenth and at the end, and what was decided."""
    seen = {"grants": 0, "others": 0, "early": 0.0, "peak": 0.0}

    def tell(told: Told) -> None:
        for decision in told.decisions:
            seen["grants" if isinstance(decision, Grant) else "others"] += 1
        if told.frames % max(1, frames // 100) == 0:
            now = _mib()
            seen["early"] = now if told.frames <= frames // 10 else seen["early"]
            seen["peak"] = max(seen["peak"], now)
            sys.stderr.write(f"\r{told.frames} of {frames} frames, {now:.1f} MiB")

    began = time.perf_counter()
    with (
        open_site(folder) as site,
        keep_door(site, "front", DoorChoices(source=str(folder / "wall"), tell=tell)) as keep,
    ):
        replace(keep, source=_Wall(site)).run(stop=lambda: False, most_frames=frames)
        with site.store.read() as unit:
            recorded = sum(record.tag is AuditTag.DOOR_DECIDED for record in unit.audit.records())
            whole = unit.audit.verify().problem is None
    if not seen["grants"]:
        raise SystemExit("nobody was let in: this has tried the detector alone")
    return {
        "frames": frames,
        "seconds": round(time.perf_counter() - began, 1),
        "grants": seen["grants"],
        "denied_or_referred": seen["others"],
        "grants_recorded": recorded,
        "chain_whole": whole,
        "mib_after_a_tenth": round(seen["early"], 1),
        "mib_most": round(seen["peak"], 1),
        "growth_mib": round(seen["peak"] - seen["early"], 1),
    }


def _kills(folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill a door again and again; every grant that it told has to be in the ledger."""
    rng, told = np.random.default_rng(seed), set[str]()
    for number in range(kills):
        command = [sys.executable, __file__, "--child", str(folder)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert child.stdout is not None
        told.add(child.stdout.readline().strip())
        time.sleep(float(rng.uniform(0.0, 2.0)))
        os.kill(child.pid, signal.SIGKILL)
        told |= {line.strip() for line in child.stdout if line.endswith("\n")}
        child.wait()
        sys.stderr.write(f"\rkilled {number + 1} of {kills}, {len(told)} grants told")
    with open_site(folder) as site, site.store.read() as unit:
        events = {record.detail.get("event") for record in unit.audit.records()}
        whole = unit.audit.verify().problem is None
    told.discard("")
    return {"kills": kills, "told": len(told), "lost": len(told - events), "chain_whole": int(whole)}


def _child(folder: Path) -> None:
    def tell(told: Told) -> None:
        for decision in told.decisions:
            if isinstance(decision, Grant):
                print(decision.evidence_id, flush=True)

    with (
        open_site(folder) as site,
        keep_door(site, "front", DoorChoices(source=str(folder / "wall"), tell=tell)) as keep,
    ):
        replace(keep, source=_Wall(site)).run(stop=lambda: False)


def _mib() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
