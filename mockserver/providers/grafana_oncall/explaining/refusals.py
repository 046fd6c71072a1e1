"""Why Grafana OnCall refuses: by what the check or the model said."""

from __future__ import annotations

from mockserver.core.clues import (
    below,
    both,
    has_body,
    method,
    operation,
)
from mockserver.core.errors import (
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    Refusal,
    Throttled,
)
from mockserver.core.explaining import Case, Cases, Clue, Facts, When, when
from mockserver.providers.grafana_oncall.actions import BadDelay, Obstacle
from mockserver.providers.grafana_oncall.body_checks import BadMode
from mockserver.providers.grafana_oncall.checks import ServiceAccountRefused
from mockserver.providers.grafana_oncall.explaining.alert_groups import GROUPS
from mockserver.providers.grafana_oncall.explaining.bodies import REFUSED as OF_BODIES
from mockserver.providers.grafana_oncall.explaining.notes import MESSAGES, NOTES
from mockserver.providers.grafana_oncall.explaining.postmortems import POSTMORTEMS, by_robot
from mockserver.providers.grafana_oncall.explaining.users import USERS
from mockserver.providers.grafana_oncall.filters import BadFilter
from mockserver.providers.grafana_oncall.model import OrganizationGone
from mockserver.providers.grafana_oncall.notes import ForeignSource
from mockserver.providers.grafana_oncall.quirks import Defect

BEFORE_THE_BODY = "; looked up before the body was read"


def _has_id(facts: Facts) -> bool:
    return "id" in facts.path


def _other_format(facts: Facts) -> bool:
    return facts.request.argument("format") not in (None, "", "json")


def _filtered(facts: Facts) -> bool:
    return bool(facts.request.argument("alert_group_id"))


def _reason(*reasons: str) -> When:
    return lambda facts: getattr(facts.refusal, "reason", "") in reasons


def _answer_has(name: str) -> When:
    return lambda facts: name in facts.answered


def _odd_delay(facts: Facts) -> bool:
    return "delay" in facts.sent and not isinstance(facts.sent["delay"], int | str)


def _missing_delay(facts: Facts) -> bool:
    return isinstance(facts.refusal, BadDelay) and facts.refusal.missing


def _backwards(facts: Facts) -> bool:
    first, _, last = (facts.request.argument("started_at") or "").partition("_")
    return bool(last) and first > last


def _of_obstacle(facts: Facts) -> str:
    verb, obstacle = facts.refusal.args if isinstance(facts.refusal, Obstacle) else ("", "")
    return (
        f"refused: the state of the alert group stands against it; {verb} is not for one that is {obstacle}"
    )


def _lookup(noun: str, path: str, mismatch: tuple[str, ...], *rules: str | Clue) -> Cases:
    """Not found, by what was looked for."""
    both_ways = (when(has_body, "order.lookup-before-body"),)
    return (
        Case(
            f"refused: there is no such {noun}, or alert_group_id names another alert group{BEFORE_THE_BODY}",
            (*mismatch, *rules, *both_ways),
            both(below(path), _filtered),
        ),
        Case(
            f"refused: the {noun} does not exist, or is another organization's{BEFORE_THE_BODY}",
            (*rules, *both_ways),
            below(path),
        ),
    )


_RIGHTS_FIRST = when(_has_id, "order.rights-before-lookup")
_ROLE_RULES = (
    when(below(POSTMORTEMS), "role.viewer-only-reads"),
    when(below(MESSAGES), "message.rights"),
    when(below(NOTES), "note.rights"),
    when(below(GROUPS), "group.rights"),
    when(below(USERS), "user.rights"),
)

