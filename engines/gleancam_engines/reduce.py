"""The file of a model in fewer bits: read, or made where it is missing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from gleancam_engines import half
from gleancam_engines.errors import ModelFileError, PictureError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.manifest import Manifest
from gleancam_engines.planes import Planes
from gleancam_engines.precision import Precision
from gleancam_engines.quantise import MADE_BY, to_int8
from gleancam_engines.variants import read_variant, write_variant
from gleancam_engines.verifying.enough import LEAST_PICTURES, digest
from gleancam_engines.verifying.halves import calibration_half
from gleancam_engines.weights import read_checked

_log = logging.getLogger(__name__)


def ensure_variant(
    directory: Path,
    manifest: Manifest,
    precision: Precision,
    pictures: Sequence[Planes] = (),
    tell: Progress = silent,
) -> bytes:
    """Return the ONNX file of a model in `precision`; one that is missing or damaged is made.

    Args:
        directory: the model's.
        manifest: of the model.
        precision: fp32 and bf16 take the original.
        pictures: of the site, for int8: every second one is used, the others are left to verify on.
        tell: told of the progress.

    Raises:
        ModelFileError: the original is missing or has another hash, or cannot be reduced.
        PictureError: int8 has to be made, and the pictures are too few or too alike.
        BackendUnavailableError: onnx is not installed.
    """
    if precision in ("fp32", "bf16"):
        return read_checked(directory, manifest)
    try:
        return read_variant(directory, manifest, precision)
    except ModelFileError as error:
        _log.info("%s is made in %s: %s", manifest.name, precision, error)
    if precision == "int8":
        return _make_int8(directory, manifest, pictures, tell)
    content = half.to_half(read_checked(directory, manifest))
    write_variant(directory, manifest, precision, content, made_by=half.MADE_BY)
    return content


def _make_int8(
    directory: Path, manifest: Manifest, pictures: Sequence[Planes], tell: Progress
) -> bytes:
    if len(pictures) < 2 * LEAST_PICTURES:
        raise PictureError(
            f"{manifest.name} has no int8 file yet, and {len(pictures)} pictures are too few to "
            f"make it: at least {2 * LEAST_PICTURES} are needed; give photographs of the site with "
            "--images DIR"
        )
    used = calibration_half(pictures)
    made = to_int8(read_checked(directory, manifest), manifest, used, tell)
    write_variant(
        directory,
        manifest,
        "int8",
        made.content,
        made_by=MADE_BY,
        calibration=f"{len(used)} pictures of sha256 {digest(used)}; "
        f"{made.rounded} of {made.products} products in int8",
    )
    return made.content
