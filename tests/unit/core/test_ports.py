"""The seams of limen are a closed list: a new one, or a new verb on one, is a decision and not an accident."""

from __future__ import annotations

import inspect

import pytest

from limen.core import door_ports, pass_ports, ports

_PORTS = {
    "Actuator": {"close", "open"},
    "AgreementStore": {"add", "all", "bind", "destroy", "get", "proof", "unused"},
    "AuditLog": {"append", "check", "gone", "is_gone", "latest", "records", "sign", "verify"},
    "Clock": {"now"},
    "Comparer": {"compare"},
    "DoorSensor": {"close", "signals"},
    "EventSink": {"close", "publish"},
    "FrameSource": {"close", "frames", "kind"},
    "Gallery": {"compare", "compare_with", "may_be_enrolled", "protect", "refresh", "search", "search_frame"},
    "InvitationStore": {"add", "all", "destroy", "expired", "get", "pictures"},
    "SkinThermometer": {"alarm", "close", "forget", "liveness", "outcome", "see"},
    "Store": {"begin", "close", "read", "site_kind", "site_tag"},
    "SubjectStore": {
        "add",
        "alias",
        "all",
        "blocks",
        "confirm",
        "count",
        "destroy",
        "expired",
        "generation",
        "get",
        "issue_code",
        "page",
        "recapture",
        "redeem_code",
        "references",
        "references_of",
        "renew",
        "unconfirmed",
    },
    "ThermalSource": {"close", "frames", "kind"},
    "UnitOfWork": {
        "agreements",
        "audit",
        "commit",
        "devices",
        "doors",
        "incidents",
        "invitations",
        "links",
        "operators",
        "passes",
        "rights",
        "sealed",
        "service",
        "subjects",
    },
    "Vision": {"assess", "detect", "model_id", "poses"},
}


_DOOR_PORTS = {
    "DoorStore": {
        "ask",
        "asked",
        "count",
        "counts",
        "empty",
        "inside",
        "is_shut",
        "occupancy",
        "passed",
        "prune",
        "set_leaf",
        "set_standing",
        "standing",
        "take",
    },
    "RightsStore": {"get", "put"},
}


_PASS_PORTS = {
    "BadgeLock": {"locator", "lock", "new", "unlock"},
    "OneToOne": {"match"},
    "PassCodec": {"header", "open", "seal"},
    "PassStore": {"add", "all", "get", "key", "keys", "of", "revoke", "rotate"},
    "SealedStore": {"add", "find", "make_pepper", "of", "pepper", "set_wrong_pins"},
}
_ALL = _PORTS | _DOOR_PORTS | _PASS_PORTS


def test_the_list_of_ports_is_pinned() -> None:
    """These ports and no others."""
    assert sorted(_PORTS) == list(ports.__all__)
    assert sorted(_DOOR_PORTS) == list(door_ports.__all__)
    assert sorted(_PASS_PORTS) == list(pass_ports.__all__)


@pytest.mark.parametrize("name", sorted(_ALL))
def test_the_verbs_of_a_port_are_pinned(name: str) -> None:
    """A port offers these verbs and no others, and each has a docstring."""
    port = _port(name)
    public = {verb: what for verb, what in inspect.getmembers(port) if not verb.startswith("_")}
    assert _ALL[name] == set(public)
    assert all(what.__doc__ for what in public.values())


@pytest.mark.parametrize("name", sorted(_ALL))
def test_a_port_is_a_protocol(name: str) -> None:
    """Adapters need not know the port to implement it."""
    assert getattr(_port(name), "_is_protocol", False)


def _port(name: str) -> type:
    (port,) = (getattr(module, name) for module in (ports, door_ports, pass_ports) if name in module.__all__)
    assert isinstance(port, type)
    return port
