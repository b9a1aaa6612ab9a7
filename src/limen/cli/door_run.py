"""`limen door run`: keeps one door, with a live view for whoever watches the terminal."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import FrameType
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from limen.bootstrap.door import DoorChoices, keep_door, missing_of
from limen.bootstrap.logs import configure_logging
from limen.cli.opening import open_existing
from limen.cli.output import DONE, DataOption, JsonOption, Output
from limen.core.decision import Decision
from limen.core.passes import own_code
from limen.door.counting import HIDDEN_BELOW, shown
from limen.door.words import words
from limen.flows.keep import Told

__all__ = ["run"]

_LATEST = 8
_TIMES = 1000
_STYLES = {"grant": ("✓ ", "bold green"), "deny": ("✕ ", "yellow"), "refer": ("? ", "bold cyan")}

NameArgument = Annotated[str, typer.Argument(help="Name of the door in limen.toml.")]


@dataclass(slots=True, kw_only=True)
class _View:
    """What the terminal shows, and what the answer says at the end."""

    name: str
    language: str
    trial: bool
    latest: deque[Text] = field(default_factory=lambda: deque(maxlen=_LATEST))
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    took_ms: deque[float] = field(default_factory=lambda: deque(maxlen=_TIMES))
    told: Told | None = None
    since: float = field(default_factory=time.monotonic)
    live: Live | None = None

    def take(self, told: Told) -> None:
        """Show what came of one frame."""
        self.told = told
        if told.took_ms is not None:
            self.took_ms.append(told.took_ms)
        for decision in told.decisions:
            outcome = type(decision).__name__.lower()
            self.outcomes[outcome] += 1
            self.reasons.update(reason.value for reason in decision.reasons)
            self.latest.append(self._line(decision, outcome))
        if self.live is not None:
            self.live.update(self.drawn())

    def _line(self, decision: Decision, outcome: str) -> Text:
        sign, style = _STYLES[outcome]
        said = words(decision, language=self.language, audience="public")
        desk = words(decision, language=self.language, audience="desk")
        line = Text(sign, style=style)
        line.append(f"{said}  ", style=style)
        line.append(desk, style="dim")
        if outcome == "refer":
            line.append(f"  limen door clear {self.name} {decision.evidence_id}", style="bold")
        return line

    def drawn(self) -> Group:
        """The view as it stands."""
        told, head = self.told, Table.grid(padding=(0, 2))
        p50, p99 = (f"{value:.0f} ms" if value is not None else "-" for value in self._times())
        head.add_row("door", self.name, "frames", str(told.frames if told else 0), "p50", p50, "p99", p99)
        rows: list[Any] = [head]
        if told is not None and any(told.crossed.values()):
            ways = ", ".join(f"{shown(total)} {way.value}" for way, total in told.crossed.items())
            rows.append(Text(f"walked over the line: {ways}", style="dim"))
        if self.trial:
            rows.append(Text("TRIAL: opens no door", style="bold yellow"))
        alarms = told.alarms if told else ()
        rows += [Text(f"! {alarm.what}: {alarm.message} — {alarm.advice}", style="bold red") for alarm in alarms]
        return Group(*rows, *(self.latest or [Text("nobody yet", style="dim")]))

    def document(self) -> dict[str, Any]:
        """The answer of the command."""
        p50, p99 = self._times()
        alarms = self.told.alarms if self.told else ()
        return {
            "door": self.name,
            "trial": self.trial,
            "frames": self.told.frames if self.told else 0,
            "seconds": round(time.monotonic() - self.since, 2),
            "decisions": dict(self.outcomes),
            "reasons": dict(self.reasons),
            "crossed": {
                way.value: total if total >= HIDDEN_BELOW else None
                for way, total in (self.told.crossed if self.told else {}).items()
            },
            "frame_p50_ms": p50,
            "frame_p99_ms": p99,
            "alarms": [{"what": alarm.what, "message": alarm.message} for alarm in alarms],
        }

    def _times(self) -> tuple[float | None, float | None]:
        if not self.took_ms:
            return None, None
        p50, p99 = np.percentile(np.array(self.took_ms), (50, 99))
        return round(float(p50), 1), round(float(p99), 1)


def run(
    name: NameArgument,
    *,
    source: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="A camera, address, video or folder instead of the door's own.")
    ] = None,
    thermal: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="A thermal camera or a folder instead of the door's own.")
    ] = None,
    badges: Annotated[
        bool,
        typer.Option(
            "--badges", help="Badges and PINs come on standard input, one a line; an empty one is the button."
        ),
    ] = False,
    frames: Annotated[int | None, typer.Option(min=1, metavar="N", help="Stop after so many frames.")] = None,
    language: Annotated[str, typer.Option(help="Of the sentences: en or fr.")] = "en",
    data: DataOption = None,
    json: JsonOption = False,
) -> int:
    """Keep a door: recognise who comes, write down, open. Ctrl-C ends it; a door that is not kept stays shut."""
    output = Output(json_wanted=json)
    stopping = threading.Event()
    with open_existing(data, output) as site:
        trial = site.store.site_kind.value == "trial"
        if trial:
            for sentence in missing_of(site, name):
                output.aside.print(f"Not yet fit for a live folder: {sentence}")
        view = _View(name=name, language=language, trial=trial)
        presented: SimpleQueue[str] = SimpleQueue()
        if badges:
            threading.Thread(target=_read_badges, args=(presented,), daemon=True).start()
        show = not json and output.people.is_terminal
        configure_logging(json=True if not show else None)
        choices = DoorChoices(source=source, thermal=thermal, presented=presented, tell=view.take)
        with keep_door(site, name, choices) as keep, _stopped_by_signals(stopping):
            if not show:
                keep.run(stop=stopping.is_set, most_frames=frames)
            else:
                with Live(view.drawn(), console=output.people, refresh_per_second=8) as view.live:
                    keep.run(stop=stopping.is_set, most_frames=frames)
    document = view.document()
    output.answer(document, _summary(document))
    return DONE


@contextmanager
def _stopped_by_signals(stopping: threading.Event) -> Iterator[None]:
    """Ctrl-C and a service manager's SIGTERM end the door after the frame at hand."""

    def stop(_: int, __: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _read_badges(presented: SimpleQueue[str]) -> None:
    for line in sys.stdin:
        text = line.strip("\r\n\t")
        presented.put(text.strip() if own_code(text) is None else text)  # a code may begin or end with a space


def _summary(document: dict[str, Any]) -> str:
    decided = (
        ", ".join(f"{count} {outcome}" for outcome, count in sorted(document["decisions"].items())) or "nobody came"
    )
    times = "" if document["frame_p50_ms"] is None else f", p50 {document['frame_p50_ms']} ms a frame"
    return f"Door {document['door']}: {document['frames']} frames in {document['seconds']} s{times}; {decided}."
