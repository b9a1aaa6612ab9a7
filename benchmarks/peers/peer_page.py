"""Results of ``run.py`` -> docs/peers.md. Caveats come first; a row in which limen loses stands like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any

from peer_list import LIMEN, PEERS, SEARCHES, Peer

__all__ = ["page"]

_COMMAND = """    python benchmarks/peers/run.py --images lfw/lfw-dev.tar --pairs lfw/pairs.csv \\
        --protocol lfw/openset.json --not-apart lfw/suspected-labels.csv --masked-probes \\
        --masked-set lfw-masked/lfw-masked-dev.tar lfw-masked/pairs.csv --share {share} --write docs/peers.md"""
_HEAD = """# Beside what people use today

Made by `benchmarks/peers/run.py` from `benchmarks/peers/results.json`; not written by hand. `lfw/` is as in
[results](results.md), `lfw-masked/` the folder with its masked pictures.

{command}

## Caveats first

- limen's authors made this. Its steps were chosen on the development part of LFW, the very set that is used here;
  the peers' were not. What was *fitted* on these people (centre, masked map, scale) is made anew for this page: whoever
  is compared is compared with what was fitted on the other half of the people. The row "as shipped" shows what
  difference that makes.
- LFW is news photographs, one set, of people who look into cameras. Nothing here says how a door of yours will do:
  `limen evaluate` on your own volunteers does.
- Masks are drawn, by limen's own code, which also drew those its masked map was fitted on. That favours limen, so
  there is a table with masks drawn by another program (MaskTheFace). Real masks vary more than either. No peer here
  claims to recognise masked faces.
- Four of the names in LFW are known to be wrong. They count against everybody alike.
- Three of the four run the same weights. What differs between them is what is done before and after.
- A peer is run with its defaults, as its documents say; somebody who tunes it may get more. A face that it does not
  find counts as wrong.
- Only finding, describing, comparing and searching are run. No part of any peer that guesses at age, gender or feelings
  is.
