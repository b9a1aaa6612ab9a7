"""Hostile codes by the hundred thousand: each is refused, for the right reason, and none raises an error.

A new trial site with a drawn face; genuine passes and badges are changed, cut, lengthened, mixed and forged, or made of
nothing; what the right reason is follows from how a code was made, not from the code that is tested.

    python benchmarks/fuzz_passes.py --codes 100000
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from limen.bootstrap import Site, open_site
from limen.core.base45 import ALPHABET, encode
from limen.core.frame import Frame, SourceKind
from limen.core.match import Recognised, UnknownReason
from limen.core.passes import PassId, PassTerms, SiteSecret
from limen.core.people import GivenHow, SiteKind
from limen.core.probe import ModelId
from limen.flows.making_pass import PassPlan
from limen.flows.present import Present
from limen.frames.drawn import PERSON, draw_face
from limen.gallery.passes import SealedCodec
from limen.gallery.sealed import SecretLock
from limen.ledger.texts import agreement_text

Made = tuple[bytes | str, UnknownReason | None]
DAY = timedelta(days=1)
OVERSIZED, UNREADABLE = UnknownReason.CODE_OVERSIZED, UnknownReason.CODE_UNREADABLE


class Fuzzer:
    """Makes codes together with the reason they have to be refused for."""

    def __init__(self, site: Site, rng: np.random.Generator) -> None:
        self.rng, self.site = rng, site
        self.now = site.clock.now()
        pixels = draw_face(PERSON, side_px=512)
        self.frame = Frame(pixels=pixels, captured_at=self.now, source="drawn", kind=SourceKind.BUNDLED)
        self.genuine = self._issued("Ada")
        revoked = self._issued("Max")
        self.site.passes.revoke(revoked[0])
        self.revoked = revoked[1]
        self.badge = site.passes.enrol_sealed([self.frame], name="Bea", agreement_id=self._agreed()).badge
        with site.store.read() as unit:
            self.key = unit.passes.key(at=self.now)
        self.model_id = site.calibration.model_id
        (self.probe,) = site.vision.assess(self.frame, site.vision.detect(self.frame))[0]
        self.vector = self.probe.embedding
        self.now = site.clock.now()

    def _agreed(self) -> str:
        return self.site.agree(agreement_text("en"), how=GivenHow.SIMULATED, validity=30 * DAY).agreement_id

    def _issued(self, name: str) -> tuple[str, bytes]:
        plan = PassPlan(validity=DAY)
        issued = self.site.passes.issue([self.frame], name=name, agreement_id=self._agreed(), plan=plan)  # type: ignore[arg-type]
        return issued.record.terms.pass_id, issued.code

    def kinds(self) -> dict[str, Callable[[], Made]]:
        """Every way a code is made."""
        return {
            "genuine": lambda: (self._dress(self.genuine[1]), None),
            "bytes changed": self.changed,
            "cut off": self.cut,
            "lengthened": self.longer,
            "random bytes": self.random_bytes,
            "random behind a right head": self.headed,
            "random text": self.random_text,
            "two passes mixed": self.mixed,
            "forged with another key": self.forged,
            "foreign site": self.foreign,
            "unknown key": self.unknown_key,
            "another model": self.other_model,
            "ended": lambda: self.timed(from_hours=-48, hours=24, reason=UnknownReason.PASS_EXPIRED),
            "not yet": lambda: self.timed(from_hours=2, hours=24, reason=UnknownReason.PASS_NOT_YET_VALID),
            "revoked": lambda: (self._dress(self.revoked), UnknownReason.PASS_REVOKED),
            "never issued": lambda: self.timed(from_hours=-1, hours=24, reason=UnknownReason.PASS_REVOKED),
            "badge changed": self.badge_changed,
            "badge of another site": lambda: (self._dress(SecretLock(b"else").new()), UnknownReason.CODE_FOREIGN),
        }

    def changed(self) -> Made:
        """One to eight bytes of a genuine pass are others; the first of them that is looked at decides."""
        raw = bytearray(self.genuine[1])
        places = self.rng.choice(len(raw), size=int(self.rng.integers(1, 9)), replace=False)
        if self.rng.random() < 0.2:
            places[0] = self.rng.integers(0, 6)
        for place in places:
            raw[place] ^= int(self.rng.integers(1, 256))
        return self._dress(bytes(raw)), self._expected(bytes(raw))

    def cut(self) -> Made:
        """The end is missing."""
        raw = self.genuine[1][: int(self.rng.integers(0, 244))]
        return self._dress(raw), UNREADABLE if len(raw) <= 116 else UnknownReason.PASS_ALTERED

    def longer(self) -> Made:
        """Something follows."""
        raw = self.genuine[1] + self.rng.bytes(int(self.rng.integers(1, 500)))
        return self._dress(raw), OVERSIZED if len(raw) > 400 else UnknownReason.PASS_ALTERED

    def random_bytes(self) -> Made:
        """Nothing of limen."""
        raw = self.rng.bytes(int(self.rng.integers(0, 600)))
        return encode(raw), OVERSIZED if len(raw) > 400 else self._expected(raw)

    def headed(self) -> Made:
        """A right beginning and nothing behind it."""
        raw = self.genuine[1][:6] + self.rng.bytes(int(self.rng.integers(0, 390)))
        return self._dress(raw), UNREADABLE if len(raw) <= 116 else UnknownReason.PASS_ALTERED

    def random_text(self) -> Made:
        """Characters outside the alphabet, or too many of it."""
        letters = ALPHABET + "abcäöü\n\x00€"
        text = "".join(letters[int(place)] for place in self.rng.integers(0, len(letters), 300)) + "ä"
        if self.rng.random() < 0.3:
            return text * 3, OVERSIZED
        return text, UNREADABLE

    def mixed(self) -> Made:
        """The front of one genuine pass and the back of another."""
        place = int(self.rng.integers(7, 243))
        return self._dress(self.genuine[1][:place] + self.revoked[place:]), UnknownReason.PASS_ALTERED

    def forged(self) -> Made:
        """Whole and well formed, made by somebody who has another key."""
        key = replace(self.key, secret=self.rng.bytes(32))
        return self._sealed(key=key), UnknownReason.PASS_ALTERED

    def foreign(self) -> Made:
        """Genuine, of another site."""
        return self._sealed(
            codec=SealedCodec(self.rng.bytes(3) + b"?", models=[self.model_id])
        ), UnknownReason.CODE_FOREIGN

    def unknown_key(self) -> Made:
        """Genuine once, with a key that is gone."""
        key = replace(self.key, number=int(self.rng.integers(2, 256)))
        return self._sealed(key=key), UnknownReason.PASS_KEY_UNKNOWN

    def other_model(self) -> Made:
        """Genuine, of a model that is not in use."""
        model_id = ModelId(f"model-{self.rng.integers(1 << 30)}")
        return self._sealed(model_id=model_id), UnknownReason.CODE_OTHER_MODEL

    def timed(self, *, from_hours: int, hours: int, reason: UnknownReason) -> Made:
        """Genuine, with these dates, under an alias that the store does not know."""
        return self._sealed(valid_from=self.now + timedelta(hours=from_hours), hours=hours), reason

    def badge_changed(self) -> Made:
        """A genuine badge with one other byte, or with one less."""
        raw = bytearray(self.badge)
        if self.rng.random() < 0.2:
            return self._dress(bytes(raw[:-1])), UNREADABLE
        place = int(self.rng.integers(0, len(raw)))
        raw[place] ^= int(self.rng.integers(1, 256))
        if place == 0:
            return self._dress(bytes(raw)), UNREADABLE
        return self._dress(bytes(raw)), UnknownReason.CODE_FOREIGN if place < 5 else UnknownReason.BADGE_UNKNOWN

    def _expected(self, raw: bytes) -> UnknownReason:
        """By the layout alone: which byte that differs from the genuine pass's is looked at first."""
        head = self.genuine[1]
        if raw[:1] == self.badge[:1]:
            return UNREADABLE if len(raw) != 25 else UnknownReason.CODE_FOREIGN
        if len(raw) <= 116 or raw[0] != head[0]:
            return UNREADABLE
        if raw[2:6] != head[2:6]:
            return UnknownReason.CODE_FOREIGN
        return UnknownReason.PASS_KEY_UNKNOWN if raw[1] != head[1] else UnknownReason.PASS_ALTERED

    def _dress(self, raw: bytes) -> bytes | str:
        """Raw where raw bytes can be told from a text, else one of the texts that readers give."""
        forms: list[bytes | str] = [encode(raw), encode(raw).encode(), encode(raw) + "\r\n"]
        if raw and raw[0] >= 0x80:
            forms.append(raw)
        return forms[int(self.rng.integers(len(forms)))]

    def _sealed(
        self,
        *,
        key: SiteSecret | None = None,
        codec: SealedCodec | None = None,
        model_id: ModelId | None = None,
        valid_from: datetime | None = None,
        hours: int = 24,
    ) -> bytes | str:
        key, since = key or self.key, (valid_from or self.now).replace(microsecond=0)
        terms = PassTerms(
            pass_id=PassId(self.rng.bytes(8).hex()),
            valid_from=since,
            valid_until=since + timedelta(hours=hours),
            model_id=model_id or self.model_id,
            key_number=key.number,
        )
        return self._dress((codec or self.site.passes.codec).seal(self.vector, terms=terms, key=key))


