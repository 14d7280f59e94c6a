"""An RTSP server that comes and goes, by kill -9, beside a camera that stays."""

from __future__ import annotations

import random
import sys

from chaos.place import ChaosError, Place
from gleancam.demo.broker import free_port
from gleancam.demo.child import Child
from made_clips import make_clip


def run(place: Place, rng: random.Random, strength: int) -> None:
    clip = make_clip(place.folder / "clip.mp4", frames=50)
    port = free_port()
    command = [sys.executable, "-m", "gleancam", "simulate", f"gate={clip}", f"--port={port}"]
    place.extra = (
        f'[[cameras]]\nid = "gate"\nsource = "rtsp"\nurl = "rtsp://127.0.0.1:{port}/gate"\n'
        "fps = 5.0\nstall_timeout_s = 2.0\n"
    )
    place.broker.start()
    place.start_consumer()
    place.start_daemon()
    for _ in range(strength):
        before = _pulled(place)
        server = Child("server", [*command, "--loop"], place.folder / "server.log")
        try:
            place.wait(lambda before=before: _pulled(place) > before, "the camera")  # type: ignore[misc]
            place.watch(rng.uniform(0, 2))
        finally:
            server.kill()
        place.note_flat()
    if not _pulled(place):
        raise ChaosError("no picture of the flapping camera ever came")


def _pulled(place: Place) -> int:
    counts = place.counts()
    return 0 if counts is None else counts.total("frames_pulled", camera="gate")
