"""What is the Redis log's own: how little it keeps, how it gets over a restart, how a cluster spreads it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from mockserver.server.shared.log import Base, Head, Kept, News, Step, Unavailable, Write
from mockserver.server.shared.redis_address import read_address
from mockserver.server.shared.redis_line import REST, Line
from mockserver.server.shared.redis_log import MOST_BYTES, RedisLog
from tests.shared.storecluster import store_cluster
from tests.shared.storeserver import StoreServer, needs_server, store_server

pytestmark = needs_server


class Hands:
    """A clock that moves when a test says so."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def write(key: str, record: bytes | None = b"record") -> Write:
    return Write("vendor", "things", key, 1, record)


def step(key: str, record: bytes | None = b"record") -> Step:
    return Step((write(key, record),), {"clock": key.encode()}, 10)


def news(log: RedisLog, sandbox: str, known: Head | None) -> News:
    found = log.read(sandbox, known)
    assert found is not None
    return found


def append(log: RedisLog, sandbox: str, head: Head, *steps: Step) -> Head:
    for one in steps:
        after = log.append(sandbox, head, one)
        assert after is not None
        head = after
    return head


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def log(durable_server: StoreServer) -> Iterator[RedisLog]:
    log = RedisLog(Line(read_address(durable_server.url)), most_steps=3)
    yield log
    log.close()


@pytest.fixture
def other(durable_server: StoreServer, hands: Hands) -> Iterator[RedisLog]:
    """Another process's log, on the same server."""
    log = RedisLog(Line(read_address(durable_server.url), timer=hands), most_steps=3)
    yield log
    log.close()


def test_who_is_a_little_behind_is_told_the_steps_and_who_is_far_behind_the_records(
    log: RedisLog, other: RedisLog
) -> None:
    steps = [step(str(number)) for number in range(5)]
    begun = log.open("box", Base())
    heads = [begun]
    for one in steps:
        heads.append(append(log, "box", heads[-1], one))
    assert news(other, "box", heads[5]) == News(heads[5], 50)
    assert news(other, "box", heads[2]) == News(heads[5], 50, tuple(steps[2:]))
    far = news(other, "box", heads[1])
    assert far.base is not None
    assert {one.key for one in far.base.writes} == {"0", "1", "2", "3", "4"}
    assert (far.base.parts, far.base.size) == ({"clock": b"4"}, 50)


def test_only_the_first_of_two_that_append_to_the_same_head_does(log: RedisLog, other: RedisLog) -> None:
    begun = log.open("box", Base())
    after = log.append("box", begun, step("first"))
    assert other.append("box", begun, step("second")) is None
    assert (other.head("box"), news(other, "box", begun).steps) == (after, (step("first"),))


