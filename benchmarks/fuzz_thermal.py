"""Thermal files damaged at random for a given time: is each read or refused, in what time and memory?

    python benchmarks/fuzz_thermal.py --seconds 600 --seeds FOLDER_OF_THERMAL_FILES 2> decoder.log

Caveats first. Mutation without coverage feedback: it finds what small damage to sound files finds. Damage is drawn to
the headers, and half of the time the checksums of a PNG are mended afterwards, or all damage would end there. Peak
memory is that of the whole process, interpreter and libraries included; the peak before the first input is given beside
it. The slowest input is told in processor time, as the machine may do other things. libtiff writes remarks of its own
to standard error.

Seeds are the synthetic files that the tests build and, when named, the files of a folder. Whatever raises anything but
an error of limen, or an error of more than one line, is a crash: counted, told, and kept with ``--keep``. An input that
takes longer than ``--hang`` seconds ends the run with a traceback. Exit code 1 when there was a crash.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import json
import re
import resource
import runpy
import struct
import sys
import time
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from limen.core.errors import LimenError
from limen.core.thermal import LinearScale
from limen.frames.thermal_pictures import read_thermal
from limen.thermal.radiometry import celsius

__all__: list[str] = []

AT = datetime(1970, 1, 1, tzinfo=UTC)
_BUILDER = Path(__file__).parents[1] / "tests" / "support" / "thermal_files.py"
_SUFFIXES = (".jpg", ".jpeg", ".fff", ".tif", ".tiff", ".png")
_SCALE = LinearScale(kelvin_per_count=0.04)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LANDMARKS = (b"FLIR\x00", b"FFF\x00", b"AFF\x00", _SIGNATURE, b"IHDR", b"IDAT", b"\xff\xe1")
_NEAR = 1024
_MOST_ANCHORS = 64
_HEADER_SHARE, _MEND_SHARE = 0.8, 0.5
_VALUES = (0, 1, 2, 3, 4, 8, 16, 100, 255, 256, 2000, 4096, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
_FORMS = ("<H", ">H", "<I", ">I")


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What has been seen."""

    read: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    slowest_cpu_ms: float = 0.0
    slowest_seed: str = ""
    largest_rise_mib: float = 0.0
    largest_rise_seed: str = ""

    @property
    def inputs(self) -> int:
        return self.read + self.refused.total() + self.crashes.total()


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=Path, help="folder of sound thermal files")
    parser.add_argument("--seed", type=int, default=1, help="of the random numbers")
    parser.add_argument("--hang", type=int, default=30, help="seconds after which an input counts as endless")
    parser.add_argument("--keep", type=Path, help="folder for inputs that crash")
    arguments = parser.parse_args()
    seeds = _seeds(arguments.seeds)
    before = _peak_mib()
    tally = _run(seeds, arguments)
    answer = {
        "seconds": arguments.seconds,
        "seeds": len(seeds),
        "inputs": tally.inputs,
        "read": tally.read,
        "refused": tally.refused.total(),
        "refused_how": dict(tally.refused.most_common(30)),
        "crashes": dict(tally.crashes),
        "slowest_cpu_ms": round(tally.slowest_cpu_ms, 1),
        "slowest_seed": tally.slowest_seed,
        "peak_mib": round(_peak_mib(), 1),
        "peak_mib_before": round(before, 1),
        "largest_rise_mib": round(tally.largest_rise_mib, 1),
        "largest_rise_seed": tally.largest_rise_seed,
    }
    print(json.dumps(answer, indent=1))
    sys.exit(1 if tally.crashes else 0)


def _seeds(folder: Path | None) -> dict[str, bytes]:
    found: dict[str, bytes] = runpy.run_path(str(_BUILDER))["seeds"]()
    if folder is not None:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        found |= {path.name: path.read_bytes() for path in paths}
    for name, content in found.items():
        celsius(read_thermal(content, at=AT, name=name, scale=_SCALE))  # a seed that is refused is a mistake
    return found


