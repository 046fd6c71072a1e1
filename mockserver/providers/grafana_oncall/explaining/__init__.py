"""Which rules of Grafana OnCall have a hand in which answers."""

from __future__ import annotations

from mockserver.core.clues import (
    answer_header,
    anything,
    argument,
    below,
    both,
    changed,
    has_body,
    has_odd_body,
    header,
    method,
    no,
    status,
)
from mockserver.core.explaining import Case, Explainer, Facts, when
from mockserver.providers.grafana_oncall.explaining.alert_groups import DONE as OF_GROUPS
from mockserver.providers.grafana_oncall.explaining.alert_groups import GROUPS
from mockserver.providers.grafana_oncall.explaining.notes import DONE as OF_NOTES
from mockserver.providers.grafana_oncall.explaining.postmortems import DONE as OF_POSTMORTEMS
from mockserver.providers.grafana_oncall.explaining.refusals import REFUSED
from mockserver.providers.grafana_oncall.explaining.users import DONE as OF_USERS
from mockserver.providers.grafana_oncall.explaining.users import USERS


def _escaped(facts: Facts) -> bool:
    return "%" in facts.request.path


def _without_slash(facts: Facts) -> bool:
    return facts.operation is not None and not facts.request.path.endswith("/")


def _dotted(facts: Facts) -> bool:
    return "." in facts.request.path.rstrip("/").rpartition("/")[2]


EVERY = (
    when(status(429), "rate.answer"),
    when(method("HEAD"), "method.head"),
    when(_escaped, "get.escaped-id"),
    when(_without_slash, "path.slash-is-optional"),
    when(both(header("accept", "text/", "xml"), no(status(406))), "accept.excludes-json"),
    when(argument("format"), "accept.format-parameter"),
    when(header("accept-language"), "form.language"),
    when(anything(header("if-modified-since"), header("if-none-match")), "get.unconditional"),
    when(header("x-grafana-url"), "account.grafana-url"),
    when(both(below(GROUPS), method("GET"), changed("alert_groups")), "group.silence.ends"),
    when(both(has_body, header("transfer-encoding", "chunked")), "quirk.chunked"),
    when(header("x-forwarded-proto", "https"), "header.behind-https"),
    when(both(answer_header("allow"), below(GROUPS)), "group.allow"),
    when(both(answer_header("allow"), below(USERS)), "user.read-only"),
    when(both(answer_header("allow"), no(below(GROUPS, USERS))), "header.allow"),
    when(answer_header("x-frame-options"), "header.every-answer", "header.never"),
    when(header("authorization"), "auth.raw-token"),
    when(has_odd_body, "body.never-500"),
)

EXPLAINER = Explainer(
    refused=REFUSED,
    done={
        **OF_POSTMORTEMS,
        **OF_NOTES,
        **OF_GROUPS,
        **OF_USERS,
        "options": (Case("done: the view was described", ("method.options",)),),
    },
    unrouted=(
        Case(
            "not found: an id with a dot in it is no path",
            ("path.id-with-a-dot", "path.unknown-is-html"),
            _dotted,
        ),
        Case("not found: no operation has this path", ("path.unknown-is-html",)),
    ),
    crashed=(Case("the mock failed: a defect of its own", ("body.never-500",)),),
    every=EVERY,
)


def explainer() -> Explainer:
    return EXPLAINER
