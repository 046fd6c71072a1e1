"""The two fields that a person writes: an alert group, and a text. Postmortems and notes share their rules."""

from __future__ import annotations

from mockserver.core.errors import Breach, Invalid
from mockserver.core.jsontext import surrogate
from mockserver.providers.grafana_oncall.records import Caller
from mockserver.providers.grafana_oncall.tables import Tables

GROUP = ("alert_group_id",)
TEXT = ("text",)


class Texts:
    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def owns_group(self, caller: Caller, alert_group_id: object) -> bool:
        group = self._tables.alert_groups.get(alert_group_id) if isinstance(alert_group_id, str) else None
        return group is not None and group.organization == caller.organization

    def breaches_of_new(self, caller: Caller, alert_group_id: object, text: str) -> list[Breach]:
        """Everything that keeps a record with these values from being written."""
        known = self.owns_group(caller, alert_group_id)
        return ([] if known else [Breach(GROUP, "exists", alert_group_id)]) + self.breaches_of_text(text)

    def breaches_of_text(self, text: str) -> list[Breach]:
        """What keeps a text from being written. White space at both ends does not count, and is not kept."""
        text = text.strip()
        if not text:
            return [Breach(TEXT, "blank", text)]
        breaches = []
        if "\x00" in text:
            breaches.append(Breach(TEXT, "null-characters", text))
        lone = None if text.isascii() else surrogate(text)
        if lone is not None:
            breaches.append(Breach(TEXT, "surrogates", text, expected=lone))
        return breaches

    def new(self, caller: Caller, alert_group_id: str, text: str) -> str:
        """The text to keep. Raises Invalid where the group is not the caller's or the text is none to keep."""
        breaches = self.breaches_of_new(caller, alert_group_id, text)
        if breaches:
            raise Invalid(breaches)
        return text.strip()

    def changed(self, text: str) -> str:
        breaches = self.breaches_of_text(text)
        if breaches:
            raise Invalid(breaches)
        return text.strip()