- Times are from a shared virtual machine with two cores: compare ratios within a table, not milliseconds between pages.
"""
_KINDS = (
    ("bare", "Bare"),
    ("masked", "With a mask drawn on every probe"),
    ("masked_set", "With masks drawn by another program"),
)
_BUSY = 3.0
_TARGETS = (("1e-2", "1 %"), ("1e-3", "0.1 %"), ("1e-4", "0.01 %"))


def page(results: Mapping[str, Any]) -> str:
    """The whole page, in Markdown.

    Args:
        results: of any of the steps ``errors``, ``speed`` and ``search``; a missing step leaves its sections out.
    """
    share = results.get("errors", {}).get("share", 1.0)
    parts = [_HEAD.format(command=_COMMAND.format(share=share))]
    if "errors" in results:
        parts.extend(_errors(results["errors"]))
    if "speed" in results:
        parts.extend(_speed(results["speed"]))
    if "search" in results:
        parts.extend(_search(results["search"]))
    parts.append(_who({**results.get("errors", {}), **results.get("speed", {})}.get("versions", {})))
    return "\n".join(parts)


def _errors(errors: Mapping[str, Any]) -> Iterable[str]:
    yield "## Errors\n"
    yield _prose(
        f"A share of {errors['share']:g} of the people, drawn with seed {errors['seed']}, the same for everybody: "
        f"{errors['enrolled']:,} people enrolled by one picture each, {errors['pictures']:,} pictures. People are "
        f"compared inside two halves (`limen.evaluation.crossfit`). {_made(errors)}"
    )
    for kind, title in _KINDS:
        if kind in errors:
            yield _error_table(title, errors[kind])


def _error_table(title: str, rates: Mapping[str, Any]) -> str:
    any_row = next(iter(rates.values()))
    heads = ["", *(f"TPR at FMR {shown}" for _, shown in _TARGETS), "EER", "FNIR at FPIR 1 %", "rank 1", "FTA"]
    order = [LIMEN, f"{LIMEN}, as shipped", *(peer.name for peer in PEERS if peer.name != LIMEN)]
    rows = [_error_row(name, rates[name]) for name in order if name in rates]
    best = {name: row["tpr_at_fmr"]["1e-4"] for name, row in rates.items() if row["tpr_at_fmr"]["1e-4"] is not None}
    others = [value for name, value in best.items() if not name.startswith(LIMEN)]
    verdict = ""
    if LIMEN in best and others:
        ahead = best[LIMEN] > max(others)
        verdict = (
            f"At FMR 0.01 % limen {'misses fewer' if ahead else 'does not miss fewer'} than every peer: "
            f"{_percent(1 - best[LIMEN])} against {_percent(1 - max(others))} of the best of them.\n"
        )
    told = _prose(
        f"{any_row['n_mated']:,} mated and {any_row['n_nonmated']:,} non-mated comparisons; "
        f"{any_row['n_searches']:,} searches by enrolled people, {any_row['n_strangers']:,} by strangers. 95 % "
        "intervals in brackets take trials as independent."
    )
    return f"### {title}\n\n{told}\n{_table(heads, rows)}\n{verdict}"


def _error_row(name: str, row: Mapping[str, Any]) -> list[str]:
    tpr = [_between(row["tpr_at_fmr"][key], row["tpr_at_fmr_interval"][key]) for key, _ in _TARGETS]
    fnir = _between(row["fnir_at_fpir"]["0.01"], row["fnir_at_fpir_interval"]["0.01"])
    fta = f"{row['fta']['failed']:,} of {row['fta']['images']:,}"
    return [name, *tpr, _percent(row["eer"]), fnir, _percent(row["rank1"]), fta]


def _speed(speed: Mapping[str, Any]) -> Iterable[str]:
    peers = speed["peers"]
    ours = peers[LIMEN]
    heads = ["", "all, p50", "p95", "times limen's", "detect", "describe", "search", "memory", "start", "installed"]
    rows = [
        [
            name,
            f"{_short(row['p50_ms'])} ms",
            f"{_short(row['p95_ms'])} ms",
            f"{row['p50_ms'] / ours['p50_ms']:.2g}",
            *(f"{_short(row[stage])} ms" for stage in ("detect_ms", "describe_ms", "search_ms")),
            f"{row['peak_mib']:.0f} MiB",
            f"{row['start_s']:g} s",
            f"{row['install_mib']:.0f} MiB",
        ]
        for name, row in peers.items()
    ]
    yield "## Frame to identity at 1280x720\n"
    yield _prose(
        f"{speed['frames']} frames with one face each, {speed['rounds']} rounds: everybody gets one frame before "
        f"anybody gets the next. {speed['enrolled']:,} people enrolled. *Describe* is all between the face's box and "
        "its embedding, for limen also steady landmarks, mask state, quality and a second, mirrored crop. Memory is "
        "the process's peak; start runs from nothing until the first face is described, files already in the system's "
        "cache. Installed is what is in `site-packages`, for limen with its door, store and web parts. "
        f"{_made(speed)}"
    )
    yield _table(heads, rows)
    yield from (part for part in (_missed(speed), _lost(peers)) if part)


def _missed(speed: Mapping[str, Any]) -> str:
    """Which peers did not find the face in some frames."""
    said = [
        f"{name} found the face in {row['found']} of {speed['rounds']} frames."
        for name, row in speed["peers"].items()
        if row["found"] < speed["rounds"]
    ]
    return " ".join(said) + "\n" if said else ""


def _lost(peers: Mapping[str, Any]) -> str:
    """Where limen is behind, in words."""
    named = (("p50_ms", "time"), ("peak_mib", "memory"), ("start_s", "start-up"), ("install_mib", "size on disk"))
    lines = []
    for key, what in named:
        ahead = [name for name, row in peers.items() if name != LIMEN and row[key] < peers[LIMEN][key]]
        if ahead:
            said = f"{what}: {', '.join(ahead)} {'needs' if len(ahead) == 1 else 'need'} less. {_WHY[key]}"
            lines.extend(wrap(f"- {said}", 118, subsequent_indent="  ", break_on_hyphens=False))
    if not lines:
        return ""
    return "Where limen is behind:\n\n" + "\n".join(lines) + "\n"


_WHY = {
    "p50_ms": "limen does more with a frame: two crops a face instead of one, landmarks looked at again, the mask.",
    "peak_mib": "Python and its libraries take 83 MiB before a model is loaded, the models 54 MiB, a frame at work the "
    "rest.",
    "start_s": "limen checks the digests of its models and loads what a door needs.",
    "install_mib": "limen brings its door, store and web parts.",
}


def _search(search: Mapping[str, Any]) -> Iterable[str]:
    sizes = [key for key in search if key.isdigit()]
    heads = ["", *(f"{int(size):,}" for size in sizes), f"memory at {int(sizes[-1]):,}", "wrong answers", "how"]
    rows = []
    for peer in SEARCHES:
        found = [search[size][peer.name] for size in sizes]
        wrong = sum(row["wrong"] for row in found), sum(row["queries"] for row in found)
        times = [f"{_short(row['p50_ms'])} ms (p99 {_short(row['p99_ms'])})" for row in found]
        rows.append([peer.name, *times, f"{found[-1]['mib']:.0f} MiB", f"{wrong[0]} of {wrong[1]}", peer.note])
    yield "## Exact search\n"
    yield _prose(
        "The most alike of so many random unit vectors of 128 numbers, one query at a time, p50. "
        "Wrong is an answer that is not float64's. Approximate indexes, which faiss and usearch also offer, are faster "
        f"and may miss people, which a door may not. {_made(search)}"
    )
    yield _table(heads, rows)
    ahead = [
        f"{int(size):,}"
        for size in sizes
        if any(row["p50_ms"] < search[size][LIMEN]["p50_ms"] for row in search[size].values())
    ]
    if ahead:
        yield _prose(
            f"Among {' and '.join(ahead)} limen is not the fastest: checking its own bound costs 0.1 ms a query."
        )


def _who(versions: Mapping[str, Mapping[str, str]]) -> str:
    rows = [
        [peer.name, _installed(peer, versions.get(peer.name, {})), peer.code, peer.weights, peer.note] for peer in PEERS
    ]
    left_out = _prose(
        "Looked at and left out, because their packages carry no weights for recognition and a benchmark that "
        "downloads what it measures is another one tomorrow: alchemyface, faceie, inspireface, "
        "realeyes-face-verification, res-facenet, synthface; insightface and facenet-pytorch fetch theirs at first "
        "use. face-recognition-ng is the code and weights of face_recognition."
    )
    heads = ["", "versions", "licence of the code", "of the weights", "note"]
    return f"## Who was run\n\n{_table(heads, rows)}\n{left_out}"


def _installed(peer: Peer, versions: Mapping[str, str]) -> str:
    shown = (
        [LIMEN, "onnxruntime", "opencv-python-headless", "numpy"]
        if peer.name == LIMEN
        else [*peer.alone, *peer.packages]
    )
    return ", ".join(f"{name} {versions[name]}" for name in shown if name in versions)


def _made(step: Mapping[str, Any]) -> str:
    busy = f" The machine was busy (load average {step['load']:g}): ratios say more than times."
    return f"Made on {step['made_on']}, {step['machine']}.{busy if step['load'] > _BUSY else ''}"


def _prose(text: str) -> str:
    return "\n".join(wrap(text, 118, break_on_hyphens=False)) + "\n"


def _short(number: float) -> str:
    """Two digits, or all before the point."""
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _between(value: float | None, interval: Sequence[float] | None) -> str:
    if value is None or interval is None:
        return "not measurable"
    return f"{_percent(value)} ({' to '.join(f'{100 * edge:.1f}' for edge in interval)})"


def _percent(value: float | None) -> str:
    return "not measurable" if value is None else f"{100 * value:.2f} %"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