def _run(seeds: dict[str, bytes], arguments: argparse.Namespace) -> _Tally:
    rng = np.random.default_rng(arguments.seed)
    tally = _Tally()
    names = list(seeds)
    anchors = {name: _anchors(content) for name, content in seeds.items()}
    end = time.perf_counter() + arguments.seconds
    while time.perf_counter() < end:
        name = names[rng.integers(len(names))]
        content = _damaged(rng, seeds[name], anchors[name])
        if rng.random() < 0.1:
            content = _spliced(rng, content, seeds[names[rng.integers(len(names))]])
        if rng.random() < _MEND_SHARE:
            content = _mended(content)
        faulthandler.dump_traceback_later(arguments.hang, exit=True)
        _try(tally, name, content, keep=arguments.keep)
    faulthandler.cancel_dump_traceback_later()
    return tally


def _try(tally: _Tally, name: str, content: bytes, *, keep: Path | None) -> None:
    """Read one input and note how it went."""
    before, start = _peak_mib(), time.process_time()
    try:
        celsius(read_thermal(content, at=AT, name="file", scale=_SCALE))
    except LimenError as error:
        if "\n" in str(error) or not str(error).startswith("file: "):
            _crash(tally, f"not one line: {error!r}", content, keep=keep)
        else:
            tally.refused[re.sub(r"[-+0-9.e]*\d[-+0-9.e]*|\(.*\)|nan|inf", "#", str(error))[:90]] += 1
    except Exception as error:  # noqa: BLE001  finding these is what this is for
        _crash(tally, f"{type(error).__name__}: {error}"[:200], content, keep=keep)
    else:
        tally.read += 1
    took, rise = 1e3 * (time.process_time() - start), _peak_mib() - before
    if took > tally.slowest_cpu_ms:
        tally.slowest_cpu_ms, tally.slowest_seed = took, name
    if rise > tally.largest_rise_mib:
        tally.largest_rise_mib, tally.largest_rise_seed = rise, name


def _crash(tally: _Tally, what: str, content: bytes, *, keep: Path | None) -> None:
    tally.crashes[what] += 1
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def _anchors(content: bytes) -> list[int]:
    """Places where headers are: the start, the end, and wherever a known word stands."""
    found = [0, max(0, len(content) - _NEAR)]
    for word in _LANDMARKS:
        found += [match.start() for match in re.finditer(re.escape(word), content)][:_MOST_ANCHORS]
    if content[:2] in (b"II", b"MM"):
        found += [struct.unpack_from("<I" if content[:1] == b"I" else ">I", content, 4)[0]]
    return found


def _damaged(rng: np.random.Generator, content: bytes, anchors: list[int]) -> bytes:
    """One to eight changes, most of them near a header."""
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        if not changed:
            break
        at = int(rng.integers(len(changed)))
        if rng.random() < _HEADER_SHARE:
            at = min(len(changed) - 1, anchors[rng.integers(len(anchors))] + int(_NEAR * rng.random() ** 3))
        _change(rng, changed, at)
    return bytes(changed)


def _change(rng: np.random.Generator, content: bytearray, at: int) -> None:
    kind = int(rng.integers(10))
    if kind < 3:
        content[at] = int(rng.integers(256))
    elif kind < 7:
        form, value = _FORMS[rng.integers(len(_FORMS))], _VALUES[rng.integers(len(_VALUES))]
        number = struct.pack(form, value if form[1] == "I" else value & 0xFFFF)
        content[at : at + len(number)] = number
    elif kind == 7:
        content[at:at] = rng.bytes(int(rng.integers(1, 64)))
    elif kind == 8:
        del content[at : at + int(rng.integers(1, 256))]
    elif rng.random() < 0.3:
        del content[at:]
    else:
        content[at:at] = content[at : at + int(rng.integers(1, 512))]


def _spliced(rng: np.random.Generator, one: bytes, other: bytes) -> bytes:
    return one[: int(rng.integers(len(one) + 1))] + other[int(rng.integers(len(other) + 1)) :]


def _mended(content: bytes) -> bytes:
    """The same with right checksums in its first PNG, as far as that can be followed."""
    start = content.find(_SIGNATURE)
    if start < 0:
        return content
    mended, at = bytearray(content), start + len(_SIGNATURE)
    while at + 12 <= len(mended):
        end = at + 8 + int.from_bytes(mended[at : at + 4], "big")
        if end + 4 > len(mended):
            break
        mended[end : end + 4] = struct.pack(">I", zlib.crc32(bytes(mended[at + 4 : end])))
        at = end + 4
    return bytes(mended)


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


if __name__ == "__main__":
    main()
