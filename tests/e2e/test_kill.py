"""kill -9 at any moment: what was acknowledged is there, what was withdrawn is in no file. A few rounds only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

_BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "kill.py"
_MUST_BE_ZERO = (
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


def _run(*options: str) -> dict[str, int]:
    if not _BENCHMARK.exists():
        pytest.skip("the benchmarks are not part of this copy of limen")
    command = [sys.executable, str(_BENCHMARK), *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, int] = json.loads(done.stdout)
    return answer


def test_killed_at_any_moment_nothing_is_lost_and_nothing_withdrawn_is_left() -> None:
    """After every kill under load all acknowledged people are there, no withdrawn one is, and every receipt holds."""
    counts = _run("--rounds", "6", "--seed", "7", "--desks", "2")
    assert {name: counts[name] for name in _MUST_BE_ZERO} == dict.fromkeys(_MUST_BE_ZERO, 0)
    assert counts["acknowledged_enrol"] > 0
    assert counts["withdrawn"] > 0
    assert counts["receipts_verified"] > 0
    assert counts["control_living_keys_found"] == counts["control_living_keys"] > 0


def test_the_search_finds_what_a_careless_store_leaves() -> None:
    """The control: with secure_delete off and no scrub, withdrawn keys are still in the files and are found."""
    counts = _run("--rounds", "4", "--seed", "7", "--without-secure-delete")
    assert counts["withdrawn"] > 0
    assert counts["keys_found_killed"] > 0