REFUSED: dict[type[Refusal], Cases] = {
    **OF_BODIES,
    OrganizationGone: (
        Case("refused: the organization of the token has been deleted", ("auth.deleted-organization",)),
    ),
    NotAuthenticated: (
        Case(
            "refused: the token is an inactive user's",
            ("auth.inactive-user", _RIGHTS_FIRST),
            _reason("inactive"),
        ),
        Case(
            "refused: the request has no token",
            ("auth.bad-token", "auth.raw-token", _RIGHTS_FIRST),
            _reason("missing"),
        ),
        Case(
            "refused: the value of Authorization is nobody's token",
            ("auth.bad-token", "auth.raw-token", _RIGHTS_FIRST),
        ),
    ),
    ServiceAccountRefused: (
        Case("refused: service accounts may not act on alert groups", ("account.actions",)),
    ),
    NotPermitted: (
        Case(
            "refused: the caller's role does not permit it; asked before anything was looked up",
            (*_ROLE_RULES, _RIGHTS_FIRST, when(by_robot, "account.roles")),
        ),
    ),
    Throttled: (
        Case(
            "refused: the caller has used up its requests of the last 60 seconds",
            (
                "rate.limit",
                "rate.answer",
                "rate.shared",
                "rate.what-counts",
                when(by_robot, "rate.service-account"),
            ),
        ),
    ),
    NotFound: (
        Case("refused: there is no other format than json", ("accept.format-parameter",), _other_format),
        Case(
            "refused: a service account is no current user",
            ("account.current",),
            operation("get_current_user"),
        ),
        *_lookup(
            "postmortem",
            POSTMORTEMS,
            ("get.filter-mismatch",),
            "get.unknown-id",
            "tenant.others-are-invisible",
            "delete.removes",
        ),
        *_lookup("message", MESSAGES, ("message.list",), "message.delete", "message.rights"),
        *_lookup("note", NOTES, ("note.list.filter",), "note.delete", "note.tenant"),
        *_lookup("alert group", GROUPS, (), "group.unknown", when(method("GET"), "group.delete.delete")),
        Case("refused: the user does not exist, or is another organization's", ("user.unknown",)),
    ),
    MethodNotAllowed: (
        Case(
            "refused: the path has no operation of this method",
            (when(below(USERS), "user.read-only"), "method.unsupported"),
        ),
    ),
    NotAcceptable: (Case("refused: the client accepts no JSON", ("accept.excludes-json",)),),
    ForeignSource: (
        Case(
            "refused: the note was not written here, so its text is not changed here",
            ("note.foreign-patch-without-text", "note.source"),
            both(method("PATCH"), lambda facts: "text" not in facts.sent),
        ),
        Case("refused: the note was not written here, so its text is not changed here", ("note.source",)),
    ),
    Obstacle: (Case(_of_obstacle, ("group.action.conflicts",)),),
    BadDelay: (
        Case("refused: a silence needs a delay", ("group.silence.delay",), _missing_delay),
        Case(
            "refused: the delay is no number of seconds that a silence could last",
            ("group.silence.odd-delay", "group.silence.delay"),
            _odd_delay,
        ),
        Case(
            "refused: the delay is no number of seconds that a silence could last",
            ("group.silence.delay", "group.silence.odd-delay"),
        ),
    ),
    BadMode: (
        Case(
            "refused: no such mode of deleting an alert group",
            ("group.delete.mode",),
            lambda facts: isinstance(facts.refusal, BadMode) and facts.refusal.words == "Invalid mode",
        ),
        Case("refused: the body is no object", ("group.delete.no-object",)),
    ),
    BadFilter: (
        Case(
            "refused: no row of the database has this number",
            ("note.list.row-number",),
            _answer_has("alert_group"),
        ),
        Case("refused: state is none of the four words", ("group.filter.state",), _answer_has("state")),
        Case(
            "refused: team_id names no team of the organization",
            ("group.filter.team", "group.filter.team-words"),
            _answer_has("team_id"),
        ),
        Case(
            "refused: the range of started_at ends before it starts",
            ("group.filter.backwards", "group.filter.started-at"),
            _backwards,
        ),
        Case("refused: started_at is no range of two moments", ("group.filter.started-at",)),
    ),
    Defect: (
        Case(
            "failed: a known defect of the engine, methods without an operation",
            ("quirk.methods",),
            operation("options", "method_not_allowed"),
        ),
        Case(
            "failed: a known defect of the engine, tokens outside ASCII",
            ("quirk.token",),
            lambda facts: not (facts.request.headers.joined("authorization") or "").isascii(),
        ),
        Case(
            "failed: a known defect of the engine, delays that are no number",
            ("quirk.delay",),
            both(operation("silence_alert_group"), lambda facts: "delay" in facts.sent),
        ),
        Case(
            "failed: a known defect of the engine, PATCH of a note without a text",
            ("quirk.patch-without-text",),
            both(method("PATCH"), below(NOTES, MESSAGES), lambda facts: facts.request.body.count(b"[") < 200),
        ),
        Case("failed: a known defect of the engine, JSON nested too deeply", ("quirk.nesting",)),
    ),
}