def _answers(present: Present, fuzzer: Fuzzer, codes: int) -> Iterator[tuple[str, str]]:
    kinds = fuzzer.kinds()
    names = list(kinds)
    for number in range(codes):
        name = names[number % len(names)]
        code, expected = kinds[name]()
        try:
            match = present(code, [fuzzer.probe], at=fuzzer.now)
        except Exception as error:  # noqa: BLE001  what this looks for
            yield name, f"error {type(error).__name__}"
            continue
        found = None if isinstance(match, Recognised) else match.reason
        yield name, "right" if found is expected else f"{found} instead of {expected}"


def main() -> None:
    """Read arguments, run, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codes", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    started = time.perf_counter()
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder, open_site(Path(folder) / "site", create=SiteKind.TRIAL) as site:
        fuzzer = Fuzzer(site, np.random.default_rng(arguments.seed))
        for name, said in _answers(site.passes.present, fuzzer, arguments.codes):
            found.setdefault(name, Counter())[said] += 1
    wrong = {name: {k: n for k, n in counts.items() if k != "right"} for name, counts in found.items()}
    report = {
        "codes": arguments.codes,
        "seed": arguments.seed,
        "errors": sum(n for counts in found.values() for said, n in counts.items() if said.startswith("error")),
        "wrong": {name: counts for name, counts in wrong.items() if counts},
        "right": {name: counts["right"] for name, counts in found.items()},
        "made_on": datetime.now(UTC).date().isoformat(),  # noqa: TID251  a date in a report
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(report, indent=1, default=str))


if __name__ == "__main__":
    main()
