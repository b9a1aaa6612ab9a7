"""kill -9 at any moment of an enrolment or withdrawal, again and again: is what was acknowledged still true?

    python benchmarks/kill.py --rounds 100
    python benchmarks/kill.py --rounds 100 --without-secure-delete      the control: shows that the search finds

Caveats first. SIGKILL ends a process, not the machine: what the operating system had taken is written, so this says
nothing about power loss (that is what ``synchronous=FULL`` is for). The search looks at the files of the store, not at
blocks that the file system or flash memory no longer shows. People are random unit vectors.

Each round starts the victim (`kill_child.py`) on the same store, reads its lines up to a seeded number, spins for a
seeded number of turns and kills it. Then, before anything else opens the store, limen.db, -wal and -shm are searched
for everything of everybody whose withdrawal was acknowledged; then the store is opened and compared with what was
acknowledged; then the files are searched again, now also for a person whose withdrawal was committed but not yet
acknowledged. The control deletes rows with ``secure_delete`` off and without a scrub, each round in a new store.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from kill_child import ROOMS, StoppedClock

from limen.core.people import SubjectId
from limen.storage import open_site

__all__: list[str] = []

_CHILD = Path(__file__).with_name("kill_child.py")
_PIECE = 16
_MOST_LINES = 40
_MOST_TURNS = 400_000


@dataclass(slots=True, kw_only=True)
class _Bytes:
    """One person's sealed bytes, and how many references there are."""

    key: bytes
    sealed: list[bytes]


@dataclass(slots=True)
class _Site:
    """What has to be true of one store."""

    folder: Path
    living: dict[str, _Bytes] = field(default_factory=dict)
    withdrawn: dict[str, _Bytes] = field(default_factory=dict)


