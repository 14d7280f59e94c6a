"""Example pictures cut out of videos."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import cv2


def cut(video: Path, frames: Collection[int], folder: Path) -> Path:
    """Write these frames of a video, 0-based, as JPEG files into a folder; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    capture = cv2.VideoCapture(str(video))
    for number in range(max(frames) + 1):
        read, picture = capture.read()
        assert read, f"{video} has no frame {number}"
        if number in frames:
            cv2.imwrite(str(folder / f"{video.stem}-{number:05}.jpg"), picture)
    capture.release()
    return folder
