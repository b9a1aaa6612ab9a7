"""kill -9 at any moment of an enrolment or withdrawal, under load: is what was acknowledged still true?

    python benchmarks/kill.py --rounds 200 --desks 3
    python benchmarks/kill.py --rounds 100 --without-secure-delete      the control: shows that the search finds

Caveats first. SIGKILL ends a process, not the machine: what the operating system had taken is written, so this says
nothing about power loss (that is what ``synchronous=FULL`` is for). The search looks at the files of the data folder,
not at blocks that the file system or flash memory no longer shows. People are random unit vectors.

Each round starts the victim (`kill_child.py`: desks that enrol and withdraw at once) on the same store, beside a door
that reads all references without a pause and is never killed; reads the victim's lines up to a seeded number, spins for
a seeded number of turns and kills it. Then, before anything else opens the store, every file of the data folder is
searched for everything of everybody whose withdrawal was acknowledged: key and templates, sealed and in the clear. Then
the store is opened and compared with what was acknowledged, and every receipt is verified; then the files are searched
again, now also for people whose withdrawal was committed but not yet acknowledged. The control deletes rows with
``secure_delete`` off and without a scrub, each round in a new store, alone.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from kill_child import ROOMS, StoppedClock

from limen.core.errors import LedgerError
from limen.core.ledger import Statement
from limen.core.people import SiteKind, SubjectId
from limen.flows.attest import Attest
from limen.storage import SqlStore, open_site

__all__: list[str] = []

_CHILD = Path(__file__).with_name("kill_child.py")
Pending = dict[str | int, tuple[str, SubjectId]]
"""Per desk: what it had said it was doing, and to whom."""

_PIECE = 16
_MOST_LINES = 40
_MOST_TURNS = 400_000


@dataclass(slots=True, kw_only=True)
class _Bytes:
    """One person's bytes: the wrapped key, what is sealed, and key and templates in the clear."""

    key: bytes
    sealed: list[bytes]
    plain: list[bytes]


@dataclass(slots=True)
class _Site:
    """What has to be true of one store."""

    folder: Path
    living: dict[str, _Bytes] = field(default_factory=dict)
    withdrawn: dict[str, _Bytes] = field(default_factory=dict)
    receipts: list[Statement] = field(default_factory=list)


def main() -> None:
    """Run the rounds, print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--desks", type=int, default=1, help="how many enrol and withdraw at once; 2 or more add a door"
    )
    parser.add_argument("--without-secure-delete", action="store_true")
    arguments = parser.parse_args()
    rng = np.random.default_rng(arguments.seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="limen-kill-") as name:
        if arguments.without_secure_delete:
            _run_careless(Path(name), rng, counts, rounds=arguments.rounds)
        else:
            _run(Path(name), rng, counts, rounds=arguments.rounds, desks=arguments.desks)
    print(json.dumps(vars(arguments) | _report(counts), indent=2))


def _run(folder: Path, rng: np.random.Generator, counts: Counter[str], *, rounds: int, desks: int) -> None:
    site = _Site(folder / "data")
    open_site(site.folder, rooms=ROOMS, clock=StoppedClock(), create=SiteKind.LIVE).close()
    with _door(site) if desks > 1 else nullcontext():
        for number in range(rounds):
            pending = _one_life(site, rng, counts, options=["--desks", str(desks)])
            _search(site, counts, when="killed")
            _compare(site, counts, pending=pending)
            _search(site, counts, when="reopened")
            _end_of_round(site, counts, pending=pending, number=number)


def _run_careless(folder: Path, rng: np.random.Generator, counts: Counter[str], *, rounds: int) -> None:
    for number in range(rounds):
        site = _Site(folder / f"data-{number}")
        pending = _one_life(site, rng, counts, options=["--without-secure-delete"])
        _search(site, counts, when="killed")
        _end_of_round(site, counts, pending=pending, number=number)


def _end_of_round(site: _Site, counts: Counter[str], *, pending: Pending, number: int) -> None:
    _control(site, counts, pending=pending)
    counts["withdrawn"] += len(site.withdrawn)
    site.withdrawn.clear()
    site.receipts.clear()
    if (number + 1) % 10 == 0:
        print(f"{number + 1} rounds", file=sys.stderr)


@contextmanager
def _door(site: _Site) -> Iterator[None]:
    """A process that reads as fast as it can, until the end."""
    command = [sys.executable, str(_CHILD), str(site.folder), "--seed", "0", "--door"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as door:
        assert door.stdin is not None
        yield
        door.stdin.close()


def _one_life(site: _Site, rng: np.random.Generator, counts: Counter[str], *, options: list[str]) -> Pending:
    """Let the victim live for a while; what its desks were doing when it was killed."""
    command = [sys.executable, str(_CHILD), str(site.folder), "--seed", str(rng.integers(2**31)), *options]
    lines = int(rng.integers(1, _MOST_LINES))
    turns = int(rng.integers(_MOST_TURNS))
    pending: Pending = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        read = [child.stdout.readline() for _ in range(lines)]
        while turns:
            turns -= 1
        child.kill()
        read += child.stdout.readlines()
    for line in read:
        if line.endswith("\n"):  # a line that was cut off acknowledges nothing
            _take(site, json.loads(line), counts, pending=pending)
    counts["killed_while_" + ("_and_".join(sorted(what for what, _ in pending.values())) or "idle")] += 1
    return pending


def _take(site: _Site, told: dict[str, Any], counts: Counter[str], *, pending: Pending) -> None:
    """Believe one line."""
    if told["act"] == "doing":
        pending[told["desk"]] = told["what"], SubjectId(told["subject"])
    if told["act"] == "unscrubbed":  # an error was answered: like a withdrawal that was never acknowledged
        counts["withdrawals_answered_with_an_error"] += 1
        pending[f"{told['desk']}-{told['subject']}"] = pending.pop(told["desk"])
    if told["act"] == "failed":
        counts["enrolments_answered_with_an_error"] += 1
        del pending[told["desk"]]
    if told["act"] == "done":
        del pending[told["desk"]]
        counts["acknowledged_" + told["what"]] += 1
        if told["what"] == "enrol":
            sealed, plain = ([bytes.fromhex(value) for value in told[name]] for name in ("sealed", "plain"))
            site.living[told["subject"]] = _Bytes(key=bytes.fromhex(told["key"]), sealed=sealed, plain=plain)
        else:
            site.withdrawn[told["subject"]] = site.living.pop(told["subject"])
            site.receipts.append(told["receipt"])


def _search(site: _Site, counts: Counter[str], *, when: str) -> None:
    """Look for everything of everybody who withdrew in this round."""
    content = _content(site)
    for person in site.withdrawn.values():
        counts[f"keys_found_{when}"] += _is_in(content, person.key)
        counts[f"ciphertexts_found_{when}"] += any(_is_in(content, value) for value in person.sealed)
        counts[f"plain_found_{when}"] += any(_is_in(content, value) for value in person.plain)


def _control(site: _Site, counts: Counter[str], *, pending: Pending) -> None:
    """The same search has to find everybody who is still enrolled, and nobody's key or template in the clear."""
    content = _content(site)
    living = [person for subject, person in site.living.items() if ("withdraw", subject) not in pending.values()]
    counts["plain_found_of_the_living"] += sum(any(_is_in(content, value) for value in item.plain) for item in living)
    counts["control_living_keys_found"] += sum(_is_in(content, person.key) for person in living)
    counts["control_living_keys"] += len(living)


