"""The vendor's codes and words for breaches of its own rules; those of the document are the framework's, in `wire`."""

from __future__ import annotations

from mockserver.core.errors import Breach


def of_a_rule(breach: Breach) -> tuple[str, str] | None:
    """Code and message; None for what breaks no rule but the document."""
    name = breach.pointer[-1] if breach.pointer else ""
    match breach.rule, breach.expected:
        case "exists", noun:
            return "invalid_value", f'There is no {noun} "{breach.value}"'
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
