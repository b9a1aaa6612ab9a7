"""What the service keeps, of a store in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from limen.core.accounts import Account, ApiToken, GivenAnswer, KeptItem, OneTimeLink, SessionRecord
from support.memory_state import MemoryState

__all__ = ["MemoryService"]

Item = TypeVar("Item", bound=KeptItem)


class MemoryService:
    """Implements `limen.core.accounts.ServiceStore`."""

    def __init__(self, state: MemoryState) -> None:
        self.accounts = _MemoryKept[Account](state.accounts)
        self.sessions = _MemoryKept[SessionRecord](state.sessions)
        self.tokens = _MemoryKept[ApiToken](state.tokens)
        self.links = _MemoryKept[OneTimeLink](state.links)
        self.answers = _MemoryKept[GivenAnswer](state.answers)


class _MemoryKept(Generic[Item]):
    """Implements `limen.core.accounts.Kept`."""

    def __init__(self, items: dict[str, Item]) -> None:
        self._items = items

    def put(self, item: Item) -> None:
        """Store an item."""
        self._items[item.key] = item

    def get(self, key: str) -> Item | None:
        """The item, or None."""
        return self._items.get(key)

    def all(self) -> tuple[Item, ...]:
        """Every item."""
        return tuple(self._items.values())

    def remove(self, key: str) -> bool:
        """Forget an item."""
        return self._removed(lambda item: item.key == key) == 1

    def remove_of(self, holder: str) -> int:
        """Forget what is somebody's."""
        return self._removed(lambda item: item.holder == holder)

    def prune(self, *, at: datetime) -> int:
        """Forget what has ended."""
        return self._removed(lambda item: item.until is not None and item.until <= at)

    def _removed(self, ends: Callable[[Item], bool]) -> int:
        gone = [key for key, item in self._items.items() if ends(item)]
        for key in gone:
            del self._items[key]
        return len(gone)
