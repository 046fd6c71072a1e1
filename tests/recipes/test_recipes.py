"""Every recipe of docs/recipes, as somebody would copy it: the Python of a page is one file of tests."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.plugin.conftest import Suite

FOLDER = Path(__file__).parents[2] / "docs" / "recipes"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
# How a page wants pytest called, and how it ends where not all tests pass.
CALL = re.compile(r"<!-- pytest ([^:]*?)(?:: (\d+) passed, (\d+) failed)? -->")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_recipe_runs(suite: Suite, page: Path) -> None:
    text = page.read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    call = CALL.search(text)
    arguments = call[1].split() if call else []
    run = suite.run_apart if "-n" in arguments else suite.run
    outcomes = run("\n\n".join(blocks), *arguments).parseoutcomes()
    outcomes.pop("warnings", None)
    if call and call[2]:
        assert outcomes == {"passed": int(call[2]), "failed": int(call[3])}
    else:
        assert set(outcomes) == {"passed"}


def test_every_recipe_is_on_the_list() -> None:
    listed = re.findall(r"\]\(([a-z0-9-]+\.md)\)", (FOLDER / "README.md").read_text("utf-8"))
    assert sorted(listed) == [page.name for page in PAGES]
    assert len(listed) >= 10
