"""Damaged files: the spool opens, what lies on sound pages comes out, and nothing is invented."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gleancam.spool.queue import Spool
from gleancam.spool.rescue import ROOM_BYTES
from gleancam.wire.parcel import Parcel
from spool_damage import Outcome, drained, filled, made_parcels, page_of, users, worked

PARCELS = made_parcels(100)
BY_ID = {parcel.parcel_id: parcel for parcel in PARCELS}
MORE = made_parcels(12, seed=1)
MORE_BY_ID = {parcel.parcel_id: parcel for parcel in MORE}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "spool.db"
    filled(path, PARCELS)
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "spool.db"
    shutil.copy(sound, copy)
    return copy


def check(outcome: Outcome, may_miss: set[str], known: dict[str, Parcel] = BY_ID) -> None:
    for name, parcel in outcome.delivered.items():
        assert_same(parcel, known[name])
    missing = set(known) - set(outcome.delivered)
    assert missing <= may_miss, f"{len(missing - may_miss)} parcels on sound pages are missing"


def assert_same(one: Parcel, other: Parcel) -> None:
    """All that is delivered; `value` orders evictions and is not."""
    assert (one.parcel_id, one.kind, one.camera_id, one.captured_ns, one.data, one.image) == (
        (other.parcel_id, other.kind, other.camera_id, other.captured_ns, other.data, other.image)
    )


def test_a_sound_spool_is_drained_whole_and_not_rescued(path: Path) -> None:
    outcome = drained(path)
    check(outcome, set())
    assert (outcome.starts, outcome.rescues) == (1, 0)
    assert not list(path.parent.glob("*damaged*"))


def test_the_spool_has_pages_of_all_kinds(sound: Path) -> None:
    content = sound.read_bytes()
    kinds = {content[at] for at in range(4096, len(content), 4096)}
    with closing(sqlite3.connect(sound)) as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 3
    assert {2, 5, 10, 13, 0} <= kinds, "interior and leaf, of tables and indices; overflow, free"


@pytest.mark.parametrize("part", range(8))
def test_one_flipped_byte_anywhere(part: int, sound: Path, tmp_path: Path) -> None:
    content, used, rng = sound.read_bytes(), users(sound), random.Random(part)
    offsets = [rng.randrange(len(content)) for _ in range(15)]
    offsets += [rng.randrange(100), rng.randrange(4096), 4096 * rng.randrange(1, 60)]
    for number, offset in enumerate(offsets):
        path = tmp_path / str(number) / "spool.db"
        path.parent.mkdir()
        flipped = content[offset] ^ rng.randrange(1, 256)
        path.write_bytes(content[:offset] + bytes([flipped]) + content[offset + 1 :])
        check(drained(path), used.get(page_of(offset), set()))


@pytest.mark.parametrize("part", range(4))
def test_work_goes_on_after_damage(part: int, sound: Path, tmp_path: Path) -> None:
    content, used, rng = sound.read_bytes(), users(sound), random.Random(100 + part)
    free = [at for at in range(len(content) // 4096) if at + 1 not in used]
    offsets = [4096 * rng.choice(free) + rng.randrange(0, 60) for _ in range(8)] + [
        rng.randrange(24, 100)
    ]
    for number, offset in enumerate(offsets):
        path = tmp_path / str(number) / "spool.db"
        path.parent.mkdir()
        flipped = content[offset] ^ (1 << rng.randrange(8))
        path.write_bytes(content[:offset] + bytes([flipped]) + content[offset + 1 :])
        worked(path, MORE)
        check(drained(path), used.get(page_of(offset), set()), BY_ID | MORE_BY_ID)


def test_a_live_page_that_is_called_free_is_not_written_into(path: Path, sound: Path) -> None:
    content = bytearray(path.read_bytes())
    trunk = 4096 * (int.from_bytes(content[32:36], "big") - 1)
    assert int.from_bytes(content[trunk + 4 : trunk + 8], "big") > 2
    live = max(page for page, names in users(sound).items() if names)
    for entry in range(3):
        at = trunk + 8 + 4 * entry
        content[at : at + 4] = (live - entry).to_bytes(4, "big")
    path.write_bytes(content)
    worked(path, MORE)
    check(drained(path), set(), BY_ID | MORE_BY_ID)


@pytest.mark.parametrize("number", range(2, 40))
def test_a_page_of_noise(number: int, path: Path, sound: Path) -> None:
    with path.open("r+b") as file:
        file.seek((number - 1) * 4096)
        file.write(random.Random(number).randbytes(4096))
    check(drained(path), users(sound).get(number, set()))


def test_the_first_page_of_noise(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(random.Random(1).randbytes(4096))
    outcome = drained(path)
    check(outcome, set())
    assert outcome.rescues == 1


@pytest.mark.parametrize("part", range(1, 8))
def test_a_truncated_file(part: int, path: Path, sound: Path) -> None:
    size = path.stat().st_size * part // 8
    with path.open("r+b") as file:
        file.truncate(size)
    cut_off = {
        name for page, names in users(sound).items() if page >= page_of(size) for name in names
    }
    check(drained(path), cut_off)


@pytest.mark.parametrize("content", [b"x" * 5000, random.Random(3).randbytes(90_000), b"\0" * 8192])
def test_garbage_is_set_aside_and_a_new_spool_begun(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    outcome = drained(path)
    assert outcome.delivered == {}
    assert outcome.rescues == 1
    aside = path.parent.glob("spool.db.damaged-*")
    assert [one.read_bytes() for one in aside] == [content]
    with closing(Spool.open(path, 10**9, 0)) as spool:
        assert spool.add(PARCELS[0]) == ()


def killed_with_a_log(folder: Path) -> Path:
    """Copy a spool as a kill would leave it: with most of it in the log."""
    live = folder / "live" / "spool.db"
    with closing(Spool.open(live, 10**9, 0)) as spool:
        for parcel in PARCELS[:20]:
            spool.add(parcel)
        copy = folder / "killed" / "spool.db"
        copy.parent.mkdir()
        for suffix in ("", "-wal"):
            shutil.copy(f"{live}{suffix}", f"{copy}{suffix}")
    return copy


def test_a_sound_log_is_replayed_without_a_rescue(tmp_path: Path) -> None:
    outcome = drained(killed_with_a_log(tmp_path))
    assert set(outcome.delivered) == {parcel.parcel_id for parcel in PARCELS[:20]}
    assert outcome.rescues == 0


def test_a_damaged_log(tmp_path: Path) -> None:
    whole = killed_with_a_log(tmp_path)
    log = Path(f"{whole}-wal").read_bytes()
    frame, rng = 4096 + 24, random.Random(5)
    for number in range(40):
        path = tmp_path / str(number) / "spool.db"
        path.parent.mkdir()
        shutil.copy(whole, path)
        at = rng.randrange(32) if number < 8 else rng.randrange(len(log))
        Path(f"{path}-wal").write_bytes(log[:at] + bytes([log[at] ^ 0x40]) + log[at + 1 :])
        outcome = drained(path)
        for name, parcel in outcome.delivered.items():
            assert_same(parcel, BY_ID[name])
        missing = 20 - len(outcome.delivered)
        # A page of rows is written again with every parcel: one frame bears one parcel's news.
        assert missing <= 2, (at, (at - 32) // frame, missing)
        assert missing == 0 or at >= 32, "the log's header holds no parcel"


def test_a_log_cut_short_is_a_power_cut(tmp_path: Path) -> None:
    path = killed_with_a_log(tmp_path)
    log = Path(f"{path}-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size // 2 + 100)
    outcome = drained(path)
    assert outcome.rescues == 0
    assert 5 < len(outcome.delivered) < 20
    for name, parcel in outcome.delivered.items():
        assert_same(parcel, BY_ID[name])


def damaged_with(path: Path, monkeypatch: pytest.MonkeyPatch, free: int) -> Spool:
    with path.open("r+b") as file:
        file.seek(20)
        file.write(b"noise")
    monkeypatch.setattr("gleancam.spool.rescue.free_bytes", lambda _folder: free)
    return Spool.open(path, 10**9, 10**6)


def test_the_damaged_file_leaves_when_the_reserve_needs_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(damaged_with(path, monkeypatch, ROOM_BYTES + 10)) as spool:
        assert spool.rescued is not None
        assert spool.rescued.kept is None
        assert spool.found == len(PARCELS)
    assert not list(path.parent.glob("*damaged*"))


def test_what_finds_no_room_stays_where_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.stat().st_size
    with closing(damaged_with(path, monkeypatch, ROOM_BYTES)) as spool:
        assert spool.rescued is not None
        assert not spool.rescued.salvage.complete
        kept = spool.rescued.kept
    assert kept is not None
    assert kept.stat().st_size == before


@pytest.mark.parametrize("step", ["copying", "renaming"])
def test_a_rescue_that_was_cut_short_is_done_again(step: str, path: Path) -> None:
    new = path.with_name("spool.db.salvage")
    if step == "copying":
        new.write_bytes(b"half")
        with path.open("r+b") as file:
            file.write(b"noise")
    else:
        path.rename(new)
        path.with_name("spool.db-wal").write_bytes(b"of the damaged file")
    check(drained(path), set())
    assert not new.exists()
