"""The vendor's codes and words for breaches of its own rules; those of the document are the framework's, in `wire`.

The one for a missing severity is published ("Errors"), the one for a date was recorded; the others are ours.
"""

from __future__ import annotations

from mockserver.core.errors import Breach

DATE_WORDS = "Filter field date_range must provide a date in the format yyyy-mm-dd"


def of_a_rule(breach: Breach) -> tuple[str, str] | None:
    """Code and message; None for what breaks no rule but the document."""
    name = breach.pointer[-1] if breach.pointer else ""
    match breach.rule, breach.expected:
        case "severity-required", _:
            return "is_required", "A severity is required to open an incident"
        case "nothing-to-share", _:
            return "is_required", "An update needs a message, a status to move to, or a severity to move to"
        case "exists", noun:
            return "invalid_value", f'There is no {noun} "{breach.value}"'
        case "taken", reference:
            return "invalid_value", f"There is an incident {reference} already"
        case "one-value", field:
            return "invalid_value", f'The custom field "{field}" takes one value'
        case "custom-field-value", field:
            return "invalid_value", f'"{breach.value}" is no value for the custom field "{field}"'
        case "transition", (before, after):
            return "invalid_value", f"An incident cannot move from a {before} status to a {after} one"
        case "date", _:
            return "invalid_value", DATE_WORDS
        case "bounds", _:
            return "invalid_value", f"Filter field {name} cannot have both gte and lte; use date_range"
        case "operator", _:
            return "invalid_value", f'Filter field {name} has no operator "{breach.value}"'
        case "moment", _:
            words = f"Filter field {name} must provide a timestamp, or a date in the format yyyy-mm-dd"
            return "invalid_value", words
        case "not-by-update", _:
            return "invalid_value", f"The {name} cannot be set to {breach.value}; use the delete endpoint"
    return None
