"""The ring keeps its bound, whatever is written and whatever the disk says."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gleancam.decisions.format import FRAME_BYTES
from gleancam.decisions.reading import read_segments
from gleancam.decisions.record import LoggedFrame, encode
from gleancam.decisions.ring import SEGMENTS, Ring
from gleancam.decisions.segments import segment_numbers, segment_path
from gleancam.errors import DecisionLogError
from made_decisions import made_epoch, made_frame, write_log

HEADER = b"{}"


def taken(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def write(ring: Ring, bodies: list[bytes]) -> None:
    while bodies:
        bodies = bodies[ring.append(bodies) :]


def bodies_of(folder: Path) -> list[int]:
    """First byte of every body: what these tests number them by."""
    from gleancam.decisions.format import spans

    found = []
    for number in segment_numbers(folder):
        content = segment_path(folder, number).read_bytes()
        found += [content[begin] for begin, _ in list(spans(content))[1:]]
    return found


@given(
    max_bytes=st.integers(SEGMENTS * 60, SEGMENTS * 400),
    lives=st.lists(st.lists(st.integers(1, 300), max_size=40), min_size=1, max_size=4),
)
def test_the_bound_is_exact_and_the_newest_stay(
    tmp_path_factory: pytest.TempPathFactory, max_bytes: int, lives: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("ring")
    numbers: list[int] = []
    for sizes in lives:
        ring = Ring(folder, max_bytes, HEADER)
        for size in sizes:
            if size > ring.most_bytes:
                continue
            number = len(numbers) % 256
            numbers.append(number)
            write(ring, [bytes([number]) * size])
            assert taken(folder) == ring.size_bytes <= max_bytes
        ring.close()
    found = bodies_of(folder)
    assert found == numbers[len(numbers) - len(found) :]
    assert bool(found) == bool(numbers)


def test_a_full_ring_gives_up_a_sixteenth_at_a_time(tmp_path: Path) -> None:
    ring = Ring(tmp_path, 16_000, HEADER)
    for number in range(4000):
        write(ring, [bytes([number % 256]) * 60])
    assert 16_000 * (1 - 2 / SEGMENTS) < ring.size_bytes <= 16_000
    assert segment_numbers(tmp_path)[0] > 1


def test_many_at_once_are_as_one_by_one(tmp_path: Path) -> None:
    bodies = [bytes([number]) * 90 for number in range(100)]
    for name, batch in (("one", 1), ("all", 100)):
        ring = Ring(tmp_path / name, 64_000, HEADER)
        for begin in range(0, 100, batch):
            write(ring, bodies[begin : begin + batch])
        ring.close()
    assert bodies_of(tmp_path / "one") == bodies_of(tmp_path / "all") == list(range(100))


def test_a_smaller_bound_holds_from_the_start(tmp_path: Path) -> None:
    write(Ring(tmp_path, 64_000, HEADER), [bytes([n]) * 90 for n in range(200)])
    assert Ring(tmp_path, 4_000, HEADER).size_bytes == taken(tmp_path) <= 4_000


def test_the_longest_body_fits_and_files_of_others_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    ring = Ring(tmp_path, 16_000, HEADER)
    for _ in range(100):
        write(ring, [b"x" * ring.most_bytes])
    assert ring.size_bytes <= 16_000
    assert segment_path(tmp_path, segment_numbers(tmp_path)[-1]).stat().st_size == 1_000
    assert (tmp_path / "notes.txt").read_text() == "mine"


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let the kernel refuse what goes beyond, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("size", [0, 10, 30, 100, 119, 120, 121, 150, 400])
def test_a_write_that_fails_half_way_leaves_whole_records(tmp_path: Path, size: int) -> None:
    ring = Ring(tmp_path, 64_000, HEADER)
    done = 0
    with files_of_at_most(size), suppress(OSError):
        for number in range(30):
            write(ring, [bytes([number]) * 40])
            done += 1
    assert done == max(0, size - len(HEADER) - 10 - FRAME_BYTES) // (40 + FRAME_BYTES)
    assert taken(tmp_path) == ring.size_bytes
    write(ring, [b"\xff" * 40])
    assert bodies_of(tmp_path) == [*range(done), 255]


def test_what_a_daemon_deletes_meanwhile_is_passed_over(tmp_path: Path) -> None:
    frames = [made_frame(seed) for seed in range(400)]
    write_log(tmp_path, list(frames), made_epoch(), max_bytes=80_000)
    reader = read_segments(tmp_path)
    next(reader)
    for number in segment_numbers(tmp_path)[1:5]:
        segment_path(tmp_path, number).unlink()
    assert all(segment.torn_bytes == 0 for segment in reader)


def test_a_real_log_is_read_back_in_order(tmp_path: Path) -> None:
    frames = [made_frame(seed) for seed in range(300)]
    write_log(tmp_path, list(frames), made_epoch(), max_bytes=1_000_000)
    found = [record for segment in read_segments(tmp_path) for record in segment.records]
    times = [each.observation.mono_ns for each in found if isinstance(each, LoggedFrame)]
    assert times == [frame.observation.mono_ns for frame in frames][-len(times) :]
    assert len(times) * (len(encode(frames[0])) + FRAME_BYTES) < taken(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_where_no_log_is_the_error_says_where_to_look(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(DecisionLogError, match=r"no decision log at .*\[decisions\] path"):
        list(read_segments(tmp_path / name))
