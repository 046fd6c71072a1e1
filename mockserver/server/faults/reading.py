"""From what somebody wrote to a rule: every mistake is told in one sentence that names its key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from jsonpath_rfc9535 import JSONPathError
from jsonpath_rfc9535 import compile as compile_path

from mockserver.server.faults import matching, values
from mockserver.server.faults.acting import Act
from mockserver.server.faults.bodies import of_body
from mockserver.server.faults.catalogue import Catalogue
from mockserver.server.faults.delays import LONGEST, Delay
from mockserver.server.faults.effects import Ending
from mockserver.server.faults.matching import Match, Test
from mockserver.server.faults.rules import RuleSpec
from mockserver.server.faults.values import Where, Wrong
from mockserver.server.redaction import REDACTED, SECRET_HEADERS

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
MEDIA_TYPE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?")
# In seconds.
LONGEST_RETRY_AFTER = 365 * 86_400
LATEST_WEBHOOK = 30 * 86_400
LARGEST_COUNT = 1_000_000_000
LARGEST_SEED = 1 << 63

KEYS = ("id", "match", "act", "enabled")
COUNTERS = ("seen", "hit")
OF_REQUESTS = ("operation", "method", "path", "header", "body")
OF_BOTH = ("provider", "nth", "every", "probability", "seed", "times")
ENDINGS: tuple[Ending, ...] = ("reset", "hang", "truncate")
ACTS = (
    "status",
    "retry_after",
    "delay",
    *ENDINGS,
    "drip",
    "malformed",
    "content_type",
    "stale",
    "after",
    "webhook",
)
# What needs a body, or at least an answer.
OF_ANSWERS = ("drip", "truncate", "malformed", "content_type")


def read_rules(value: object, catalogue: Catalogue, where: Where = ("rules",)) -> list[RuleSpec]:
    """Raises Wrong."""
    if not isinstance(value, list):
        raise Wrong(where, "must be a list of rules")
    return [read_rule(item, catalogue, (*where, at)) for at, item in enumerate(value)]


def read_rule(value: object, catalogue: Catalogue, where: Where = ()) -> RuleSpec:
    """The counters that a rule is shown with may stand in it, and are not read. Raises Wrong."""
    rule = values.mapping(value, where, (*KEYS, *COUNTERS))
    if "act" not in rule:
        raise Wrong((*where, "act"), "is missing")
    name = rule.get("id")
    if name is not None and not (isinstance(name, str) and ID.fullmatch(name)):
        raise Wrong((*where, "id"), "must be 64 letters, digits, dots, dashes and underscores at most")
    match = read_match(rule.get("match", {}), catalogue, (*where, "match"))
    act = read_act(rule["act"], (*where, "act"))
    given = rule.get("match", {})
    if act.webhook is None and match.event is not None:
        raise Wrong((*where, "match", "event"), "goes with act.webhook only")
    if act.webhook is not None:
        for key in OF_REQUESTS:
            if key in given:
                raise Wrong((*where, "match", key), "is about requests, and act.webhook is not")
        if given.get("provider") not in (None, *catalogue.telling):
            raise Wrong((*where, "match", "provider"), f"{given['provider']} sends no webhooks")
        if match.event is None:
            match = read_match({"event": "*", **given}, catalogue, (*where, "match"))
    enabled = values.flag(rule.get("enabled", True), (*where, "enabled"))
    shown = {"match": _shown(given), "act": rule["act"]}
    return RuleSpec(name, match, act, enabled, shown, written=rule)


def _shown(match: Mapping[str, Any]) -> Mapping[str, Any]:
    headers = match.get("header", {})
    hidden = {name: REDACTED for name, text in headers.items() if name.lower() in SECRET_HEADERS and text}
    return {**match, "header": {**headers, **hidden}} if hidden else match


def read_match(value: object, catalogue: Catalogue, where: Where) -> Match:
    given = values.mapping(value, where, (*OF_REQUESTS, *OF_BOTH, "event"))
    if "nth" in given and "every" in given:
        raise Wrong((*where, "every"), "and nth exclude each other")
    return Match(
        tests=tuple(_tests(given, catalogue, where)),
        event=matching.glob(values.texts(given["event"], (*where, "event"))) if "event" in given else None,
        nth=_nth(given["nth"], (*where, "nth")) if "nth" in given else frozenset(),
        every=values.whole(given.get("every", 1), (*where, "every"), 1, LARGEST_COUNT),
        probability=_optional(given, "probability", where, lambda v, w: values.number(v, w, 0, 1)),
        seed=_optional(given, "seed", where, lambda v, w: values.whole(v, w, -LARGEST_SEED, LARGEST_SEED)),
        times=_optional(given, "times", where, lambda v, w: values.whole(v, w, 1, LARGEST_COUNT)),
    )


def _optional(given: Mapping[str, Any], key: str, where: Where, read: Callable[[object, Where], Any]) -> Any:
    return read(given[key], (*where, key)) if key in given else None


def _nth(value: object, where: Where) -> frozenset[int]:
    numbers = value if isinstance(value, list) and value else [value]
    return frozenset(values.whole(number, where, 1, LARGEST_COUNT) for number in numbers)


def _tests(given: Mapping[str, Any], catalogue: Catalogue, where: Where) -> Iterable[Test]:
    if "provider" in given:
        name = values.choice(given["provider"], (*where, "provider"), tuple(catalogue.operations))
        yield matching.of_provider(name)
    if "operation" in given:
        yield matching.of_operation(_operations(given, catalogue, (*where, "operation")))
    if "method" in given:
        yield matching.of_method(values.texts(given["method"], (*where, "method")))
    if "path" in given:
        yield matching.of_path(_paths(given["path"], (*where, "path")))
    if "header" in given:
        headers = values.mapping(given["header"], (*where, "header"))
        for name, text in headers.items():
            if not HEADER_NAME.fullmatch(name):
                raise Wrong((*where, "header", name), "is no name of a header")
            wanted = None if text is None else values.text(text, (*where, "header", name))
            yield matching.of_header(name, wanted)
    if "body" in given:
        for path, wanted in values.mapping(given["body"], (*where, "body")).items():
            at = (*where, "body", path)
            values.json(wanted, at)
            if isinstance(wanted, str):
                values.text(wanted, at)
            yield of_body(_json_path(path, at), wanted)


def _operations(given: Mapping[str, Any], catalogue: Catalogue, where: Where) -> Sequence[str]:
    texts = values.texts(given["operation"], where)
    vendors = [given["provider"]] if "provider" in given else catalogue.operations
    known = [operation for vendor in vendors for operation in catalogue.operations[vendor]]
    for text in texts:
        if not any(map(matching.glob([text]), known)):
            close = difflib.get_close_matches(text[:200], known, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else "; `mockserver routes` lists them"
            raise Wrong(where, f"no operation fits {values.quoted(text)}{hint}")
    return texts


def _paths(value: object, where: Where) -> Sequence[str]:
    texts = values.texts(value, where)
    for text in texts:
        if text[:1] not in ("/", "*", "?", "["):
            raise Wrong(where, f"{values.quoted(text)} begins with no slash, so no path fits it")
    return texts


def _json_path(path: str, where: Where) -> Any:
    values.text(path, where)
    try:
        return compile_path(path)
    except (JSONPathError, RecursionError, ValueError) as error:
        raise Wrong(where, f"is no JSONPath: {' '.join(str(error).split())[:200]}") from None


def read_act(value: object, where: Where) -> Act:
    given = values.mapping(value, where, ACTS)
    for key in (*ENDINGS, "malformed", "stale"):
        # What is said not to happen is not said at all.
        if key in given and not values.flag(given[key], (*where, key)):
            given = {name: inner for name, inner in given.items() if name != key}
    _hold_together(given, where)
    ending: Ending = next((ending for ending in ENDINGS if ending in given), "")
    spoils = "status" not in given and ending not in ("reset", "hang")
    return Act(
        status=_optional(given, "status", where, _status),
        retry_after=_optional(
            given, "retry_after", where, lambda v, w: values.whole(v, w, 0, LONGEST_RETRY_AFTER)
        ),
        after=values.flag(given.get("after", spoils), (*where, "after")),
        delay=_optional(given, "delay", where, read_delay),
        ending=ending,
        drip=values.number(given.get("drip", 0), (*where, "drip"), 0, LONGEST),
        malformed="malformed" in given,
        content_type=_optional(given, "content_type", where, _media_type),
        stale="stale" in given,
        webhook=_optional(given, "webhook", where, _webhook),
    )


def _hold_together(given: Mapping[str, Any], where: Where) -> None:
    """Raises Wrong for acts that cannot be one."""
    if not given:
        raise Wrong(where, f"must say what to do: {', '.join(ACTS)}")
    pairs = [
        *((one, other) for at, one in enumerate(ENDINGS) for other in ENDINGS[at + 1 :]),
        *(
            (silent, key)
            for silent in ("reset", "hang")
            for key in ("status", *OF_ANSWERS[:1], *OF_ANSWERS[2:])
        ),
        ("stale", "status"),
        *(("stale", ending) for ending in ("reset", "hang")),
        *(("webhook", key) for key in ACTS if key != "webhook"),
    ]
    for one, other in pairs:
        if one in given and other in given:
            raise Wrong((*where, other), f"and {one} exclude each other")
    if "retry_after" in given and "status" not in given:
        raise Wrong((*where, "retry_after"), "goes with status only")
    if "after" in given:
        if not any(key in given for key in ("status", *ENDINGS, "malformed")):
            raise Wrong((*where, "after"), "goes with status, reset, hang, truncate or malformed only")
        if given["after"] is True and isinstance(given.get("status"), int) and given["status"] < 500:
            raise Wrong((*where, "after"), "goes with a status of 500 and more: below, nothing is done")
        if "stale" in given:
            raise Wrong((*where, "after"), "and stale exclude each other")


def _status(value: object, where: Where) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 100 <= value < 400:
        raise Wrong(where, f"{value} is no failure: the model answers those itself (400 to 599 are meant)")
    return values.whole(value, where, 400, 599)


def _media_type(value: object, where: Where) -> str:
    if not (isinstance(value, str) and MEDIA_TYPE.fullmatch(value)):
        raise Wrong(where, "must be printable ASCII, 200 characters at most, e.g. text/html")
    return value


def read_delay(value: object, where: Where) -> Delay:
    if not isinstance(value, dict):
        return Delay("fixed", values.number(value, where, 0, LONGEST))
    given = values.mapping(value, where, ("uniform", "normal", "lognormal"))
    if len(given) != 1:
        raise Wrong(where, "must be seconds, or one of uniform, normal, lognormal")
    ((name, numbers),) = given.items()
    at = (*where, name)
    if not isinstance(numbers, list) or len(numbers) != 2:
        raise Wrong(at, "must be a list of two numbers")
    least = 0.000_001 if name == "lognormal" else 0
    first = values.number(numbers[0], at, least, LONGEST)
    second = values.number(numbers[1], at, 0, 10 if name == "lognormal" else LONGEST)
    if name == "uniform" and second < first:
        raise Wrong(at, "must name the shorter one first")
    match name:
        case "uniform":
            return Delay("uniform", first, second)
        case "normal":
            return Delay("normal", first, second)
    return Delay("lognormal", first, second)


def _webhook(value: object, where: Where) -> tuple[float, ...]:
    if value == "duplicate":
        return (0.0, 0.0)
    if value == "lost":
        return ()
    if isinstance(value, dict):
        given = values.mapping(value, where, ("late",))
        if "late" in given:
            return (values.number(given["late"], (*where, "late"), 0, LATEST_WEBHOOK),)
    raise Wrong(where, 'must be "duplicate", "lost" or {"late": seconds}')
