r"""A protocol with more people enrolled: some of its strangers are enrolled instead, and are strangers no more.

They have no probes of their own, so they only make the search harder; the mated probes stay the same. Whoever is known
or suspected to be there under two names is neither enrolled nor a stranger: among few strangers one such pair decides.

    python benchmarks/larger_gallery.py --protocol openset.json --not-apart suspected-labels.csv --enrolled 1000 \
        > openset-1000.json
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

from limen.cli.evaluate import read_apart


def main() -> None:
    """Read arguments, print the protocol."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--protocol", type=Path, required=True)
    parser.add_argument("--not-apart", type=Path, required=True)
    parser.add_argument("--enrolled", type=int, required=True)
    arguments = parser.parse_args()
    protocol = json.loads(arguments.protocol.read_text("utf-8"))
    doubtful = {person for pair in read_apart(arguments.not_apart) for person in pair}
    strangers = [name for name in protocol["nonmated_probes"] if name.split("/", 1)[0] not in doubtful]
    by_lot = sorted(strangers, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    more = arguments.enrolled - len(protocol["gallery"])
    if not 0 <= more < len(by_lot):
        raise SystemExit(f"--enrolled: from {len(protocol['gallery'])} to {len(protocol['gallery']) + len(by_lot) - 1}")
    enrolled = {name.split("/", 1)[0]: [name] for name in by_lot[:more]}
    if len(enrolled) < more or enrolled.keys() & protocol["gallery"].keys():
        raise SystemExit("--protocol: a stranger with several probes cannot be enrolled by one and searched by another")
    protocol["gallery"] |= enrolled
    protocol["nonmated_probes"] = sorted(by_lot[more:])
    print(json.dumps(protocol, indent=1))


if __name__ == "__main__":
    main()
