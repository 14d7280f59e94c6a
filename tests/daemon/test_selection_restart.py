"""A restart, `kill -9` included, keeps at most one frame more than no restart."""

from __future__ import annotations

import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from gleancam.config.selection_keys import Novelty
from gleancam.glean import Gleaner
from gleancam.selectors.memories import MemoryFacts
from gleancam.spool.queue import Spool
from gleancam.types import Note
from gleancam_engines.planes import Float32Array
from made_frames import unit
from memory_child import SECONDS, glean
from memory_film import Film, gleaner

TESTS = Path(__file__).parents[1]
CUTS = 20
SETTINGS = Novelty(capacity=256)


class Disk:
    """Notes as the spool keeps them."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], bytes] = {}
        self.written = 0

    def write(self, notes: tuple[Note, ...]) -> None:
        for name, key, content in notes:
            if content is None:
                self.rows.pop((name, key), None)
            else:
                self.rows[name, key] = content
                self.written += len(content)

    def notes(self) -> list[Note]:
        return [Note(name, key, content) for (name, key), content in self.rows.items()]


def watch(one: Gleaner, film: Film, disk: Disk, seconds: range, *, idle: bool = True) -> list[int]:
    """Seconds whose frame was kept; `idle`: there is time to store what no sample carries."""
    kept = []
    for second in seconds:
        (outcome,) = one.step([film.pending(second)])
        disk.write(outcome.notes)
        if outcome.sample_id is not None:
            kept.append(second)
        elif idle:
            disk.write(one.judges.memories.drain())
    return kept


def facts(one: Gleaner, memory: str = "camera/a") -> MemoryFacts:
    return next(each for each in one.judges.memories.facts() if each.memory == memory)


@pytest.mark.parametrize("capacity", [16, 256])
def test_cut_anywhere_it_keeps_at_most_one_frame_more(capacity: int) -> None:
    film, settings = Film(400), replace(SETTINGS, capacity=capacity)
    whole = range(len(film))
    without = watch(gleaner(film, novelty=settings), film, Disk(), whole)
    assert len(without) > 10
    for cut in random.Random(capacity).sample(whole, CUTS):
        disk = Disk()
        before = watch(gleaner(film, novelty=settings), film, disk, range(cut))
        again = gleaner(film, disk.notes(), novelty=settings)
        after = watch(again, film, disk, range(cut, len(film)))
        assert again.judges.memories.reports == []
        assert len(before) + len(after) <= len(without) + 1, cut


def test_without_memory_a_restart_would_be_a_flood() -> None:
    film = Film(600)
    without = watch(gleaner(film), film, Disk(), range(600))
    before = watch(gleaner(film), film, Disk(), range(300))
    after = watch(gleaner(film), film, Disk(), range(300, 600))
    assert len(before) + len(after) > len(without) + 5


def test_a_sample_that_was_not_committed_is_novel_again() -> None:
    film, disk = Film(600), Disk()
    one = gleaner(film)
    watch(one, film, disk, range(30))
    kept = next(s for s in range(30, 600) if one.step([film.pending(s)])[0].sample_id)
    again = gleaner(film, disk.notes())
    (outcome,) = again.step([film.pending(kept)])
    assert outcome.sample_id is not None


@pytest.mark.parametrize("seed", range(2))
def test_kill_9_in_the_middle_keeps_at_most_one_frame_more(tmp_path: Path, seed: int) -> None:
    film, path = Film(SECONDS), tmp_path / "spool.db"
    with closing(Spool.open(tmp_path / "whole.db", 10**9, 0)) as spool:
        whole = gleaner(film)
        without = sum(glean(whole, film, spool, second) for second in range(SECONDS))
    kill_after = random.Random(seed).randrange(20, SECONDS // 2)
    reached = run_child(path, 0, kill_after)
    run_child(path, reached + 1, None)
    with closing(Spool.open(path, 10**9, 0)) as spool:
        committed = len(spool.rows(10**6))
    assert committed <= without + 1


def run_child(path: Path, start: int, kill_after: int | None) -> int:
    """Run until it has dealt with `kill_after` seconds, or to its end; the last second it said."""
    command = [sys.executable, str(TESTS / "memory_child.py"), str(path), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        last = start
        for number, line in enumerate(process.stdout):
            last = int(line.split()[0])
            if number == kill_after:
                process.kill()
    assert kill_after is not None or process.returncode == 0
    return last


def test_a_new_embedder_begins_a_new_epoch_and_the_old_one_is_found_again() -> None:
    film, disk = Film(300), Disk()
    first = gleaner(film)
    watch(first, film, disk, range(100))
    second = gleaner(film, disk.notes(), space_id="other")
    assert facts(second).epoch == facts(first).epoch + 1 == 2
    assert "another embedder" in second.judges.memories.reports[0]
    assert watch(second, film, disk, range(1)) == [0]
    back = gleaner(film, disk.notes())
    assert facts(back).centres == facts(first).centres
    assert watch(back, film, disk, range(1)) == []


def test_of_old_spaces_only_the_last_is_set_aside() -> None:
    film, disk = Film(300), Disk()
    for space in ("one", "two", "three"):
        one = gleaner(film, disk.notes(), space_id=space)
        watch(one, film, disk, range(20))
    memories = [name for name, _ in disk.rows if name.startswith("memory/")]
    assert {name.split("/")[3] for name in memories} == {"two", "three"}


@pytest.mark.parametrize(
    "changed",
    [
        replace(SETTINGS, threshold=0.1),
        replace(SETTINGS, threshold=0.4),
        replace(SETTINGS, capacity=16),
    ],
)
def test_other_settings_re_sort_what_is_remembered(changed: Novelty) -> None:
    film, disk = Film(600), Disk()
    watch(gleaner(film), film, disk, range(300))
    one = gleaner(film, disk.notes(), novelty=changed)
    assert "settings changed" in one.judges.memories.reports[0]
    assert 0 < facts(one).centres <= changed.capacity
    watch(one, film, disk, range(300, 320))
    again = gleaner(film, disk.notes(), novelty=changed)
    assert again.judges.memories.reports == []
    assert facts(again) == facts(one)


def test_a_damaged_memory_begins_anew_and_says_so() -> None:
    film, disk = Film(300), Disk()
    watch(gleaner(film), film, disk, range(100))
    name = next(name for name in disk.rows if name[0].endswith("/centre"))
    disk.rows[name] = disk.rows[name][:-8]
    one = gleaner(film, disk.notes())
    assert "cannot be read" in one.judges.memories.reports[0]
    assert watch(one, film, disk, range(1)) == [0]
    assert gleaner(film, disk.notes()).judges.memories.reports == []


def test_cameras_of_a_site_share_what_they_remember() -> None:
    film = Film(300)
    for scope, keeps in (("camera", True), ("site", False), ("both", False)):
        one = gleaner(film, novelty=replace(SETTINGS, scope=scope))
        one.step([film.pending(0, "a")])
        (outcome,) = one.step([film.pending(0, "b")])
        assert (outcome.sample_id is not None) == keeps, scope


def test_in_scope_both_another_camera_suppresses_only_what_is_nearly_the_same() -> None:
    film = Film(300)
    film.rows[1] = film.rows[0] * 0.85 + apart_from(film, 0) * (1 - 0.85**2) ** 0.5
    for scope, keeps in (("site", False), ("both", True)):
        one = gleaner(film, novelty=replace(SETTINGS, scope=scope))
        one.step([film.pending(0, "a")])
        (outcome,) = one.step([film.pending(1, "b")])
        assert (outcome.sample_id is not None) == keeps, scope


def apart_from(film: Film, second: int) -> Float32Array:
    """A unit vector at a right angle to the one of `second`."""
    row, other = film.rows[second], film.rows[second + 150]
    return unit(*(other - (other @ row) * row))
