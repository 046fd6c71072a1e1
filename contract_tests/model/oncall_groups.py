"""Judges alert groups of Grafana OnCall: what actions do and who stands against them, and what filters find."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from contract_tests.exchange import Asked, Exchange
from contract_tests.model.oncall_forms import Page, group_wrong, json_of, refusal_wrong
from contract_tests.model.oncall_request import GROUPS, UNSURE, Json, Refused, Route, Sure, read_body
from contract_tests.model.oncall_world import NOTE, POSTMORTEM, Group, Person, World
from contract_tests.model.shadow import brief

OBSTACLES = {  # in the order in which they are looked at
    "acknowledge": ("acknowledged", "resolved", "attached", "maintenance"),
    "unacknowledge": ("unacknowledged", "resolved", "attached", "maintenance"),
    "resolve": ("resolved", "attached"),
    "unresolve": ("unresolved", "attached", "maintenance"),
    "silence": ("resolved", "acknowledged", "attached"),
    "unsilence": ("unsilenced", "resolved", "acknowledged", "attached"),
}
MOVING = ("state", "resolved_at", "resolved_by", "acknowledged_at", "acknowledged_by", "silenced_at")
STATES = {"new": "firing", "acknowledged": "acknowledged", "resolved": "resolved", "silenced": "silenced"}


def an(adjective: str) -> str:
    return f"{'an' if adjective[0] in 'aeiou' else 'a'} {adjective}"


class AlertGroups:
    def __init__(self, world: World, *, strict: bool) -> None:
        self._world, self._strict = world, strict

    def row_wrong(self, person: Person, shown: Json) -> Iterator[str]:
        """What is wrong with a group that somebody is shown; learns it as it is."""
        if wrong := list(group_wrong(shown, strict=self._strict)):
            yield from wrong
            return
        known = self._world.groups.get(shown["id"])
        if shown["id"] in self._world.gone:
            yield f"group.delete.delete: shows {shown['id']}, which was deleted"
        elif known is None:
            if self._world.is_complete(person.organization, GROUPS):
                yield f"group.list: shows {shown['id']}, which was not there"
            self._world.groups[shown["id"]] = Group(shown, person.organization)
        elif known.organization != person.organization:
            yield f"group.unknown: shows {shown['id']} of another organization"
        else:
            yield from self._changed(known, shown)
            known.body, known.moved = shown, False

    def _changed(self, known: Group, shown: Json) -> Iterator[str]:
        for name, value in shown.items():
            before = known.body.get(name, UNSURE)
            if before is UNSURE or value == before or name == "permalinks":
                continue
            free = known.moved and (name in MOVING or known.wiped)
            if not free and (not self._world.shared or name in ("id", "created_at")):
                yield f"group.action.effects: {name} of {shown['id']} is {brief(value)}, not {brief(before)}"

    def act(self, person: Person, route: Route, exchange: Exchange) -> Iterator[str]:
        """An action by somebody who may act, on a group that there is."""
        answered, group = exchange.answered, self._world.groups.get(route.id)
        assert answered is not None
        delay: int | Sure = UNSURE
        if route.verb == "silence":
            read = self._delay(exchange.asked)
            if isinstance(read, Refused):
                yield from refusal_wrong(exchange, read)
                return
            delay = read
        refusals = [{"detail": f"Can't {route.verb} {an(it)} alert group"} for it in OBSTACLES[route.verb]]
        if answered.status == 400 and delay is UNSURE and route.verb == "silence":
            return
        if answered.status not in (200, 400) or (
            answered.status == 400 and json_of(answered) not in refusals
        ):
            yield f"group.action.conflicts: answers {answered.status} {brief(answered.body)}"
            return
        obstacle = None
        if answered.status == 400:
            obstacle = OBSTACLES[route.verb][refusals.index(json_of(answered))]
        elif answered.body:
            yield f"group.action.effects: a done action answers {brief(answered.body)}"
        if group is None or self._world.shared:
            return
        yield from self._conflict_wrong(group, route, obstacle)
        if obstacle is None:
            self._take(person, group, route.verb, delay)

    def _conflict_wrong(self, group: Group, route: Route, obstacle: str | None) -> Iterator[str]:
        body = group.body
        stands = {
            "acknowledged": bool(body["acknowledged_at"]),
            "resolved": bool(body["resolved_at"]),
            "unacknowledged": not body["acknowledged_at"],
            "unresolved": not body["resolved_at"],
            "unsilenced": not body["silenced_at"],
            "attached": group.attached,
            "maintenance": group.maintenance,
        }
        if group.moved or any(body[name] is UNSURE for name in MOVING):
            return
        names = OBSTACLES[route.verb]
        first = next((name for name in names if stands[name]), None)
        if obstacle in ("attached", "maintenance") and stands[obstacle] is None:
            if first is not None and names.index(first) < names.index(obstacle):
                yield f"group.action.conflicts: refused as {obstacle}, but it is {first}"
            setattr(group, obstacle, True)
        elif obstacle != first:
            yield f"group.action.conflicts: {route.verb} was refused as {obstacle}, and not as {first}"

    def _take(self, person: Person, group: Group, verb: str, delay: int | Sure) -> None:
        group.attached = False
        group.maintenance = False if "maintenance" in OBSTACLES[verb] else group.maintenance
        now: dict[str, object] = {}
        if verb in ("acknowledge", "resolve"):
            who = self._world.ids.get(person.token, UNSURE)
            now = {f"{verb}d_at": UNSURE, f"{verb}d_by": who, "silenced_at": None, "state": f"{verb}d"}
        elif verb in ("unresolve", "unacknowledge"):
            now = {"acknowledged_at": None, "acknowledged_by": None, "resolved_at": None, "resolved_by": None}
            now["state"] = "silenced" if group.body["silenced_at"] else "firing"
        elif verb == "unsilence":
            now = {"silenced_at": None, "state": "firing"}
        else:
            lasts = delay is not UNSURE and (delay == -1 or delay >= 3600)
            now = {"silenced_at": UNSURE, "state": "silenced" if lasts else UNSURE}
            if delay == 0:
                now = {"silenced_at": None, "state": "firing"}
        group.body = {**group.body, **now}
        for other in self._world.groups.values():
            if other is not group and other.attached is not False:
                other.moved = True

    def _delay(self, asked: Asked) -> int | Sure | Refused:
        body = read_body(asked)
        if not isinstance(body, dict):
            return body if isinstance(body, Refused) else UNSURE
        delay = body.get("delay")
        if delay is None:
            return Refused(400, {"detail": "delay is required"}, "group.silence.delay")
        wrong = Refused(400, {"detail": "invalid delay value"}, "group.silence.delay")
        if isinstance(delay, str) and re.fullmatch("[1-9][0-9]{0,9}", delay):
            return int(delay)
        if isinstance(delay, bool) or (isinstance(delay, str) and re.fullmatch(r"\s*[+-]?[\d_]+\s*", delay)):
            return UNSURE
        if isinstance(delay, int) and -1 <= delay <= 100_000_000_000:
            return delay
        return wrong

    def delete(self, route: Route, exchange: Exchange) -> Iterator[str]:
        """By somebody who may, of a group that there is. What a deployment does a moment later is in doubt."""
        answered, world = exchange.answered, self._world
        assert answered is not None
        body = read_body(exchange.asked)
        group = world.groups.get(route.id)
        refusal: Refused | None = None
        if isinstance(body, dict):
            mode = body.get("mode", "wipe")
            if not isinstance(mode, str) or mode not in ("wipe", "delete"):
                refusal = Refused(400, "Invalid mode", "group.delete.mode")
        elif body is not UNSURE and not isinstance(body, Refused):
            refusal = Refused(400, "A dict with a `mode` key is expected", "group.delete.no-object")
        if refusal:
            if (answered.status, json_of(answered)) != (400, refusal.body):
                yield f"{refusal.rule}: answers {answered.status} {brief(answered.body)}, not 400 {refusal.body!r}"
            return
        if answered.status != 204:
            if isinstance(body, dict):
                yield f"group.delete.wipe: answers {answered.status} {brief(answered.body)}, not 204"
            return
        if not isinstance(body, dict) or world.shared:
            world.doubt(group.organization if group else None)
        elif group is not None and body.get("mode") == "delete":
            for kind in (POSTMORTEM, NOTE):
                for record in world.listed(group.organization, kind, route.id):
                    world.remove(record)
            world.stir(group.organization, GROUPS)
            del world.groups[route.id]
        elif group is not None:
            group.moved = group.wiped = True

    def page_wrong(self, person: Person, asked: Asked, page: Page) -> Iterator[str]:
        wrong = [said for row in page.rows for said in self.row_wrong(person, row)]
        if wrong:
            yield from wrong
            return
        starts = [row["created_at"] for row in page.rows]
        times = [datetime.fromisoformat(start) for start in starts]
        if times != sorted(times, reverse=True):
            yield f"group.list: page {page.number} shows the starts {starts}"
        for row in page.rows:
            if meets(row, asked) is False:
                yield f"group.filter.together: asked {asked.target}, shows {brief(row, 500)}"
        mine = [(id_, g) for id_, g in self._world.groups.items() if g.organization == person.organization]
        known = [(id_, meets(group.body, asked)) for id_, group in mine]
        if self._world.is_complete(person.organization, GROUPS):
            if not any(fits is None for _, fits in known) and not any(group.moved for _, group in mine):
                found = [id_ for id_, fits in known if fits]
                found.sort(key=lambda id_: self._world.groups[id_].started, reverse=True)
                seen = [row["id"] for row in page.rows]
                wanted = found[page.start : page.start + page.size]
                if page.count != len(found) or sorted(seen) != sorted(wanted):
                    yield f"group.filter.together: {asked.target}: {page.count} {seen}, not {len(found)} {wanted}"
        elif not any(name in FILTERS for name, _ in asked.query):
            self._world.walk(person.organization, GROUPS, page.start, page.rows, page.count)


FILTERS = ("id", "integration_id", "route_id", "team_id", "state", "started_at", "label")


def meets(group: Json, asked: Asked) -> bool | None:
    """Whether a group meets the filters of a list; None if the rules do not say."""
    named = [(name, value) for name, value in asked.query if name in FILTERS]
    if len({name for name, _ in named}) < len(named) or any(not v.isprintable() for _, v in named):
        return None
    verdicts = [_meets(group, name, value) for name, value in named if value]
    return None if None in verdicts else all(verdicts)


def _meets(group: Json, name: str, value: str) -> bool | None:
    if name in ("id", "integration_id", "route_id"):
        return bool(group[name] == value)
    if name == "team_id":
        return bool(group[name] == (None if value == "null" else value))
    if name == "state":
        return None if group[name] is UNSURE else bool(STATES.get(value.lower()) == group[name])
    if name == "label":
        parts = value.split(":")
        pairs = [(label["key"]["name"], label["value"]["name"]) for label in group["labels"]]
        return None if len(parts) != 2 or not all(parts) else (parts[0], parts[1]) in pairs
    ends = value.split("_")
    if len(ends) != 2 or not all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", end) for end in ends):
        return None
    try:
        first, final = (datetime.fromisoformat(end).replace(tzinfo=UTC) for end in ends)
    except ValueError:
        return None
    return first <= datetime.fromisoformat(group["created_at"]) <= final
