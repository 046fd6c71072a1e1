"""The mark that ties a law to its rule."""

from __future__ import annotations

import pytest


def law(rule: str) -> pytest.MarkDecorator:
    """Marks a test as a law of the rule `<provider>/<rule id>`. A law has one rule, a rule any number of laws."""
    return pytest.mark.law(rule)
