from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from contract_tests.deployment import Deployment
from contract_tests.grafana_oncall.client import LIST, Json, OnCall, ids
from contract_tests.grafana_oncall.others import others_in_the_group
from contract_tests.laws import law
from contract_tests.shared import while_nobody_else_writes

CROWD = 121  # more than two pages of 50, and more than 100


@pytest.fixture(scope="module")
def crowd(http: httpx.Client, deployment: Deployment, strict: bool) -> Iterator[OnCall]:
    """An admin whose alert group has many postmortems."""
    token, group = deployment.need("oncall_token"), deployment.alert_groups()[-1]
    user = OnCall(http, token, group, shared=not strict)
    for number in range(CROWD):
        user.create(f"number {number}")
    yield user
    user.clear()


def page(crowd: OnCall, **query: object) -> Json:
    return crowd.page(alert_group_id=crowd.group, **query)


def everybody(crowd: OnCall) -> list[str]:
    return ids(page(crowd, perpage=100_000)["results"])


def neighbours(shown: Json) -> tuple[str | None, str | None]:
    """The queries of the links to the pages before and after."""
    return tuple(shown[link] and urlsplit(shown[link]).query for link in ("previous", "next"))  # type: ignore[return-value]


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.size")
@pytest.mark.parametrize("size", [1, 2, 7, 50, 100])
def test_a_page_holds_perpage_postmortems(crowd: OnCall, size: int) -> None:
    assert ids(page(crowd, perpage=size)["results"]) == everybody(crowd)[:size]
    assert ids(page(crowd, perpage=size, page=2)["results"]) == everybody(crowd)[size : 2 * size]


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.size")
def test_a_page_may_hold_more_than_100(crowd: OnCall) -> None:
    assert len(page(crowd, perpage=110)["results"]) == 110
    assert len(page(crowd, perpage=100_000)["results"]) >= CROWD


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.size")
def test_a_page_holds_50_without_perpage(crowd: OnCall) -> None:
    assert ids(page(crowd)["results"]) == everybody(crowd)[:50]
    assert ids(page(crowd, page=2)["results"]) == everybody(crowd)[50:100]


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.size")
def test_count_is_the_number_on_all_pages(crowd: OnCall) -> None:
    number = len(everybody(crowd))
    for query in ({}, {"perpage": 3}, {"perpage": 3, "page": 2}, {"page": 3}, {"page": 999}):
        assert page(crowd, **query)["count"] == number


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.size")
def test_the_last_page_holds_the_rest(crowd: OnCall) -> None:
    number = len(everybody(crowd))
    last = page(crowd, perpage=number - 1, page=2)
    assert ids(last["results"]) == everybody(crowd)[-1:]
    assert neighbours(page(crowd, perpage=number)) == (None, None)


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.odd-values")
@pytest.mark.parametrize("odd", ["0", "-1", "", "abc", "last", "1.5", "1e1", "null", "[2]", "²", "2;3", "\0"])
def test_a_page_that_is_no_positive_whole_number_is_the_first(crowd: OnCall, odd: str) -> None:
    assert page(crowd, perpage=3, page=odd) == page(crowd, perpage=3)


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.odd-values")
@pytest.mark.parametrize("odd", ["0", "-3", "", "abc", "all", "2.5", "1e1", "null", "[2]", "²", "\0"])
def test_a_perpage_that_is_no_positive_whole_number_is_50(crowd: OnCall, odd: str) -> None:
    shown = page(crowd, perpage=odd, page=2)
    assert ids(shown["results"]) == ids(page(crowd, perpage=50, page=2)["results"])


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.odd-values")
@pytest.mark.parametrize("beyond", [1, 2, 1000, 10**30])
def test_a_page_beyond_the_end_is_the_last_one(crowd: OnCall, beyond: int) -> None:
    size = 7
    last = -(-len(everybody(crowd)) // size)
    shown = page(crowd, perpage=size, page=last + beyond)
    assert shown["next"] is None
    assert ids(shown["results"]) == everybody(crowd)[(last - 1) * size :]
    assert neighbours(shown) == neighbours(page(crowd, perpage=size, page=last))


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.odd-values")
def test_any_page_of_nothing_is_empty(crowd: OnCall) -> None:
    assert crowd.page(alert_group_id="NOPE", page=3) == {
        "count": 0,
        "next": None,
        "previous": None,
        "results": [],
    }


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
def test_next_and_previous_are_null_at_the_ends(crowd: OnCall) -> None:
    size = len(everybody(crowd)) // 2 + 1
    first, last = page(crowd, perpage=size), page(crowd, perpage=size, page=2)
    assert (first["previous"], last["next"]) == (None, None)
    assert first["next"]
    assert last["previous"]


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
def test_links_are_absolute_addresses_of_the_list(crowd: OnCall, origin: str, strict: bool) -> None:
    shown = page(crowd, perpage=3, page=2)
    for link in (shown["next"], shown["previous"]):
        parts = urlsplit(link)
        assert parts.scheme in ("http", "https")
        assert parts.netloc
        assert parts.path.endswith(LIST)
        assert not strict or link.startswith(f"{origin}{LIST}?")


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
def test_links_keep_the_rest_of_the_query_sorted_by_name(crowd: OnCall) -> None:
    shown = page(crowd, zzz="1", perpage=3, page=3, aaa="2", x="a b+c&é", empty="")
    rest = f"aaa=2&alert_group_id={crowd.group}&empty=", "perpage=3&x=a+b%2Bc%26%C3%A9&zzz=1"
    assert neighbours(shown) == (f"{rest[0]}&page=2&{rest[1]}", f"{rest[0]}&page=4&{rest[1]}")


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
def test_the_link_back_to_the_first_page_has_no_page(crowd: OnCall) -> None:
    previous, _ = neighbours(page(crowd, perpage=3, page=2))
    assert previous == f"alert_group_id={crowd.group}&perpage=3"


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
def test_the_first_page_named_or_not_links_to_the_second(crowd: OnCall) -> None:
    for query in ({}, {"page": 1}):
        _, following = neighbours(page(crowd, perpage=3, **query))
        assert following == f"alert_group_id={crowd.group}&page=2&perpage=3"


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
@pytest.mark.parametrize("size", [20, None])
def test_following_next_meets_every_postmortem_once(crowd: OnCall, size: int | None) -> None:
    query = [("alert_group_id", crowd.group), *([("perpage", str(size))] if size else [])]
    met: list[str] = []
    for _ in range(100):
        answer = crowd.send("GET", LIST, params=query)
        met += ids(answer.json()["results"])
        following = answer.json()["next"]
        if following is None:
            break
        query = parse_qsl(urlsplit(following).query, keep_blank_values=True)
    assert met == everybody(crowd)


@while_nobody_else_writes(others_in_the_group)
@law("grafana-oncall/list.page.links")
def test_previous_leads_back_the_way_that_next_came(crowd: OnCall) -> None:
    first = page(crowd, perpage=7)
    second = crowd.send("GET", LIST, params=parse_qsl(urlsplit(first["next"]).query)).json()
    back = crowd.send("GET", LIST, params=parse_qsl(urlsplit(second["previous"]).query)).json()
    assert back == first
    assert not set(ids(first["results"])) & set(ids(second["results"]))


@law("grafana-oncall/list.page.links")
def test_an_unfiltered_list_has_links_without_a_filter(crowd: OnCall) -> None:
    shown = crowd.page(perpage=3, page=2)
    assert neighbours(shown) == ("perpage=3", "page=3&perpage=3")
