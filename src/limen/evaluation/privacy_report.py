"""A data-protection impact assessment, begun: what limen knows of a site, filled in; what the controller owes, marked.

Rule kept: every number is this site's or the shipped calibration's, with its counts and interval; what nobody measured
or stated is said to be missing, never guessed. People are counted, never named.

Source: GDPR article 35(7); WP 248 rev.01, annex 2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import jinja2

from limen.core.match import Condition
from limen.evaluation.intervals import proportion
from limen.gallery.calibration import Calibration

__all__ = ["SiteFacts", "privacy_page"]

_MISSING = "NOT STATED: the controller has to say this"
_SMALL = 10

_RISKS = (
    ("Presentation attacks", "there is no measured liveness check; a photograph can stand for a person"),
    ("Look-alikes", "relatives and twins are outside the promised rate"),
    ("Groups of people", "error rates differ between groups; limen keeps none, so it cannot measure this here"),
    ("The face model", "trained on faces from the web, without those people's consent"),
    ("Coercion", "limen cannot see whether somebody was free to say no"),
    ("Operators", "can record an agreement nobody gave, and read names; exports are on record"),
    ("Root on the machine", "reads keys and templates from memory; nothing in limen holds against it"),
    ("Copies by others", "disk images and snapshots of the data folder outlive a withdrawal"),
    ("Health data", "a skin temperature, where it is switched on, is processed in memory and never stored"),
)

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Impact assessment (draft)</title>
<style>body{font:15px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse}
td,th{text-align:left;vertical-align:top;padding:.25rem .8rem .25rem 0;border-bottom:1px solid #ccc}
.missing{font-weight:bold;color:#a00}</style>
<h1>Data-protection impact assessment: draft</h1>
<p>Made by limen {{ version }} on {{ at }} from the configuration in force. It begins the assessment; it is not one.</p>
{% for title, rows in parts %}<h2>{{ title }}</h2><table>
{% for name, value in rows %}<tr><th>{{ name }}</th>
<td{% if value.startswith('NOT STATED') %} class="missing"{% endif %}>{{ value }}</td></tr>
{% endfor %}</table>{% endfor %}</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the page is made of.

    Attributes:
        version: of limen.
        at: when.
        folder_kind: trial or live.
        stated: what the controller states: name -> words, empty where nothing is stated.
        people: kind of template of every enrolled person.
        n_references: how many references there are.
        n_unconfirmed: people a live capture has not confirmed.
        fpir: strangers let in that are allowed.
        retention: what -> how long.
        doors: the doors in the settings.
        granted: passages in the last 30 days that a door had granted.
        ungranted: those that none had.
    """

    version: str
    at: datetime
    folder_kind: str
    stated: Sequence[tuple[str, str]]
    people: Sequence[str]
    n_references: int
    n_unconfirmed: int
    fpir: float
    retention: Sequence[tuple[str, str]]
    doors: Sequence[str]
    granted: int
    ungranted: int


def privacy_page(facts: SiteFacts, calibration: Calibration) -> str:
    """The draft as one self-contained HTML page, every value escaped."""
    parts = (
        ("Stated by the controller", [(name, words or _MISSING) for name, words in facts.stated]),
        ("The processing", _processing(facts)),
        ("Retention", list(facts.retention)),
        ("Measured error rates", _rates(facts, calibration)),
        ("The other way in", [("Share of passages in the last 30 days", _other_way(facts))]),
        ("Open risks", list(_RISKS)),
    )
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(_PAGE)
    return template.render(version=facts.version, at=f"{facts.at:%Y-%m-%d %H:%M} UTC", parts=parts)


def _processing(facts: SiteFacts) -> list[tuple[str, str]]:
    kinds = ", ".join(f"{kind}: {_count(number)}" for kind, number in sorted(Counter(facts.people).items()))
    return [
        ("Data folder", facts.folder_kind),
        ("Doors in the settings", ", ".join(facts.doors) or "none"),
        ("People enrolled, by where the template lives", kinds or "nobody"),
        ("References", _count(facts.n_references)),
        ("Not yet confirmed, so unknown to every door", _count(facts.n_unconfirmed)),
        ("Strangers", "a face that matches nobody is erased from memory at once; nothing of it is written"),
        ("Inferred", "whether it is the person, whether a mask is worn, how good the picture is; no trait of a person"),
        ("Recipients", "none: nothing leaves the machine but what the settings send to a door's own devices"),
    ]


def _other_way(facts: SiteFacts) -> str:
    """From totals alone; nobody's choice of way is recorded."""
    if min(facts.granted, facts.ungranted) < _SMALL:
        return f"not told: fewer than {_SMALL} passages were counted with a grant of limen, or without one"
    total = facts.granted + facts.ungranted
    words = f"{facts.ungranted / total:.0%} ({facts.ungranted:,} of {total:,}) without a grant of limen"
    return words + "; whoever followed somebody else through is among them"


def _count(number: int) -> str:
    """Small numbers are not told: they would point at people."""
    return str(number) if number >= _SMALL or number == 0 else f"fewer than {_SMALL}"


def _rates(facts: SiteFacts, calibration: Calibration) -> list[tuple[str, str]]:
    rows = [("Measured on", f"{calibration.made_from}; {calibration.model_id}, {calibration.made_on:%Y-%m-%d}")]
    for condition in calibration.conditions:
        rows += _rates_of(facts, calibration, condition)
    rows.append(("At this site", _MISSING + " (limen evaluate identification, limen evaluate site)"))
    return rows


def _rates_of(facts: SiteFacts, calibration: Calibration, condition: Condition) -> list[tuple[str, str]]:
    size = max(1, facts.n_references)
    point = calibration.operating_point(fpir_target=facts.fpir, n_references=size, condition=condition)
    rates = calibration.rates(condition)
    missed = round(point.fnir_expected * rates.n_mated)
    low, high = proportion(missed, rates.n_mated) or (0.0, 1.0)
    few = "" if point.fmr * rates.n_nonmated >= _SMALL else ", read off a fitted tail: fewer than ten stand behind it"
    words = condition.value.replace("_", " ")
    behind = f"{missed:,} of {rates.n_mated:,} mated comparisons of {rates.n_people:,} people"
    interval = f"95 % interval {low:.2%} to {high:.2%}, taking comparisons as independent"
    return [
        (f"{words}: strangers let in (FPIR)", f"at most {facts.fpir:.4%} of walk-ups, by choice"),
        (f"{words}: FMR of one comparison", f"{point.fmr:.2e} ({rates.n_nonmated:,} non-mated comparisons{few})"),
        (f"{words}: single pictures refused (FNIR)", f"{point.fnir_expected:.2%} ({behind}; {interval})"),
    ]
