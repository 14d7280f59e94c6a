"""A folder of pictures as a camera: one every 1/fps seconds, in name order."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import numpy as np
from PIL import Image

from gleancam.config.keys import ImagesCamera
from gleancam.sources.base import Outlet
from gleancam.sources.faults import fault
from gleancam.stage import Pulse
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes

_SUFFIXES = {".jpg", ".jpeg", ".png"}
_log = logging.getLogger(__name__)


class ImagesSource:
    """A folder of JPEG and PNG files. A damaged one is logged, counted and passed over."""

    def __init__(self, camera: ImagesCamera) -> None:
        self._camera = camera

    def run(self, outlet: Outlet, pulse: Pulse) -> None:
        """Show every picture once, or for ever with `loop`.

        Raises:
            SourceError: the folder is missing, or holds no picture that can be read.
        """
        self._show_all(outlet, pulse)
        while self._camera.loop and not pulse.stopping:
            self._show_all(outlet, pulse)

    def _show_all(self, outlet: Outlet, pulse: Pulse) -> None:
        folder = Path(self._camera.path)
        shown = 0
        for path in _pictures(folder):
            shown += _show(path, outlet)
            if pulse.sleep(1 / self._camera.fps):
                return
        if not shown:
            raise fault("corrupt", f"no picture in {folder} can be read")


def read_picture(path: Path) -> Planes:
    """Read a picture file as planes: BT.601, full range, chroma averaged over 2 by 2 pixels.

    Raises:
        OSError: it is damaged or no picture.
        Image.DecompressionBombError: it claims to be larger than any camera's picture.
    """
    with Image.open(path) as image:
        ycbcr = image.convert("RGB").convert("YCbCr")
    y, cb, cr = ycbcr.split()
    return Planes(np.array(y), np.array(cb.reduce(2)), np.array(cr.reduce(2)), JPEG_COLORIMETRY)


def _pictures(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise fault("missing_file", f"there is no folder {folder}")
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not pictures:
        raise fault("empty", f"{folder} holds no JPEG or PNG file")
    return pictures


def _show(path: Path, outlet: Outlet) -> bool:
    captured_ns, mono_ns = time.time_ns(), time.monotonic_ns()
    try:
        planes = read_picture(path)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        # SyntaxError is what Pillow raises on a broken PNG chunk.
        _log.warning("%s cannot be read: %s", path, error)
        outlet.damaged(1)
        return False
    outlet.produced()
    outlet.glimpse(planes, captured_ns, mono_ns)
    outlet.picture(planes, captured_ns, mono_ns)
    return True
