"""From `limen serve` to the first decision that a kiosk is shown, on a site with many people.

    python benchmarks/service_start.py --people 5000 --starts 5

Caveats first. The site is that of `benchmarks/start.py`: random unit vectors as people, put in by the ports that
enrolment uses, and one drawn face who comes to the door. It is a live folder with one attended door whose camera is a
kiosk, and the files have been read before (a warm start). The clock starts before the process is made; a kiosk asks for
its connection again and again until it is taken, then sends the drawn face ten times a second until the page is told
*go*. Beside it stands when the kiosk's connection was taken.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from crowd_site import fill
from service_load import jpeg, scene
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from limen.bootstrap import open_site
from limen.core.door import DoorId
from limen.frames.drawn import PERSON, draw_face

__all__: list[str] = []

_SEED = 20261124
_PORT = 18471
_BETWEEN_S = 0.1
_GIVES_UP_S = 60.0
_DOOR = """
[door.front]
camera = "kiosk"
attendance = "attended"
access = {{ everybody = "always" }}
[door.front.other_way]
kind = "badge"
tested_on = {day}
"""


def main() -> None:
    """Make the site, start the service, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--starts", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="limen-start-") as name:
        folder = Path(name) / "data"
        fill(folder, people=arguments.people, references=1, seed=_SEED)
        day = datetime.now(UTC).date()  # noqa: TID251  a benchmark
        with (folder / "limen.toml").open("a", encoding="utf-8") as settings:
            settings.write(_DOOR.format(day=day))
        with open_site(folder) as site:
            key = site.pair.claim(site.pair.offer(DoorId("front"))[1])[1]
        _start(folder, key)  # reads the files once, so that those after it are warm
        starts = [_start(folder, key) for _ in range(arguments.starts)]
    print(json.dumps({"people": arguments.people, "starts": starts}, indent=1))


def _start(folder: Path, key: str) -> dict[str, float]:
    began = time.monotonic()
    command = [sys.executable, "-c", "from limen.cli.main import run; run()", "serve", "--data", str(folder)]
    child = subprocess.Popen(
        [*command, "--port", str(_PORT), "--json"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        return asyncio.run(_first(began, key))
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


async def _first(began: float, key: str) -> dict[str, float]:
    picture = jpeg(scene(draw_face(PERSON, side_px=256)), np.random.default_rng(1))
    place = f"ws://127.0.0.1:{_PORT}/api/v1/doors/front/frames"
    while time.monotonic() - began < _GIVES_UP_S:
        try:
            async with connect(
                place, additional_headers={"Authorization": f"Bearer {key}"}, compression=None
            ) as socket:
                answered, waiting = time.monotonic() - began, asyncio.ensure_future(_until_go(socket))
                while not waiting.done():
                    await socket.send(picture)
                    await asyncio.wait([waiting], timeout=_BETWEEN_S)
                return {"answers_s": round(answered, 3), "first_decision_s": round(time.monotonic() - began, 3)}
        except (OSError, WebSocketException):
            await asyncio.sleep(0.02)
    raise SystemExit("no decision within a minute")


async def _until_go(socket: ClientConnection) -> None:
    async for text in socket:
        if json.loads(text).get("state") == "go":
            return


if __name__ == "__main__":
    main()
