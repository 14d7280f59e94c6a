"""open_clip's settings of a model's preprocessing, in the words of a manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast

from gleancam_engines.errors import ExportError
from gleancam_engines.export.request import Fit
from gleancam_engines.manifest import Preprocess, Triple

ResizeMode = Literal["shortest", "longest", "squash"]

_MODES: Mapping[ResizeMode, Literal["crop", "letterbox", "squash"]] = {
    "shortest": "crop",
    "longest": "letterbox",
    "squash": "squash",
}
"""open_clip brings the shortest side to the size and crops, or the longest and pads."""


def resize_mode(settings: Mapping[str, Any], fit: Fit) -> ResizeMode:
    """Return how a picture is brought to the model's shape, in open_clip's word."""
    mode: ResizeMode = "squash" if fit == "squash" else settings["resize_mode"]
    return mode


def preprocess_of(settings: Mapping[str, Any], fit: Fit) -> Preprocess:
    """Translate the settings.

    Raises:
        ExportError: they ask for something a manifest cannot say.
    """
    size = settings["size"]
    height, width = (size, size) if isinstance(size, int) else size
    mode = resize_mode(settings, fit)
    resample = settings["interpolation"]
    if mode not in _MODES or resample not in ("bicubic", "bilinear") or settings["mode"] != "RGB":
        raise ExportError(
            f"open_clip's preprocessing of this model is not known here ({dict(settings)}); choose "
            "another model, or --squash where only the resize mode is unknown"
        )
    return Preprocess(
        height=height,
        width=width,
        mode=_MODES[mode],
        resample=resample,
        mean=_triple(settings["mean"]),
        std=_triple(settings["std"]),
        pad=int(settings["fill_color"]),
        anchor="centre",
    )


def _triple(values: Any) -> Triple:
    return cast("Triple", tuple(float(value) for value in values))
