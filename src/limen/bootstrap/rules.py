"""A door's rules in the hands of somebody: read, tried on what the door has decided, written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from limen.bootstrap.site import Site
from limen.core.door import DoorId
from limen.core.errors import ConfigError, RefusedError
from limen.core.ledger import AuditTag
from limen.flows.dry_run import DryRun, Told, tell
from limen.settings import Settings, settings_of
from limen.settings.editing import Field, changed_text, digest_of, fields_of, read_text, replace_file
from limen.settings.values import door_of, fpir_of, policy_of

__all__ = ["Rules", "RulesNow"]

_DECIDED = frozenset({AuditTag.DOOR_DECIDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesNow:
    """A door's rules as they stand in the file.

    Attributes:
        fields: with their values.
        version: of the rules.
        etag: of the file; a change names it, so that nobody overwrites what somebody else wrote meanwhile.
    """

    fields: tuple[Field, ...]
    version: str
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one door.

    Attributes:
        site: opened.
        door: its name.
    """

    site: Site
    door: str

    def read(self) -> RulesNow:
        """As they stand in the file now.

        Raises:
            ConfigError: there is no such door, or the file does not hold.
        """
        text = read_text(self.site.settings.data)
        settings = settings_of(text, data=self.site.settings.data)
        door = door_of(settings, self.door)
        return RulesNow(fields=fields_of(door), version=policy_of(door, settings).version, etag=digest_of(text))

    def try_out(self, filled: Mapping[str, str], *, days: int) -> Told:
        """What the door would have answered in the last days; nothing is written.

        Raises:
            ConfigError: with every mistake.
        """
        now, other = self._both(read_text(self.site.settings.data), filled)
        run = DryRun(
            door=DoorId(self.door),
            present=policy_of(door_of(now, self.door), now),
            other=policy_of(door_of(other, self.door), other),
            fpir=fpir_of(door_of(other, self.door), other),
        )
        since = self.site.clock.now() - timedelta(days=days)
        with self.site.store.read() as unit:
            return tell(run, lambda before, most: unit.audit.latest(_DECIDED, most=most, before=before), since=since)

    def write(self, filled: Mapping[str, str], *, etag: str, by: str) -> RulesNow:
        """Change the file; on record, without what was changed. Whoever runs the door starts it anew.

        One writer at a time: the file is read, compared and exchanged within one transaction of the store.

        Raises:
            RefusedError: the file was changed since it was read.
            ConfigError: with every mistake; the file is as it was.
            StorageError: the change cannot be recorded; the file is as it was.
        """
        data = self.site.settings.data
        with self.site.store.begin() as unit:
            text = read_text(data)
            if digest_of(text) != etag:
                raise RefusedError(
                    "limen.toml was changed since you read it",
                    advice="load the page again and make your change anew",
                    reason="rules_changed_meanwhile",
                )
            now, other = self._both(text, filled)
            before, after = (policy_of(door_of(one, self.door), one).version for one in (now, other))
            detail = {"door": self.door, "before": before, "after": after, "by": by}
            unit.audit.append(AuditTag.RULES_CHANGED, at=self.site.clock.now(), alias=None, detail=detail)
            door = door_of(now, self.door)
            self.site.settings = replace_file(data, changed_text(text, door=self.door, before=door, filled=filled))
            unit.commit()
        return self.read()

    def _both(self, text: str, filled: Mapping[str, str]) -> tuple[Settings, Settings]:
        """The settings of the file's text, and with the changes."""
        data = self.site.settings.data
        now = settings_of(text, data=data)
        door = door_of(now, self.door)
        unknown = sorted(set(filled) - {field.key for field in fields_of(door)})
        if unknown:
            raise ConfigError(f"{', '.join(unknown)}: not among the rules of a door", advice="edit limen.toml itself")
        return now, settings_of(changed_text(text, door=self.door, before=door, filled=filled), data=data)
