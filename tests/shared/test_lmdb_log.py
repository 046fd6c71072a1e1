from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mockserver.server.shared.lmdblog import LmdbLog
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
