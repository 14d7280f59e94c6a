"""GStreamer and ONNX Runtime in one process: an exception of the one survives the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from made_clips import make_clip

PROGRAM = """
import sys
from pathlib import Path
from gleancam.sources.video import read_video

video = read_video(Path(sys.argv[1]))
next(video)
video.close()

import onnxruntime

try:
    onnxruntime.InferenceSession(b"no model at all")
except Exception as error:
    print(type(error).__name__)
"""


def test_onnx_runtime_can_raise_after_gstreamer_has_run(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4")
    command = [sys.executable, "-c", PROGRAM, str(clip)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "InvalidProtobuf"