def main() -> None:
    """Run the rounds, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-secure-delete", action="store_true")
    arguments = parser.parse_args()
    careless = arguments.without_secure_delete
    rng = np.random.default_rng(arguments.seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="limen-kill-") as name:
        site = _Site(Path(name) / "data")
        for number in range(arguments.rounds):
            if careless:
                site = _Site(Path(name) / f"data-{number}")
            pending = _one_life(site, rng, counts, careless=careless)
            _search(site, counts, when="killed")
            if not careless:
                _compare(site, counts, pending=pending)
                _search(site, counts, when="reopened")
            _control(site, counts, pending=pending)
            counts["withdrawn"] += len(site.withdrawn)
            site.withdrawn.clear()
            if (number + 1) % 10 == 0:
                print(f"{number + 1} of {arguments.rounds} rounds", file=sys.stderr)
    document = {"rounds": arguments.rounds, "seed": arguments.seed, "without_secure_delete": careless}
    print(json.dumps(document | _report(counts), indent=2))


def _one_life(
    site: _Site, rng: np.random.Generator, counts: Counter[str], *, careless: bool
) -> tuple[str, SubjectId] | None:
    """Let the victim live for a while; what it was doing when it was killed."""
    command = [sys.executable, str(_CHILD), str(site.folder), "--seed", str(rng.integers(2**31))]
    if careless:
        command.append("--without-secure-delete")
    lines = int(rng.integers(1, _MOST_LINES))
    turns = int(rng.integers(_MOST_TURNS))
    pending = None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        read = [child.stdout.readline() for _ in range(lines)]
        while turns:
            turns -= 1
        child.kill()
        read += child.stdout.readlines()
    for line in read:
        if line.endswith("\n"):  # a line that was cut off acknowledges nothing
            pending = _take(site, json.loads(line), counts)
    counts["pending_" + (pending[0] if pending else "nothing")] += 1
    return pending


def _take(site: _Site, told: dict[str, str], counts: Counter[str]) -> tuple[str, SubjectId] | None:
    """Believe one line; what is pending after it."""
    if told["act"] == "doing":
        return told["what"], SubjectId(told["subject"])
    if told["act"] == "done":
        counts["acknowledged_" + told["what"]] += 1
        if told["what"] == "enrol":
            sealed = [bytes.fromhex(value) for value in told["sealed"]]
            site.living[told["subject"]] = _Bytes(key=bytes.fromhex(told["key"]), sealed=sealed)
        else:
            site.withdrawn[told["subject"]] = site.living.pop(told["subject"])
    return None


def _search(site: _Site, counts: Counter[str], *, when: str) -> None:
    """Look for everything of everybody who withdrew in this round."""
    content = _content(site)
    for person in site.withdrawn.values():
        counts[f"keys_found_{when}"] += _is_in(content, person.key)
        counts[f"ciphertexts_found_{when}"] += any(_is_in(content, value) for value in person.sealed)


def _control(site: _Site, counts: Counter[str], *, pending: tuple[str, SubjectId] | None) -> None:
    """The same search has to find everybody who is still enrolled."""
    content = _content(site)
    living = [person for subject, person in site.living.items() if pending != ("withdraw", subject)]
    counts["control_living_keys_found"] += sum(_is_in(content, person.key) for person in living)
    counts["control_living_keys"] += len(living)


def _content(site: _Site) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(site.folder.glob("limen.db*")))


def _is_in(content: bytes, value: bytes) -> bool:
    return any(value[start : start + _PIECE] in content for start in range(0, len(value) - _PIECE + 1, _PIECE))


def _compare(site: _Site, counts: Counter[str], *, pending: tuple[str, SubjectId] | None) -> None:
    """Open the store and hold it to what was acknowledged; then take over how the pending act ended."""
    before = (site.folder / "limen.db-wal").stat().st_size
    counts["log_not_empty_when_killed"] += before > 0
    store = open_site(site.folder, rooms=ROOMS, clock=StoppedClock())
    with store.read() as unit:
        found = {str(subject.subject_id): subject.n_references for subject in unit.subjects.all()}
        references, _ = unit.subjects.references(known=frozenset())
        counts["chain_broken"] += unit.audit.verify().problem is not None
        counts["agreements_without_person"] += len(unit.agreements.all()) - len(found)
    readable = Counter(str(reference.subject_id) for reference in references)
    counts["half_there"] += sum(readable[subject] != expected for subject, expected in found.items())
    what, who = pending or ("nothing", "")
    expected = set(site.living) - ({who} if what == "withdraw" else set())
    counts["acknowledged_but_lost"] += len(expected - set(found))
    counts["withdrawn_but_there"] += len(set(found) & set(site.withdrawn))
    counts["never_enrolled_but_there"] += len(set(found) - set(site.living) - {who})
    if what == "enrol" and who in found:
        counts["committed_before_acknowledged_enrol"] += 1
        site.living[who] = _as_it_lies(site.folder, who)
    if what == "withdraw" and who not in found:
        counts["committed_before_acknowledged_withdraw"] += 1
        site.withdrawn[who] = site.living.pop(who)
    store.close()


def _as_it_lies(folder: Path, subject_id: str) -> _Bytes:
    with closing(sqlite3.connect(folder / "limen.db")) as raw:
        (key,) = raw.execute("SELECT wrapped FROM data_keys WHERE subject_id = ?", (subject_id,)).fetchone()
        rows = raw.execute(
            "SELECT name_sealed FROM subjects WHERE subject_id = ?1"
            " UNION ALL SELECT template_sealed FROM subject_references WHERE subject_id = ?1",
            (subject_id,),
        ).fetchall()
    return _Bytes(key=key, sealed=[value for (value,) in rows])


def _report(counts: Counter[str]) -> dict[str, int]:
    """All counts, those that must be zero first, also where they are zero."""
    zero = (
        "acknowledged_but_lost",
        "withdrawn_but_there",
        "never_enrolled_but_there",
        "half_there",
        "agreements_without_person",
        "chain_broken",
        "keys_found_killed",
        "ciphertexts_found_killed",
        "keys_found_reopened",
        "ciphertexts_found_reopened",
    )
    return {name: counts[name] for name in zero} | {name: counts[name] for name in sorted(counts) if name not in zero}


if __name__ == "__main__":
    main()
