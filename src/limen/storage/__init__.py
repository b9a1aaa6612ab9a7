"""storage: a site's database, keys and transactions; what was acknowledged stays, what was withdrawn is gone."""

from __future__ import annotations

from limen.storage.engine import Options
from limen.storage.session import Session
from limen.storage.site import open_site
from limen.storage.store import Rooms, SqlStore

__all__ = ["Options", "Rooms", "Session", "SqlStore", "open_site"]
