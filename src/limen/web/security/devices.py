"""The kiosk that asks: which device it is, once its key was found to hold (`limen.web.api.kiosks`)."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from limen.core.devices import Device

__all__ = ["kiosk_of", "note_kiosk"]


def note_kiosk(connection: HTTPConnection, device: Device) -> None:
    """Note whose key came with a request."""
    connection.state.kiosk = device


def kiosk_of(connection: HTTPConnection) -> Device | None:
    """The device that asks, once its caller is known."""
    found: Device | None = getattr(connection.state, "kiosk", None)
    return found
