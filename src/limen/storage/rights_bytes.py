"""What is laid down for a person as the bytes that are sealed: under the person's key, or under an invitation's."""

from __future__ import annotations

import json

from limen.core.people import Rights

__all__ = ["rights_bytes", "rights_of"]


def rights_bytes(rights: Rights) -> bytes:
    """JSON, keys sorted."""
    told = {
        "groups": sorted(rights.groups),
        "badge": rights.badge,
        "pin_hash": rights.pin_hash,
        "frozen": rights.frozen,
    }
    return json.dumps(told, sort_keys=True).encode()


def rights_of(plain: bytes) -> Rights:
    """What `rights_bytes` wrote, also before there were incidents.

    Raises:
        KeyError, ValueError: it did not write this.
    """
    told = json.loads(plain)
    return Rights(
        groups=frozenset(told["groups"]),
        badge=told["badge"],
        pin_hash=told["pin_hash"],
        frozen=told.get("frozen", False),
    )
