from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from mockserver.server.shared.lmdblog import MOST_STEP_BYTES, LmdbLog
from mockserver.server.shared.lmdbstore import LmdbStore
from mockserver.server.shared.log import Base, Step, Write
from tests.shared.replica import Replica

SMALL_ROOM = 512 * 1024
ANOTHER = """
import sys
from pathlib import Path
from mockserver.server.shared.lmdblog import LmdbLog
from tests.shared.test_lmdb_log import SMALL_ROOM, fill

log = LmdbLog(Path(sys.argv[1]), first_room=SMALL_ROOM)
fill(log, 300)
log.close()
"""


def step(number: int) -> Step:
    return Step((Write("vendor", "things", f"{number:05}", number, b"x" * 4_000),))


def fill(log: LmdbLog, number: int) -> None:
    head = log.open("default", Base())
    for _ in range(number):
        after = log.append("default", head, step(head.version))
        assert after is not None
        head = after


def test_the_file_grows_as_it_must(tmp_path: Path) -> None:
    log = LmdbLog(tmp_path, first_room=SMALL_ROOM)
    fill(log, 500)
    reader = Replica(log, "default")
    assert reader.catch_up()
    assert len(reader.records) == 500
    log.close()


def test_a_file_that_another_process_has_made_grow_is_read_and_written_on(tmp_path: Path) -> None:
    log = LmdbLog(tmp_path, first_room=SMALL_ROOM)
    fill(log, 10)
    subprocess.run([sys.executable, "-c", ANOTHER, str(tmp_path)], check=True, cwd=Path(__file__).parents[2])
    reader = Replica(log, "default")
    assert reader.catch_up()
    assert len(reader.records) == 310
    fill(log, 10)
    assert reader.catch_up()
    assert len(reader.records) == 320
    log.close()


def test_a_state_that_is_gone_leaves_no_room_taken(tmp_path: Path) -> None:
    log = LmdbLog(tmp_path, first_room=SMALL_ROOM)
    for _ in range(60):
        log.begin("default", Base(tuple(write for number in range(40) for write in step(number).writes)))
    # What is there twice at most, and what the file is made of.
    assert (tmp_path / "data.mdb").stat().st_blocks * 512 < 4 * SMALL_ROOM
    log.close()


def test_large_states_that_are_put_in_each_others_place_leave_no_room_taken(tmp_path: Path) -> None:
    log = LmdbLog(tmp_path)
    base = Base(tuple(Write("vendor", "things", f"{number:05}", number, b"x") for number in range(3_000)))
    taken = []
    for _ in range(12):
        log.begin("default", base)
        taken.append((tmp_path / "data.mdb").stat().st_blocks)
    assert taken[11] < 1.2 * taken[3]
    log.close()


def test_a_first_step_may_be_larger_than_all_that_are_kept(tmp_path: Path) -> None:
    log = LmdbLog(tmp_path)
    begun = log.open("default", Base())
    huge = Step((Write("vendor", "things", "one", 1, b"x" * (MOST_STEP_BYTES + 1)),))
    first = log.append("default", begun, huge)
    assert first is not None
    assert log.append("default", first, step(2)) is not None
    reader = Replica(log, "default")
    assert reader.catch_up()
    assert len(reader.records) == 2
    log.close()


def test_nobody_else_can_read_what_is_kept(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path / "kept")
    store.open().close()
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "kept", *(tmp_path / "kept").iterdir())
    ]
    store.close()
    assert modes == [0o700, 0o600, 0o600]


def test_steps_that_take_much_room_are_put_into_the_records_early(tmp_path: Path) -> None:
    log = LmdbLog(tmp_path)
    head = log.open("default", Base())
    far_behind = Replica(log, "default")
    assert far_behind.catch_up()
    for _ in range(40):
        after = log.append("default", head, Step((Write("vendor", "things", "one", 1, b"x" * 1_000_000),)))
        assert after is not None
        head = after
    news = log.read("default", far_behind.head)
    assert news is not None
    assert news.base is not None
    assert far_behind.catch_up()
    assert len(far_behind.records) == 1
    log.close()


def test_in_a_turn_everything_is_as_it_has_been_made_and_what_fails_in_it_has_not_been_done(
    tmp_path: Path,
) -> None:
    log = LmdbLog(tmp_path)
    with log.turn():
        fill(log, 2)
        log.touch("default")
        reader = Replica(log, "default")
        assert reader.catch_up()
        assert len(reader.records) == 2
    before = log.head("default")
    with suppress(KeyError), log.turn():
        fill(log, 2)
        raise KeyError
    assert log.head("default") == before
    fill(log, 1)
    reader = Replica(log, "default")
    assert reader.catch_up()
    assert len(reader.records) == 3
    log.close()
