"""Runs `gleancam replay` as a person would, and reads what it printed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.score import Stretch


@dataclass(frozen=True)
class Replayed:
    """One report, as it was printed."""

    text: bytes

    @property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.text)
        return document

    @property
    def kept(self) -> list[int]:
        return [row["frame"] for row in self.document["decisions"] if row["keep"]]

    @property
    def cuts(self) -> list[int]:
        return [row["frame"] for row in self._changes("cut")]

    @property
    def gradual(self) -> list[Stretch]:
        return [Stretch(row["start"], row["end"]) for row in self._changes("gradual")]

    @property
    def saved(self) -> float:
        """Share of frames that were not embedded."""
        return float(self.document["gated"]) / float(self.document["frames_decoded"])

    def _changes(self, kind: str) -> list[dict[str, Any]]:
        return [row for row in self.document["scene_changes"] if row["kind"] == kind]


def replay(video: Path, models: Path, *options: str) -> Replayed:
    """Replay a video with the default configuration, the same for all."""
    command = [sys.executable, "-m", "gleancam", "replay", "--video", str(video), "--json"]
    environment = {**os.environ, "GLEANCAM_MODELS": str(models)}
    done = subprocess.run([*command, *options], env=environment, check=True, capture_output=True)
    return Replayed(done.stdout)


def replayed(document: Any) -> Replayed:
    """Take a report that was made in this process."""
    return Replayed(json.dumps(document).encode())
