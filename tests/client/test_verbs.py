"""Every verb, without a socket and over one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from mockserver import AsyncMock
from mockserver.client import Mock, NothingCame, NotThere, Refused
from mockserver.hosting import Host
from tests.client.conftest import DOCUMENT, GROUP, IMPORT, NOTE, NOTES


def write(mock: Mock) -> httpx.Response:
    return mock.grafana_oncall.client.post(NOTES, json=NOTE)


def notes(mock: Mock) -> int:
    return int(mock.grafana_oncall.client.get(NOTES).json()["count"])


def test_ready_made_clients_are_let_in_by_both_vendors(mock: Mock) -> None:
    assert mock.incident_io.client.post(IMPORT, json=DOCUMENT).status_code == 201
    assert write(mock).status_code == 201
    assert mock.incident_io.credential == "inc-test-key"
    assert mock.grafana_oncall.headers == {"Authorization": "meowmeowmeow"}


def test_a_fault_does_what_it_says_until_it_is_removed(mock: Mock) -> None:
    fault = mock.fault(provider="incident_io", method="POST", nth=2, status=429, retry_after=2)
    answers = [mock.incident_io.client.post(IMPORT, json=DOCUMENT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 429, 201]
    assert answers[1].headers["retry-after"] == "2"
    assert fault.hits == 1
    fault.remove()
    with pytest.raises(NotThere, match="there is no fault"):
        fault.remove()


def test_a_fault_of_a_with_is_gone_at_its_end(mock: Mock) -> None:
    with mock.fault(status=503) as fault:
        assert write(mock).status_code == 503
        fault.disable()
        assert write(mock).status_code == 201
        fault.enable()
        assert [(rule.hits, rule.enabled) for rule in mock.faults.all()] == [(1, True)]
    assert mock.faults.all() == []


def test_a_profile_adds_its_rules(mock: Mock) -> None:
    assert mock.faults.profile("maintenance")
    assert write(mock).status_code >= 500
    mock.faults.clear()
    assert write(mock).status_code == 201


def test_a_fault_that_makes_no_sense_is_refused_in_the_mock_s_words(mock: Mock) -> None:
    with pytest.raises(Refused, match=r"POST /_mock/faults: .*\(400\)") as told:
        mock.fault(status=299)
    assert told.value.status == 400


def test_the_journal_is_a_list_of_what_was_asked(mock: Mock) -> None:
    mock.incident_io.client.post(IMPORT, json=DOCUMENT)
    mock.grafana_oncall.client.get(NOTES, params={"page": 1})
    first, last = mock.journal
    assert (first.provider, first.status, first.request.json()) == ("incident-io", 201, DOCUMENT)
    assert str(last) == "GET /api/v1/postmortems/?page=1 200"
    assert (len(mock.journal), mock.journal[-1].id) == (2, last.id)
    assert mock.journal[:1][0].answer.json()["postmortem_document"]["title"] == DOCUMENT["title"]
    assert first.request.header("authorization") != "Bearer inc-test-key"
    assert mock.journal.get(first.id).changed


def test_the_journal_is_searched_and_counted(mock: Mock) -> None:
    mock.incident_io.client.post(IMPORT, json=DOCUMENT)
    mock.incident_io.client.post(IMPORT, json={"content": "no title"})
    mock.grafana_oncall.client.get("/api/v1/nowhere/")
    assert [entry.status for entry in mock.journal.find(method="POST")] == [201, 422]
    assert mock.journal.count(provider="incident-io", status=422) == 1
    assert [entry.request.path for entry in mock.journal.unmatched()] == ["/api/v1/nowhere/"]
    assert mock.journal.har()["log"]["entries"]
    mock.journal.clear()
    assert list(mock.journal) == []


def test_a_client_s_breaches_of_the_contract_are_told(mock: Mock) -> None:
    mock.incident_io.client.get("/v2/incidents", params={"page_sise": 1})
    (breach,) = mock.journal.breaches(by="client")
    assert "page_sise" in breach.message


def test_a_snapshot_brings_back_what_was(mock: Mock) -> None:
    snapshot = mock.snapshot()
    write(mock)
    snapshot.restore()
    assert notes(mock) == 1
    with mock.snapshot("named") as named:
        write(mock)
        assert named.name == "named"
    assert notes(mock) == 1


def test_the_clock_is_frozen_moved_and_let_run(mock: Mock) -> None:
    mock.clock.freeze(datetime(2026, 3, 1, tzinfo=UTC))
    assert write(mock).json()["created_at"].startswith("2026-03-01T00:00:00")
    mock.clock.move(timedelta(days=1))
    assert mock.clock.now == datetime(2026, 3, 2, tzinfo=UTC)
    mock.clock.move(60)
    mock.clock.tick(1)
    write(mock)
    assert mock.clock.now == datetime(2026, 3, 2, 0, 1, 1, tzinfo=UTC)
    mock.clock.run()
    assert mock.clock.now > datetime(2026, 3, 2, 0, 1, 1, tzinfo=UTC)


def test_webhooks_come_into_the_inbox_verified(mock: Mock) -> None:
    document = mock.incident_io.client.post(IMPORT, json=DOCUMENT).json()["postmortem_document"]
    mock.incident_io.client.put(f"/v1/postmortem_documents/{document['id']}", json={"status": "in_review"})
    message = mock.webhooks.wait()
    assert message.verified
    assert message in mock.webhooks.received
    assert mock.webhooks.wait(message.event).payload["event_type"] == message.event
    mock.webhooks.clear()
    with pytest.raises(NothingCame, match=r"no made\.up came within 0 seconds; the inbox holds nothing"):
        mock.webhooks.wait("made.up", timeout=0)


def test_state_goes_out_and_comes_in_again(mock: Mock) -> None:
    write(mock)
    kept = mock.state.export()
    mock.reset()
    assert notes(mock) == 1
    mock.state.load(kept)
    assert notes(mock) == 2


def test_a_fork_and_its_origin_go_their_own_ways(mock: Mock) -> None:
    write(mock)
    fork = mock.fork("fork")
    write(fork)
    assert (notes(mock), notes(fork), notes(mock.sandbox("other"))) == (2, 3, 1)
    with pytest.raises(Refused, match="409"):
        mock.fork("fork")


def test_the_twin_has_the_same_verbs(host: Host) -> None:
    async def use() -> None:
        mock = AsyncMock(host, sandbox="twin")
        client = mock.incident_io.client
        async with await mock.fault(status=503, times=1) as fault:
            assert (await client.get("/v2/incidents")).status_code == 503
            assert (await client.get("/v2/incidents")).status_code == 200
            assert await fault.hits() == 1
        assert await mock.journal.count(status=503) == 1
        assert [entry.status for entry in await mock.journal.find()] == [503, 200]
        async with await mock.snapshot():
            await client.post(IMPORT, json=DOCUMENT)
        await mock.clock.freeze("2026-03-01T00:00:00Z")
        assert await mock.clock.now() == datetime(2026, 3, 1, tzinfo=UTC)
        await mock.state.load(await mock.state.export())
        fork = await mock.fork("twin-fork")
        assert (await fork.grafana_oncall.client.get(GROUP)).status_code == 200
        with pytest.raises(NotThere):
            await mock.journal.get("r0")
        await mock.reset()
        for sandbox in (mock, fork):
            await sandbox.delete()

    asyncio.run(use())


def test_the_twins_know_the_same_verbs() -> None:
    def verbs(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert verbs(Mock) - {"over"} == verbs(AsyncMock)
