"""What a person asks to have exported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Fit: TypeAlias = Literal["reference", "squash"]
"""How a frame is brought to the model's shape: as the model was trained, or squashed, so that the
sides of a wide picture are seen."""


@dataclass(frozen=True, slots=True)
class Request:
    """An open_clip model and its weights.

    Attributes:
        model: an architecture of open_clip, such as `ViT-B-32`.
        pretrained: the tag of weights on the hub. With `checkpoint`: the tag whose preprocessing
            and activation those weights follow; empty where the architecture leaves no choice.
        checkpoint: a file of weights of your own, instead of the hub's.
        name: of the model directory; empty: made of model and tag.
        fit: how frames are brought to the model's shape.
        text: whether the text tower is wanted too.
        weights_sha256: of the file of weights, where it is known; empty: any is taken.
    """

    model: str
    pretrained: str = ""
    checkpoint: Path | None = None
    name: str = ""
    fit: Fit = "reference"
    text: bool = True
    weights_sha256: str = ""

    @property
    def directory_name(self) -> str:
        """The name of the model directory: lower-case words joined by `-`."""
        if self.name:
            return self.name
        end = self.checkpoint.stem if self.checkpoint else self.pretrained
        words = re.findall("[a-z0-9]+", f"{self.model}-{end}".lower())
        return "-".join(words)[:64]

    def __str__(self) -> str:
        own = f"weights of {self.checkpoint.name}" if self.checkpoint else ""
        return f"{self.model}, {own or self.pretrained}"
