"""What is shown of the caller, of people, and of what is configured."""

from __future__ import annotations

from mockserver.core.clues import argument
from mockserver.core.explaining import Case, Cases, when
from mockserver.providers.incident_io.catalog.operations import KINDS
from mockserver.providers.incident_io.explaining.documents import has_more

CATALOG = (
    "/v1/severities",
    "/v1/incident_statuses",
    "/v1/incident_types",
    "/v2/incident_roles",
    "/v2/incident_timestamps",
    "/v2/custom_fields",
)
RANKED = ("severities", "incident_statuses", "incident_timestamps")


def _of(tag: str, singular: str, plural: str) -> dict[str, Cases]:
    words = plural.replace("_", " ")
    categories = ("catalog.categories",) if plural == "incident_statuses" else ()
    order = ("catalog.order",) if plural in RANKED else ()
    return {
        f"{tag}_List": (
            Case(
                f"done: the {words} of the organisation were listed",
                ("catalog.shape", *order, *categories, "catalog.scope"),
            ),
        ),
        f"{tag}_Show": (
            Case(
                f"done: the {singular.replace('_', ' ')} was shown",
                ("catalog.shape", *categories, "catalog.scope"),
            ),
        ),
    }


DONE: dict[str, Cases] = {
    "Utilities V1_Identity": (
        Case("done: whose key it is was shown", ("identity.shape", "identity.no-scope")),
    ),
    "Users V2_List": (
        Case(
            "done: a page of the organisation's users",
            (
                when(argument("email", "slack_user_id"), "users.filters"),
                when(argument("after"), "users.pages"),
                "users.shape",
                "users.inactive",
                "users.pages",
                when(has_more, "users.pages"),
            ),
        ),
    ),
    "Users V2_Show": (Case("done: the user was shown", ("users.shape", "users.inactive")),),
    **{id_: cases for tag, singular, plural, _ in KINDS for id_, cases in _of(tag, singular, plural).items()},
}
