"""Cameras start together: whoever asks for GStreamer first, all get it whole."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import threading
from gleancam.sources._gst import gst, gst_video

barrier = threading.Barrier(8)
seen = []

def ask():
    barrier.wait()
    gst_video().VideoInfo()
    seen.append(gst().ElementFactory.find("identity") is not None)

threads = [threading.Thread(target=ask) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert seen == [True] * 8, seen
"""


@pytest.mark.parametrize("attempt", range(5))
def test_eight_cameras_at_once_all_get_gstreamer(attempt: int) -> None:
    del attempt
    command = [sys.executable, "-c", PROGRAM]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "Exception in thread" not in result.stderr
