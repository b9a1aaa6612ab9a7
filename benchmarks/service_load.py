"""Twenty kiosks at one service: it stays live, decides rightly, says what it sheds, and its memory stays flat.

    python benchmarks/service_load.py --kiosks 20 --seconds 120
    python benchmarks/service_load.py --kiosks 20 --seconds 120 --images FOLDER

Caveats first. Everything is on one machine: the kiosks are one client process that takes time from the service, and
the service keeps twenty doors with the models, rules, store and ledger of a real one, in a trial folder with simulated
gates. A kiosk sends JPEG frames of 640x360 at 5 a second over a WebSocket: an empty wall, then somebody who stands
there, taking turns; every other visitor is enrolled, the others are strangers. Without pictures all are two drawn
faces. FOLDER holds a folder for each person with one picture to enrol by (the first in order) and others to come with;
people with one picture come as strangers.

Right is what the ledger says afterwards: a grant whose frame arrived while somebody enrolled stood there. Every other
grant is wrong, and somebody enrolled without one in these five seconds had to wait longer. What the pages showed at the
end of each visit is told, too. Times of the API are those of requests that recognise
nobody, asked ten times a second over a connection that stands: health, the page of a kiosk, the page to sign in.
Memory is the service's resident set, from the first third on, when caches are full.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from websockets.asyncio.client import ClientConnection, connect

from limen.bootstrap import open_site
from limen.core.door import DoorId
from limen.core.frame import Frame, SourceKind
from limen.core.ledger import AuditRecord
from limen.core.people import GivenHow, SiteKind, TemplateKind
from limen.frames.drawn import PERSON, STRANGER, draw_face
from limen.frames.pictures import read_picture
from limen.ledger.texts import agreement_text

__all__ = ["jpeg", "scene"]

Picture = NDArray[np.uint8]
_SIZE = (640, 360)
_RATE = 5.0
_EMPTY, _SHOWN = 25, 25
_STAY, _LAG = timedelta(seconds=_SHOWN / _RATE), timedelta(seconds=1)
_MOST_PEOPLE = 50
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ASKED = ("/api/v1/health", "/kiosk", "/sign-in")


@dataclass(slots=True, kw_only=True)
class _Person:
    """Somebody who comes: pictures to come with, and whether the door knows them."""

    known: bool
    frames: list[bytes] = field(repr=False)


@dataclass(slots=True, kw_only=True)
class _Page:
    """What a kiosk shows."""

    name: str
    state: str = ""
    go_at: float = 0.0


@dataclass(slots=True, kw_only=True)
class _Seen:
    """What all kiosks have seen together."""

    visits: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    arrived: dict[str, int] = field(default_factory=dict)
    shed: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    to_go_s: list[float] = field(default_factory=list)
    stays: list[tuple[str, bool, datetime]] = field(default_factory=list)

    def ended(self, person: _Person, page: _Page, *, began: float) -> None:
        """Somebody has gone away again."""
        if page.go_at:
            self.to_go_s.append(page.go_at - began)
        self.stays.append((page.name, person.known, datetime.now(UTC) - timedelta(seconds=time.monotonic() - began)))  # noqa: TID251
        answer = "go" if page.go_at else page.state
        self.visits[f"{'known' if person.known else 'stranger'}: {answer}"] += 1


def main() -> None:
    """Make a site, serve it, send frames, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kiosks", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--images", type=Path, help="a folder for each person, pictures inside")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="limen-load-") as name:
        folder = Path(name) / "data"
        people, keys = _prepare(folder, kiosks=arguments.kiosks, images=arguments.images)
        command = [sys.executable, "-c", "from limen.cli.main import run; run()", "serve", "--data", str(folder)]
        with (Path(name) / "log").open("w") as log:
            child = subprocess.Popen([*command, "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=log, text=True)
        assert child.stdout is not None
        try:
            address = json.loads(child.stdout.readline())["serving"]
            seen = _Seen()
            report = asyncio.run(_load(address, people, keys, seconds=arguments.seconds, pid=child.pid, seen=seen))
            child.send_signal(signal.SIGTERM)
            report["exit_code"] = child.wait(60)
        finally:
            child.kill()
        with open_site(folder) as site, site.store.read() as unit:
            report["chain_whole"] = unit.audit.verify().problem is None
            report |= _judged(unit.audit.records(), seen.stays)
        alarms = [line for line in (Path(name) / "log").read_text().splitlines() if '"alarm"' in line]
        report["alarms"] = Counter(str(json.loads(line)["what"]) for line in alarms)
    print(json.dumps({"kiosks": arguments.kiosks, "seconds": arguments.seconds, **report}, indent=1))


def _prepare(folder: Path, *, kiosks: int, images: Path | None) -> tuple[list[_Person], list[tuple[str, str]]]:
    """A site with people and doors; who comes, and each door's name with the key of its kiosk."""
    rng = np.random.default_rng(5)
    with open_site(folder, create=SiteKind.TRIAL) as site:
        people = []
        for known, enrolled, coming in _people(images):
            if known:
                agreement = site.agree(agreement_text("en"), how=GivenHow.SIMULATED, validity=timedelta(days=30))
                site.enrol([enrolled], name="Nobody", agreement_id=agreement.agreement_id, kind=TemplateKind.GALLERY)
            people.append(_Person(known=known, frames=[jpeg(scene(picture), rng) for picture in coming]))
        names = [f"door-{number}" for number in range(kiosks)]
        rules = 'camera = "kiosk"\nattendance = "attended"\naccess = { everybody = "always" }\n'
        (folder / "limen.toml").write_text("".join(f"[door.{name}]\n{rules}" for name in names), "utf-8")
        keys = [(name, site.pair.claim(site.pair.offer(DoorId(name))[1])[1]) for name in names]
    return people, keys


def _people(images: Path | None) -> list[tuple[bool, Frame, list[Picture]]]:
    """Whether somebody is enrolled, the picture for it, and the pictures they come with."""
    if images is None:
        found = []
        for known, face in ((True, PERSON), (False, STRANGER)):
            frame = Frame(
                pixels=draw_face(face, side_px=512), captured_at=_NOW, source="drawn", kind=SourceKind.BUNDLED
            )
            found.append((known, frame, [draw_face(face, side_px=256)]))
        return found
    people = []
    for place in sorted(path for path in images.iterdir() if path.is_dir()):
        pictures = [read_picture(path, at=_NOW) for path in sorted(place.iterdir())]
        others = [np.asarray(frame.pixels) for frame in pictures[1:]]
        people.append((bool(others), pictures[0], others or [np.asarray(pictures[0].pixels)]))
    known = [person for person in people if person[0]][:_MOST_PEOPLE]
    return [*known, *[person for person in people if not person[0]][: len(known)]]


def scene(picture: Picture | None) -> Picture:
    """A wall, and somebody in the middle of it."""
    canvas = np.full((_SIZE[1], _SIZE[0], 3), 140, dtype=np.uint8)
    if picture is not None:
        side = round(0.9 * _SIZE[1])
        small = np.asarray(Image.fromarray(picture).resize((side, side)))
        top, left = (_SIZE[1] - side) // 2, (_SIZE[0] - side) // 2
        canvas[top : top + side, left : left + side] = small
    return canvas


def jpeg(picture: Picture, rng: np.random.Generator) -> bytes:
    """A frame as a browser sends it, with noise of its own."""
    noisy = np.minimum(picture.astype(np.int16) + rng.integers(0, 5, picture.shape), 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(noisy[..., ::-1]).save(out, "JPEG", quality=85)
    return out.getvalue()


def _judged(records: Iterable[AuditRecord], stays: Sequence[tuple[str, bool, datetime]]) -> dict[str, int]:
    """How many visits of somebody enrolled had a grant, and how many grants were anybody else's."""
    grants = [(str(record.detail["door"]), record.at) for record in records if record.detail.get("outcome") == "grant"]
    let_in, right = 0, 0
    for door, known, began in stays:
        mine = [at for name, at in grants if name == door and began - _LAG <= at <= began + _STAY + _LAG]
        let_in += known and bool(mine)
        right += len(mine) if known else 0
    n_known = sum(known for _, known, _ in stays)
    return {
        "known_visits": n_known,
        "known_let_in": let_in,
        "stranger_visits": len(stays) - n_known,
        "grants": len(grants),
        "grants_of_others": len(grants) - right,
    }


async def _load(
    address: str, people: Sequence[_Person], keys: Sequence[tuple[str, str]], *, seconds: float, pid: int, seen: _Seen
) -> dict[str, object]:
    until = time.monotonic() + seconds
    wall = jpeg(scene(None), np.random.default_rng(6))
    kiosks = [
        _kiosk(address, name=name, key=key, wall=wall, people=people, first=number, until=until, seen=seen)
        for number, (name, key) in enumerate(keys)
    ]
    memory: list[float] = []
    asked = asyncio.ensure_future(_ask(address, keys[0][1], until=until))
    watched = asyncio.ensure_future(_watch(pid, until=until, into=memory))
    await asyncio.gather(*kiosks)
    times = await asked
    await watched
    third = len(memory) // 3
    return {
        "frames_sent": seen.sent,
        "frames_arrived": sum(seen.arrived.values()),
        "frames_shed_as_told": sum(seen.shed.values()),
        "connections_lost": seen.lost,
        "visits": dict(sorted(seen.visits.items())),
        "to_go_s": _spread(seen.to_go_s),
        "api_ms": {path: _spread([1000 * value for value in spent]) for path, spent in times.items()},
        "api_all_ms": _spread([1000 * value for spent in times.values() for value in spent]),
        "mib_after_a_third": round(memory[third], 1),
        "mib_most_after": round(max(memory[third:]), 1),
        "mib_at_the_end": round(memory[-1], 1),
    }


async def _listen(socket: ClientConnection, page: _Page, seen: _Seen) -> None:
    async for text in socket:
        message = json.loads(text)
        if message["type"] == "now":
            if message["state"] == "go" and page.state != "go":
                page.go_at = time.monotonic()
            page.state = message["state"]
            seen.arrived[page.name], seen.shed[page.name] = message["frames"], message["shed"]


async def _kiosk(
    address: str,
    *,
    name: str,
    key: str,
    wall: bytes,
    people: Sequence[_Person],
    first: int,
    until: float,
    seen: _Seen,
) -> None:
    """One tablet: an empty wall, somebody, an empty wall, somebody else."""
    place = f"{address.replace('http', 'ws')}/api/v1/doors/{name}/frames"
    page = _Page(name=name)
    async with connect(place, additional_headers={"Authorization": f"Bearer {key}"}, compression=None) as socket:
        listening = asyncio.ensure_future(_listen(socket, page, seen))
        try:
            await asyncio.sleep(first / len(people) / _RATE)
            for number in range(first, 10**6):
                person = people[number % len(people)]
                await _send(socket, [wall] * _EMPTY, until=until, seen=seen)
                if time.monotonic() + _SHOWN / _RATE > until:
                    break
                began, page.go_at = time.monotonic(), 0.0
                frames = [person.frames[place % len(person.frames)] for place in range(_SHOWN)]
                await _send(socket, frames, until=until, seen=seen)
                seen.ended(person, page, began=began)
        except OSError:
            seen.lost += 1
        finally:
            listening.cancel()


async def _send(socket: ClientConnection, frames: Sequence[bytes], *, until: float, seen: _Seen) -> None:
    due = time.monotonic()
    for content in frames:
        if time.monotonic() > until:
            return
        await socket.send(content)
        seen.sent += 1
        due += 1.0 / _RATE
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _ask(address: str, key: str, *, until: float) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {path: [] for path in _ASKED}
    async with httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {key}"}) as client:
        for number in range(10**6):
            if time.monotonic() > until:
                break
            path = _ASKED[number % len(_ASKED)]
            began = time.perf_counter()
            answer = await client.get(path)
            times[path].append(time.perf_counter() - began)
            if answer.status_code != httpx.codes.OK:
                raise SystemExit(f"{path} answered {answer.status_code}")
            await asyncio.sleep(0.1)
    return times


async def _watch(pid: int, *, until: float, into: list[float]) -> None:
    while time.monotonic() < until:
        into.append(_mib(pid))
        await asyncio.sleep(1.0)


def _mib(pid: int) -> float:
    told = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines())
    return int(told["VmRSS"].split()[0]) / 1024


def _spread(values: Sequence[float]) -> dict[str, float | int] | None:
    if not values:
        return None
    p50, p95, p99 = np.percentile(np.array(values), (50, 95, 99))
    return {"n": len(values), "p50": round(float(p50), 2), "p95": round(float(p95), 2), "p99": round(float(p99), 2)}


if __name__ == "__main__":
    main()
