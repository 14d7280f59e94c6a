"""What remembering costs: time and memory a frame, a sample, a start.

.venv/bin/python tests/bench/memory_cost.py frames [COUNT] [CAPACITY] [DIMENSION]
.venv/bin/python tests/bench/memory_cost.py store [CAPACITY] [DIMENSION]
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from gleancam.config.selection_keys import Novelty
from gleancam.selectors.memories import Memories
from gleancam.selectors.novelty import NoveltySelector
from gleancam.selectors.observation import Observation
from gleancam.spool.queue import Spool
from gleancam.types import Note
from made_frames import observed, unit
from parcels import made_parcel

SPACE = "space"
NEAR = 0.2
"""Length of the noise that every frame of a scene has of its own."""


def settings(capacity: int) -> Novelty:
    return Novelty(threshold=0.1, capacity=capacity)


def memories(capacity: int, notes: list[Note]) -> Memories:
    return Memories(settings(capacity), ["a"], SPACE, notes)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Watch:
    """A camera's past, and the CPU time it takes to look and to learn."""

    def __init__(self, capacity: int) -> None:
        self.memories = memories(capacity, [])
        self._novelty = NoveltySelector("p", *self.memories.of("a"))
        self.kept = 0
        self.times_s: list[float] = []

    def show(self, shown: Observation, second: int) -> None:
        began = time.thread_time()
        keep = self._novelty.decide(shown).keep
        self._novelty.learn(shown, f"{second:036d}" if keep else None)
        self.memories.drain()
        self.times_s.append(time.thread_time() - began)
        self.kept += keep

    def report(self, seen: int) -> None:
        (facts,) = self.memories.facts()
        milliseconds = 1000 * np.array(self.times_s)
        print(
            f"{seen:>8} frames: median {np.median(milliseconds):.3f} ms a frame, mean "
            f"{milliseconds.mean():.3f}, peak {peak_mb():.1f} MB, kept {self.kept}, "
            f"centres {facts.centres}, seen {facts.seen}, radius {facts.radius:.3f}",
            flush=True,
        )
        self.times_s.clear()


def frames(count: int, capacity: int, dimension: int) -> None:
    """As many scenes as centres, and noise in every frame; one line a tenth."""
    rng = np.random.default_rng(0)
    homes = rng.normal(size=(capacity, dimension))
    homes /= np.linalg.norm(homes, axis=1, keepdims=True)
    watch = Watch(capacity)
    for second in range(count):
        home = homes[rng.integers(len(homes))]
        noise = rng.normal(size=dimension) * NEAR / dimension**0.5
        watch.show(observed(unit(*(home + noise)), second), second)
        if (second + 1) % (count // 10) == 0:
            watch.report(second + 1)


def fill(capacity: int, dimension: int) -> Memories:
    """A full memory of sent centres, and as many seen entries."""
    rng, full = np.random.default_rng(0), memories(capacity, [])
    (past,) = full.of("a")
    for second in range(capacity):
        past.learn(observed(unit(*rng.normal(size=dimension)), second), f"{second:036d}")
    return full


def add_ms(spool: Spool, number: int, notes: Sequence[Note]) -> float:
    parcel = made_parcel(number, image_bytes=100_000)
    began = time.perf_counter()
    spool.add(parcel, notes)
    return 1000 * (time.perf_counter() - began)


def note_ms(spool: Spool, notes: Sequence[Note]) -> float:
    began = time.perf_counter()
    spool.note(notes)
    return 1000 * (time.perf_counter() - began)


def store(capacity: int, dimension: int) -> None:
    """What a sample costs with and without its notes, and what a start costs."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        path = Path(folder) / "spool.db"
        with closing(Spool.open(path, 10**9, 0)) as spool:
            spool.note(fill(capacity, dimension).drain())
            print(f"{capacity} centres and as many seen: {path.stat().st_size / 1e6:.1f} MB")
            row = bytes(4 * dimension + 60)
            typical = [Note("x", 0, row), Note("y", 0, row), Note("z", 0, bytes(100))]
            without = [add_ms(spool, 2 * number, ()) for number in range(200)]
            added = [add_ms(spool, 2 * number + 1, typical) for number in range(200)]
            alone = [note_ms(spool, typical) for _ in range(200)]
        print(f"a sample: median {np.median(without):.2f} ms; with notes {np.median(added):.2f}")
        print(f"notes alone: median {np.median(alone):.2f} ms")
        began = time.perf_counter()
        with closing(Spool.open(path, 10**9, 0)) as spool:
            again = memories(capacity, [Note(*row) for row in spool.noted()])
        print(f"restored in {1000 * (time.perf_counter() - began):.0f} ms: {again.facts()}")


def main() -> None:
    what, *numbers = sys.argv[1:]
    given = [int(number) for number in numbers]
    if what == "frames":
        frames(*given, *(1_000_000, 512, 128)[len(given) :])
    else:
        store(*given, *(4096, 320)[len(given) :])


if __name__ == "__main__":
    main()
