"""What more records, operations and sandboxes cost. A process of its own:

python -m benchmarks.growth ROUNDS SECONDS RECORDS SANDBOXES RESULTS
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks import asked
from benchmarks.asked import ALERT_GROUP, INCIDENT_IO, ONCALL, OTHER_GROUP
from benchmarks.commands import Unavailable
from benchmarks.results import Results
from benchmarks.starting import full_document
from benchmarks.timing import Repeated, interleave, times
from benchmarks.work import INCIDENT
from mockserver.core.errors import ConfigurationError
from mockserver.core.exchange import Request
from mockserver.server.engine import Engine

SANDBOXES = "one postmortem document"
FEW_RECORDS, MATCHING, FEW_OPERATIONS = 100, 25, 6
OTHER_INCIDENT = "01GBA8J19SMXQWPJMX3P2ESCW1"
PARENTS = {INCIDENT_IO: (INCIDENT, OTHER_INCIDENT), ONCALL: (ALERT_GROUP, OTHER_GROUP)}
PAGE = {INCIDENT_IO: "/v1/postmortem_documents?page_size=25", ONCALL: f"{asked.NOTES}?perpage=25"}
FILTER = {
    INCIDENT_IO: f"{PAGE[INCIDENT_IO]}&incident_id={OTHER_INCIDENT}",
    ONCALL: f"{PAGE[ONCALL]}&alert_group_id={OTHER_GROUP}",
}
Works = dict[tuple[str, str], Repeated]


def answering(engine: Engine, sandbox: str, request: Request) -> Callable[[], object]:
    """A work that is known to be answered with 2xx."""
    first = engine.answer(sandbox, request).answer
    assert 200 <= first.status < 300, (first.status, first.body[:300])
    return lambda: engine.answer(sandbox, request)


def records(many: int) -> Works:
    """Few and many of each vendor, each in a sandbox of its own; as many match the filter in both."""
    engine, works = asked.server().engine, {}
    for vendor in (INCIDENT_IO, ONCALL):
        common, rare = PARENTS[vendor]
        for size, number in (("few", FEW_RECORDS), ("many", many)):
            sandbox = f"{vendor}-{size}"
            for at in range(number):
                asked.created(engine, vendor, rare if at < MATCHING else common, sandbox)
            for name, target in (("page", PAGE[vendor]), ("filter", FILTER[vendor])):
                request = asked.request(vendor, "GET", target)
                works[f"{vendor}, {name}", size] = times(answering(engine, sandbox, request))
    return works


def sandboxes(many: int) -> Works:
    """The same request to one sandbox, and to many in turn."""
    engine = asked.server().engine
    request = asked.request(INCIDENT_IO, "GET", asked.FIXTURE)
    turns = cycle([answering(engine, f"s{number}", request) for number in range(many)])
    return {
        (SANDBOXES, "few"): times(answering(engine, "s0", request)),
        (SANDBOXES, "many"): times(lambda: next(turns)()),
    }


def operations(folder: Path) -> Works:
    """The first and the last route of few operations and of the vendor's whole document. Raises Unavailable."""
    document, works = full_document(), {}
    routes = [path for path, item in document["paths"].items() if "get" in item and "{" not in path]
    few = {**document, "paths": first_operations(document["paths"], FEW_OPERATIONS)}
    for size, content in (("few", few), ("many", document)):
        place = folder / size / INCIDENT_IO
        place.mkdir(parents=True)
        (place / "openapi.json").write_text(json.dumps(content))
        try:
            engine = asked.server((INCIDENT_IO,), specs=place.parent).engine
        except ConfigurationError as why:
            raise Unavailable(str(why).replace(f"{folder}/", "")) from None
        served = [path for path in routes if path in content["paths"]]
        for name, path in (("first route", served[0]), ("last route", served[-1])):
            request = asked.request(INCIDENT_IO, "GET", path)
            works[name, size] = times(answering(engine, "default", request))
            works[f"{name}, found", size] = times(partial(engine.router.match, path))
    return works


def first_operations(paths: dict[str, Any], number: int) -> dict[str, Any]:
    """Whole paths, until there are so many operations."""
    found, left = {}, number
    for path, item in paths.items():
        if left <= 0:
            break
        found[path] = item
        left -= sum(method in item for method in ("get", "put", "post", "patch", "delete"))
    return found


def main() -> None:
    rounds, seconds, many_records, many_sandboxes, path = sys.argv[1:]
    results = Results()

    def run(section: str, works: Works) -> None:
        interleave(works, int(rounds), float(seconds), partial(results.add, section))

    results.facts["records"], results.facts["sandboxes"] = many_records, many_sandboxes
    run("records", records(int(many_records)))
    run("sandboxes", sandboxes(int(many_sandboxes)))
    with tempfile.TemporaryDirectory() as folder:
        try:
            run("operations", operations(Path(folder)))
        except Unavailable as why:
            results.missing["337 operations, routes"] = str(why)
    results.save(Path(path))


if __name__ == "__main__":
    main()