def _content(site: _Site) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(site.folder.rglob("*")) if path.is_file())


def _is_in(content: bytes, value: bytes) -> bool:
    return any(value[start : start + _PIECE] in content for start in range(0, len(value) - _PIECE + 1, _PIECE))


def _compare(site: _Site, counts: Counter[str], *, pending: Pending) -> None:
    """Open the store and hold it to what was acknowledged; then take over how the pending acts ended."""
    counts["log_not_empty_when_killed"] += (site.folder / "limen.db-wal").stat().st_size > 0
    store = open_site(site.folder, rooms=ROOMS, clock=StoppedClock())
    with store.read() as unit:
        found = {str(subject.subject_id): subject.n_references for subject in unit.subjects.all()}
        references, _ = unit.subjects.references(known=frozenset())
        counts["chain_broken"] += unit.audit.verify().problem is not None
        counts["agreements_without_person"] += len(unit.agreements.all()) - len(found)
    readable = Counter(str(reference.subject_id) for reference in references)
    counts["half_there"] += sum(readable[subject] != expected for subject, expected in found.items())
    enrolling, withdrawing = (
        {str(who) for what, who in pending.values() if what == act} for act in ("enrol", "withdraw")
    )
    counts["acknowledged_but_lost"] += len(set(site.living) - withdrawing - set(found))
    counts["withdrawn_but_there"] += len(set(found) & set(site.withdrawn))
    counts["never_enrolled_but_there"] += len(set(found) - set(site.living) - enrolling)
    for who in enrolling & set(found):
        counts["committed_before_acknowledged_enrol"] += 1
        site.living[who] = _as_it_lies(site.folder, who)
    for who in withdrawing - set(found):
        counts["committed_before_acknowledged_withdraw"] += 1
        site.withdrawn[who] = site.living.pop(who)
    _check_receipts(store, site, counts)
    store.close()


def _check_receipts(store: SqlStore, site: _Site, counts: Counter[str]) -> None:
    attest = Attest(store=store, clock=StoppedClock())
    for receipt in site.receipts:
        try:
            counts["receipts_that_do_not_hold"] += attest.receipt(receipt) is not None
        except LedgerError:
            counts["receipts_that_do_not_hold"] += 1
        counts["receipts_verified"] += 1


def _as_it_lies(folder: Path, subject_id: str) -> _Bytes:
    with closing(sqlite3.connect(folder / "limen.db")) as raw:
        (key,) = raw.execute("SELECT wrapped FROM data_keys WHERE subject_id = ?", (subject_id,)).fetchone()
        rows = raw.execute(
            "SELECT name_sealed FROM subjects WHERE subject_id = ?1"
            " UNION ALL SELECT template_sealed FROM subject_references WHERE subject_id = ?1",
            (subject_id,),
        ).fetchall()
    return _Bytes(key=key, sealed=[value for (value,) in rows], plain=[])


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
        "plain_found_killed",
        "keys_found_reopened",
        "ciphertexts_found_reopened",
        "plain_found_reopened",
        "plain_found_of_the_living",
        "receipts_that_do_not_hold",
    )
    return {name: counts[name] for name in zero} | {name: counts[name] for name in sorted(counts) if name not in zero}


if __name__ == "__main__":
    main()
