from __future__ import annotations

import pytest

from mockserver.server.router import Router


@pytest.fixture
def router() -> Router[str]:
    router: Router[str] = Router()
    for template in ("/u/{id}", "/u/me", "/u/{user}/notes", "/u/me/notes/{note}", "/list/"):
        router.add(template, template)
    return router


@pytest.mark.parametrize(
    "path, target, values",
    [
        ("/u/7", "/u/{id}", {"id": "7"}),
        ("/u/me", "/u/me", {}),
        ("/u/me/notes", "/u/{user}/notes", {"user": "me"}),
        ("/u/me/notes/3", "/u/me/notes/{note}", {"note": "3"}),
        ("/u/a%2Fb", "/u/{id}", {"id": "a/b"}),
        ("/u/%E2%82%AC", "/u/{id}", {"id": "€"}),
        ("/list/", "/list/", {}),
        ("/l%69st/", "/list/", {}),
    ],
)
def test_a_path_leads_to_its_template_and_values(
    router: Router[str], path: str, target: str, values: dict[str, str]
) -> None:
    assert router.match(path) == (target, values)


@pytest.mark.parametrize(
    "path", ["", "*", "u/7", "/", "/u", "/u/", "/u//notes", "/list", "/u/7/other", "/u/7/"]
)
def test_a_path_without_a_template_leads_nowhere(router: Router[str], path: str) -> None:
    assert router.match(path) is None


def test_a_path_of_very_many_segments_leads_nowhere(router: Router[str]) -> None:
    assert router.match("/u" * 50_000) is None
