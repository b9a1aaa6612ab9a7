"""The seams of limen are a closed list: a new one, or a new verb on one, is a decision and not an accident."""

from __future__ import annotations

import inspect

import pytest

from limen.core import door_ports, ports

_PORTS = {
    "Actuator": {"close", "open"},
    "AgreementStore": {"add", "all", "bind", "destroy", "get", "proof", "unused"},
    "AuditLog": {"append", "check", "gone", "records", "sign", "verify"},
    "Clock": {"now"},
    "Comparer": {"compare"},
    "DoorSensor": {"close", "signals"},
    "EventSink": {"close", "publish"},
    "FrameSource": {"close", "frames", "kind"},
    "Gallery": {"compare", "compare_with", "may_be_enrolled", "protect", "refresh", "search", "search_frame"},
    "InvitationStore": {"add", "all", "destroy", "expired", "pictures"},
    "SkinThermometer": {"alarm", "close", "forget", "liveness", "outcome", "see"},
    "Store": {"begin", "close", "read", "site_kind"},
    "SubjectStore": {
        "add",
        "alias",
        "all",
        "confirm",
        "count",
        "destroy",
        "expired",
        "generation",
        "get",
        "issue_code",
        "redeem_code",
        "references",
        "renew",
        "unconfirmed",
    },
    "ThermalSource": {"close", "frames", "kind"},
    "UnitOfWork": {"agreements", "audit", "commit", "doors", "invitations", "operators", "rights", "subjects"},
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


def test_the_list_of_ports_is_pinned() -> None:
    """These ports and no others."""
    assert sorted(_PORTS) == list(ports.__all__)
    assert sorted(_DOOR_PORTS) == list(door_ports.__all__)


@pytest.mark.parametrize("name", sorted(_PORTS | _DOOR_PORTS))
def test_the_verbs_of_a_port_are_pinned(name: str) -> None:
    """A port offers these verbs and no others, and each has a docstring."""
    port = getattr(ports if name in _PORTS else door_ports, name)
    public = {verb: what for verb, what in inspect.getmembers(port) if not verb.startswith("_")}
    assert (_PORTS | _DOOR_PORTS)[name] == set(public)
    assert all(what.__doc__ for what in public.values())


@pytest.mark.parametrize("name", sorted(_PORTS | _DOOR_PORTS))
def test_a_port_is_a_protocol(name: str) -> None:
    """Adapters need not know the port to implement it."""
    assert getattr(getattr(ports if name in _PORTS else door_ports, name), "_is_protocol", False)
