"""Error rates per group of a test set's people, side by side: is everybody treated alike?

The codes are those that the people of a test set gave of themselves. They are opaque, read from one file for one
report, never kept, never joined to a site, and never worked out from a picture: a picture without a code is left out.

1. A code is a letter, a number, or a letter and a number: nothing that could say what it stands for.
2. FMR of a group is over comparisons of two people of that group, where it is highest; comparisons across groups are
   counted and left out. FNMR is over the group's mated comparisons, FTA over its pictures. One threshold for all.
3. A group of fewer than 10 people is not told at all: its numbers would be about persons.
4. A rate is refused as too small to say anything if fewer than 3 errors would be expected were the group like all
   together: even no error at all would then prove nothing (rule of three). It is told nevertheless if its interval
   lies above the common rate, so that a small group that fares badly is not hidden.
5. Ratios: the largest rate over the geometric mean of all (the leading candidate of NISTIR 8429) and over the smallest
   (as NISTIR 8280 speaks of factors between groups). Both are None while a rate is zero. Beside each stands what equal
   groups of these sizes would reach by chance one time in forty; a ratio below it shows no difference.

Source: NISTIR 8280 (2019), NISTIR 8429 (2022), ISO/IEC 19795-10. Wilson's intervals take trials as independent.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from limen.core.errors import ConfigError
from limen.evaluation.pictures import picture_name
from limen.evaluation.protocols import Pairs
from limen.evaluation.rates import Rate, measurable

__all__ = ["LEAST_EXPECTED_ERRORS", "LEAST_PEOPLE", "Groups", "groups_report", "ratios", "read_groups"]

LEAST_PEOPLE = 10
LEAST_EXPECTED_ERRORS = 3.0
_CODE = re.compile(r"[A-Za-z]?[0-9]{1,4}|[A-Za-z]")
_ADVICE = "expected the columns file,group; a code is a letter, a number, or a letter and a number, such as A or G7"
_SEED = 20261123
_DRAWS = 4000
_BY_CHANCE = 97.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Which pictures belong to which group.

    Attributes:
        codes: the distinct codes, sorted.
        of: name of a picture -> place of its code in ``codes``.
    """

    codes: tuple[str, ...]
    of: Mapping[str, int] = field(repr=False)

    def rows(self, names: Sequence[str]) -> NDArray[np.intp]:
        """The group of each picture, intp (n,); -1 for one without a code."""
        return np.array([self.of.get(name, -1) for name in names], dtype=np.intp)


def read_groups(path: Path) -> Groups:
    """Read a CSV file of opaque group codes.

    Raises:
        ConfigError: the file cannot be read as described above, a code is not opaque, or a picture has two; says which
            line, never the code.
    """
    codes: dict[str, str] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            missing = {"file", "group"} - set(rows.fieldnames or ())
            if missing:
                raise ConfigError(f"{path}: line 1: no column {', '.join(sorted(missing))}", advice=_ADVICE)
            for row in rows:
                name, code = picture_name((row["file"] or "").strip()), (row["group"] or "").strip()
                if not name or not _CODE.fullmatch(code):
                    raise ConfigError(f"{path}: line {rows.line_num}: no picture, or no opaque code", advice=_ADVICE)
                if codes.setdefault(name, code) != code:
                    raise ConfigError(f"{path}: line {rows.line_num}: this picture has two codes", advice=_ADVICE)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", advice=_ADVICE) from error
    if not codes:
        raise ConfigError(f"{path}: no codes", advice=_ADVICE)
    distinct = tuple(sorted(set(codes.values())))
    place = {code: number for number, code in enumerate(distinct)}
    return Groups(codes=distinct, of={name: place[code] for name, code in codes.items()})


def groups_report(
    similarities: ArrayLike, pairs: Pairs, groups: Groups, *, threshold: float, failed: Collection[str]
) -> dict[str, Any]:
    """Report per group, in keys that go beside those of a verification report.

    Args:
        similarities: (n,) of ``pairs``, larger = more alike; minus infinity where a picture failed.
        pairs: the comparisons.
        groups: the codes.
        threshold: the one operating point for everybody, on the scale of ``similarities``.
        failed: names of pictures that gave nothing to compare.

    Returns:
        ``group_fmr``, ``group_fnmr``, ``group_fta`` (code -> rate, None where refused) with ``_counts`` and
        ``_interval``, ``group_refused`` (rate and code -> why), ``group_ratios`` and ``group_ratios_by_chance``.

    Raises:
        ConfigError: a mated pair joins two groups: one person has two codes.
        ValueError: lengths differ, or NaN.
    """
    values, sides = measurable(similarities), [groups.rows(names) for names in (pairs.left, pairs.right)]
    if values.shape != pairs.same.shape:
        raise ValueError(f"similarities: expected {pairs.same.shape}, got {values.shape}")
    known = (sides[0] >= 0) & (sides[1] >= 0)
    within = np.where(known & (sides[0] == sides[1]), sides[0], -1)
    if bool((pairs.same & known & (within < 0)).any()):
        raise ConfigError("a person has pictures in two groups", advice="give all pictures of a person the same code")
    people = dict(zip(groups.codes, _people(pairs, sides, n_groups=len(groups.codes)), strict=True))
    report: dict[str, Any] = {
        "group_threshold": threshold,
        "group_n_people": {code: int(n) if n >= LEAST_PEOPLE else None for code, n in people.items()},
        "group_across": int(np.count_nonzero(known & (within < 0))),
        "group_without_code": int(np.count_nonzero(~known)),
        **{key: {} for key in ("group_refused", "group_ratios", "group_ratios_by_chance")},
    }
    names = pairs.images()
    is_failed = np.array([name in failed for name in names], dtype=np.bool_)
    match = (values >= threshold) & (values > -np.inf)
    wrong = {
        "fmr": (match[~pairs.same], within[~pairs.same]),
        "fnmr": (~match[pairs.same], within[pairs.same]),
        "fta": (is_failed, groups.rows(names)),
    }
    for name, (errors, whose) in wrong.items():
        rates = [_rate(errors[whose == code]) for code in range(len(groups.codes))]
        overall = _rate(errors[whose >= 0])
        _add(report, name, judged=_judged(rates, people, overall=overall), overall=overall)
    return report


