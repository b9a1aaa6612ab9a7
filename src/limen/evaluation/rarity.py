"""A rate in words people can picture."""

from __future__ import annotations

__all__ = ["per", "strangers"]

_OFTEN = 0.1
_RAREST = 1e-7


def per(rate: float) -> str:
    """``1 in 20,000`` rather than 5e-05; below 1e-7, where no calibration reaches, only a bound."""
    if rate >= _OFTEN:
        return f"{100 * rate:.0f} %"
    if rate < _RAREST:
        return "fewer than 1 in 10,000,000"
    shown = 1.0 / rate
    return f"1 in {round(shown, 2 - len(str(int(shown)))):,.0f}"


def strangers(rate: float) -> str:
    """How many strangers: ``1 in 20,000 strangers``, ``12 % of strangers``."""
    return f"{per(rate)} of strangers" if rate >= _OFTEN else f"{per(rate)} strangers"
