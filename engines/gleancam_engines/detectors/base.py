"""The detector contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gleancam_engines.detections import Detections
from gleancam_engines.planes import Planes


class Detector(Protocol):
    """A detection model with its preprocessing and decoding, used by one thread at a time."""

    @property
    def model_id(self) -> str:
        """`name@sha256[:12]`."""

    @property
    def class_names(self) -> tuple[str, ...]:
        """Every class the model can emit, by class id."""

    @property
    def batch(self) -> int:
        """How many pictures the model takes at once; more are looked at one batch after another."""

    def detect_all(self, pictures: Sequence[Planes]) -> list[Detections]:
        """Return what is in each of any number of pictures, as `detect` does.

        Raises:
            TensorError: the model gave what it must not for one of them, and all are lost.
        """

    def detect(self, planes: Planes) -> Detections:
        """Return what is in the picture: boxes inside it, in its pixels, best score first.

        Raises:
            TensorError: the model gave what it must not, such as NaN.
        """

    def close(self) -> None:
        """Free the engine; a second call does nothing."""
