"""Photographs from files: what models are calibrated with and checked on."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from gleancam_engines.errors import PictureError
from gleancam_engines.planes import JPEG_COLORIMETRY, Planes

LIMIT = 64
LONGEST_SIDE = 1920
"""In pixels; larger photographs are shrunk, so that `LIMIT` of them are at most 350 MB."""

_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_FORMATS = ("JPEG", "PNG")
_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
"""Pillow's modes of 8 bits a channel and fewer; others would be cut off at 255."""


def read_photographs(folder: Path, limit: int = LIMIT) -> tuple[Planes, ...]:
    """Return the JPEG and PNG files of `folder`, not of folders in it, in the order of their names.

    Of more than `limit`, that many are taken, evenly spread: neighbours are often alike.

    Raises:
        PictureError: the folder is missing or holds none, or a file cannot be read.
    """
    paths = _files(folder)
    count = min(len(paths), limit)
    return tuple(_read(paths[at * len(paths) // count]) for at in range(count))


def decode_photograph(content: bytes, name: str) -> Planes:
    """Return the picture of a JPEG or PNG file as planes: BT.601, full range, chroma averaged.

    Pixels stay where the file has them, whatever its EXIF data say about turning. A picture with a
    side above `LONGEST_SIDE` is shrunk to it. Transparency is dropped.

    Args:
        content: of the file.
        name: what errors call it.

    Raises:
        PictureError: it is damaged, no JPEG or PNG, or too large to be a photograph.
    """
    try:
        with warnings.catch_warnings():
            # Pillow warns from 89 million pixels on, and refuses at twice that.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                return _planes(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(f"{name} is too large ({error}); shrink it or take it away") from error
    except (OSError, SyntaxError, ValueError) as error:
        # SyntaxError is what Pillow raises on a broken PNG chunk.
        raise PictureError(
            f"{name} cannot be read as a JPEG or PNG ({error}); mend it or take it away"
        ) from error


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise PictureError(f"there is no folder {folder}; give one that holds photographs")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    if not paths:
        raise PictureError(
            f"{folder} holds no .jpg, .jpeg or .png file; give a folder of photographs such as "
            "the cameras take"
        )
    return paths


def _read(path: Path) -> Planes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PictureError(
            f"{path} cannot be read ({error.strerror}); check its permissions"
        ) from error
    return decode_photograph(content, str(path))


def _planes(image: Image.Image) -> Planes:
    if image.mode not in _MODES:
        raise ValueError(f"{image.mode} has more than 8 bits a channel")
    opaque = image.convert("RGBA") if image.has_transparency_data else image
    rgb = opaque.convert("RGB")
    rgb.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    y, cb, cr = rgb.convert("YCbCr").split()
    return Planes(
        np.array(y), np.array(cb.reduce(2)), np.array(cr.reduce(2)), JPEG_COLORIMETRY
    ).read_only()
