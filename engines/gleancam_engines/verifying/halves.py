"""int8 is calibrated on one half of the pictures and verified on the other."""

from __future__ import annotations

from collections.abc import Sequence

from gleancam_engines.planes import Planes


def calibration_half(pictures: Sequence[Planes]) -> Sequence[Planes]:
    """Return every second picture, the first included."""
    return pictures[::2]


def verification_half(pictures: Sequence[Planes]) -> Sequence[Planes]:
    """Return the others."""
    return pictures[1::2]