def test_steps_take_a_bounded_number_of_bytes(log: RedisLog, other: RedisLog) -> None:
    large = step("large", b"x" * (MOST_BYTES // 2))
    begun = log.open("box", Base())
    first = append(log, "box", begun, large)
    head = append(log, "box", first, large)
    assert news(other, "box", first).steps == (large,)
    assert news(other, "box", begun).base is not None
    huge = step("huge", b"x" * MOST_BYTES)
    assert news(other, "box", append(log, "box", head, huge)).steps == ()
    assert news(other, "box", head).base is not None


def test_a_base_of_many_records_is_begun_whole_and_lasts(
    log: RedisLog, other: RedisLog, durable_server: StoreServer
) -> None:
    base = Base(tuple(write(str(number)) for number in range(12_345)), {"ids": b"\x00"}, 7)
    head = log.begin("box", base)
    found = news(other, "box", None)
    assert (found.head, found.size) == (head, 7)
    assert found.base is not None
    assert sorted(found.base.writes, key=lambda one: int(one.key)) == list(base.writes)
    assert log.open("box", base) == head
    line = Line(read_address(durable_server.url))
    assert line.read("TTL", "{mock:box}records") == -1
    assert [key for key in line.read("KEYS", "*") if b"new:" in key] == []
    line.close()


def test_a_restart_that_loses_nothing_is_not_noticed(
    log: RedisLog, other: RedisLog, durable_server: StoreServer, hands: Hands
) -> None:
    head = append(other, "box", other.open("box", Base()), step("kept"))
    durable_server.kill()
    durable_server.start()
    assert other.head("box") == head
    assert news(other, "box", head) == News(head, 10)
    assert other.append("box", head, step("next")) is not None


def test_what_a_restart_lost_is_noticed_even_if_the_version_is_the_same_again(hands: Hands) -> None:
    with store_server(durable=False) as server:
        log, other = (RedisLog(Line(read_address(server.url), timer=hands)) for _ in range(2))
        begun = log.begin("box", Base())
        head = append(log, "box", begun, step("lost"))
        server.kill()
        server.start()
        # As a server comes back that had not written the last step to its disk.
        told = f"{begun.life} {begun.generation} 0 {begun.mark}"
        Line(read_address(server.url)).write("SET", "{mock:box}head", told)
        Line(read_address(server.url)).write("HSET", "{mock:box}about", "size", 0, "mark", begun.mark)
        after = append(other, "box", begun, step("other"))
        assert (after.generation, after.version) == (head.generation, head.version)
        with pytest.raises(Unavailable):
            log.append("box", head, step("on a broken connection"))
        hands.at += REST
        assert log.append("box", head, step("blind")) is None
        assert log.head("box") != head
        found = news(log, "box", head)
        assert found.base is not None
        assert [one.key for one in found.base.writes] == ["other"]
        append(other, "box", after, step("next"))
        assert news(log, "box", after).steps == (step("next"),)
        assert news(log, "box", head).base is not None, "a step is told that follows another one"
        log.close()
        other.close()


def test_a_lost_step_is_noticed_by_who_never_lost_the_connection(
    log: RedisLog, other: RedisLog, durable_server: StoreServer
) -> None:
    """As in a cluster, where a replica takes the place of a server that had told it less."""
    kept = append(log, "box", log.begin("box", Base()), step("kept"))
    known = append(log, "box", kept, step("lost"))
    line = Line(read_address(durable_server.url))
    line.write("SET", "{mock:box}head", f"{kept.life} {kept.generation} {kept.version} {kept.mark}")
    line.write("RPOP", "{mock:box}steps")
    line.write("HDEL", "{mock:box}records", b"vendor\0things\0lost")
    line.close()
    append(other, "box", kept, step("other"))
    assert log.append("box", known, step("blind")) is None
    assert log.head("box") != known
    found = news(log, "box", known)
    assert found.base is not None
    assert sorted(one.key for one in found.base.writes) == ["kept", "other"]
    assert news(log, "box", kept).steps == (step("other"),)


def test_groups_with_different_prefixes_share_a_database_and_nothing_in_it(
    durable_server: StoreServer,
) -> None:
    address = read_address(durable_server.url)
    here, there = (RedisLog(Line(replace(address, prefix=prefix))) for prefix in ("here", "there"))
    here.open("box", Base())
    here.keep("box", Kept("snapshot", "now"), b"state", 9)
    assert here.hold("one")
    assert there.hold("another")
    assert (there.head("box"), there.names(), there.snapshots("box")) == (None, [], [])
    here.close()
    there.close()


def test_a_cluster_has_each_sandbox_in_one_place_and_finds_them_all() -> None:
    with store_cluster() as cluster:
        log = RedisLog(Line(replace(read_address(cluster.url), cluster=True)))
        names = [f"box-{number}" for number in range(12)]
        assert log.hold("fingerprint")
        for name in names:
            head = append(log, name, log.open(name, Base()), step(name), step(f"{name}-2"))
            assert news(log, name, head).head == head
            log.keep(name, Kept("snapshot", "now"), b"state", 9)
        assert sorted(known.name for known in log.names()) == sorted(names)
        held = [Line(read_address(server.url)).read("DBSIZE") for server in cluster.servers]
        assert all(number > 0 for number in held), "one server has everything"
        assert log.drop("box-0")
        assert log.head("box-0") is None
        log.close()