def ratios(rates: Sequence[Rate]) -> tuple[float | None, float | None]:
    """The largest rate over the geometric mean of all, and over the smallest.

    Returns:
        Both; None with fewer than two rates, a group without trials, or a rate of zero.
    """
    values = np.array([rate.value or 0.0 for rate in rates])
    if len(values) < 2 or not bool((values > 0).all()):  # noqa: PLR2004 - nothing to compare with
        return None, None
    return float(values.max() / np.exp(np.log(values).mean())), float(values.max() / values.min())


def _add(report: dict[str, Any], name: str, *, judged: dict[str, Rate | str], overall: Rate) -> None:
    """One rate's keys, and its ratios over the groups that are told."""
    told = {code: rate for code, rate in judged.items() if isinstance(rate, Rate)}
    report[f"group_{name}"] = {code: told[code].value if code in told else None for code in judged}
    report[f"group_{name}_counts"] = {code: told[code].counts() if code in told else None for code in judged}
    report[f"group_{name}_interval"] = {code: told[code].interval() if code in told else None for code in judged}
    report["group_refused"] |= {f"{name} {code}": said for code, said in judged.items() if isinstance(said, str)}
    rates = list(told.values())
    for place, kind in enumerate(("max_over_geomean", "max_over_min")):
        report["group_ratios"][f"{name}_{kind}"] = ratios(rates)[place]
        report["group_ratios_by_chance"][f"{name}_{kind}"] = _by_chance(rates, overall)[place]


def _judged(rates: Sequence[Rate], people: Mapping[str, int], *, overall: Rate) -> dict[str, Rate | str]:
    """(3) and (4): a rate, or why there is none."""
    common = overall.value or 0.0
    judged: dict[str, Rate | str] = {}
    for rate, (code, n_people) in zip(rates, people.items(), strict=True):
        interval = rate.interval()
        if n_people < LEAST_PEOPLE:
            judged[code] = f"fewer than {LEAST_PEOPLE} people"
        elif interval is None:
            judged[code] = "no trials"
        elif rate.trials * common < LEAST_EXPECTED_ERRORS and not (rate.errors and interval[0] > common):
            judged[code] = f"{rate.trials * common:.2g} errors expected, {LEAST_EXPECTED_ERRORS:g} needed"
        else:
            judged[code] = rate
    return judged


def _by_chance(rates: Sequence[Rate], overall: Rate) -> tuple[float | None, float | None]:
    """What both ratios of equal groups of these sizes stay below, 39 times in 40; None where it may be anything."""
    if len(rates) < 2 or not overall.errors:  # noqa: PLR2004 - nothing to compare with
        return None, None
    trials = np.array([rate.trials for rate in rates])
    rng = np.random.default_rng(_SEED)
    drawn = rng.binomial(trials, overall.value or 0.0, size=(_DRAWS, len(rates))) / trials
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(drawn)
        over_mean = np.where((drawn > 0).all(axis=1), np.exp(logs.max(axis=1) - logs.mean(axis=1)), np.inf)
        over_least = np.where((drawn > 0).all(axis=1), drawn.max(axis=1) / drawn.min(axis=1), np.inf)
    limits = [float(np.percentile(side, _BY_CHANCE, method="higher")) for side in (over_mean, over_least)]
    return _finite(limits[0]), _finite(limits[1])


def _finite(limit: float) -> float | None:
    return limit if np.isfinite(limit) else None


def _people(pairs: Pairs, sides: Sequence[NDArray[np.intp]], *, n_groups: int) -> list[int]:
    """People per group, as far as the pairs tell who is who."""
    subjects = pairs.subjects()
    found = np.unique(np.concatenate([np.stack([sides[side], subjects[:, side]], axis=1) for side in (0, 1)]), axis=0)
    return [int(count) for count in np.bincount(found[found[:, 0] >= 0, 0], minlength=n_groups)]


def _rate(errors: NDArray[np.bool_]) -> Rate:
    return Rate(errors=int(np.count_nonzero(errors)), trials=errors.size)
