"""The wall clock jumps by a day, forth and back, while the daemon runs and between two lives.

With half a day as the largest age, nothing may expire: ages are not measured on the wall.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from chaos.place import Place

DAY_S = 86_400
STEPS_S = (DAY_S, 0, -DAY_S, 0, DAY_S, -DAY_S)
SETTINGS = ("spool.max_age=0.5",)


def run(place: Place, rng: random.Random, strength: int) -> None:
    offset = place.folder / "offset"
    offset.write_text("0")
    stepped = Path(__file__).with_name("stepped_daemon.py")
    place.command = (sys.executable, str(stepped), str(offset))
    place.broker.start()
    place.start_consumer()
    place.start_daemon(*SETTINGS)
    place.wait_for_more()
    for step_s in STEPS_S * strength:
        _step(offset, step_s)
        place.wait_for_more()
        place.note_flat()
        if rng.random() < 0.3:
            place.kill_daemon()
            place.start_daemon(*SETTINGS)
    place.drain()
    if expired := place.told()["expired"]:
        place.violations.append(f"{expired} parcels expired by the wall clock")


def _step(offset: Path, seconds: int) -> None:
    new = offset.with_suffix(".new")
    new.write_text(str(seconds))
    new.replace(offset)
