"""One export at work: what every step of it needs, and how a tower becomes a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gleancam_engines.durable import write_durably
from gleancam_engines.export.clip import Clip, Tower
from gleancam_engines.export.place import writing
from gleancam_engines.export.request import Request
from gleancam_engines.export.weights import Weights
from gleancam_engines.fetching.progress import Progress
from gleancam_engines.half import MADE_BY, to_half
from gleancam_engines.manifest import Manifest
from gleancam_engines.variants import write_variant


@dataclass(frozen=True, slots=True)
class Job:
    """An export.

    Attributes:
        request: what was asked.
        weights: where they came from.
        clip: the model, with those weights.
        scratch: the folder in which files are made.
        tell: told of the progress.
    """

    request: Request
    weights: Weights
    clip: Clip
    scratch: Path
    tell: Progress

    def make(self, tower: Tower, name: str) -> bytes:
        """Export a tower to a file of the scratch folder and return its bytes.

        Raises:
            ExportError: the exporter cannot take it, or the disk is full.
        """
        what = f"{tower.side} tower to ONNX"
        self.tell(what, 0, tower.size_bytes)
        content = tower.to_onnx()
        self.write(name, content)
        self.tell(what, len(content), len(content))
        return content

    def halve(self, manifest: Manifest, content: bytes, side: str) -> None:
        """Put the fp16-typed file of a tower beside it.

        Raises:
            ModelFileError: the graph has what fp16 cannot be given to, or the disk is full.
        """
        what = f"{side} tower to fp16"
        self.tell(what, 0, len(content) // 2)
        half = to_half(content)
        write_variant(self.scratch, manifest, "fp16", half, made_by=MADE_BY)
        self.tell(what, len(half), len(half))

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the scratch folder.

        Raises:
            ExportError: the disk is full.
        """
        with writing(self.scratch):
            write_durably(self.scratch / name, content)
