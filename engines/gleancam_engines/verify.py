"""Run a model beside its reference, ONNX Runtime in fp32, and write what came of it.

Embeddings are held to the bar by the worst picture, not by the average one: a novel frame is a
single one. Boxes are held to it by the share of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from gleancam_engines.choice import settle
from gleancam_engines.errors import TensorError
from gleancam_engines.fetching.progress import Progress, silent
from gleancam_engines.loading import open_pictures
from gleancam_engines.manifest import Manifest, load
from gleancam_engines.opening import Opening
from gleancam_engines.pictures import Pictures
from gleancam_engines.planes import Planes
from gleancam_engines.receipt import (
    VERIFIER,
    Receipt,
    Result,
    cpu_of,
    discard_receipt,
    write_receipt,
)
from gleancam_engines.reduce import ensure_variant
from gleancam_engines.verifying.check import Check
from gleancam_engines.verifying.enough import digest, require_enough
from gleancam_engines.verifying.halves import verification_half
from gleancam_engines.verifying.making import make_check


def verify(
    directory: Path, opening: Opening, pictures: Sequence[Planes], tell: Progress = silent
) -> Receipt:
    """Compare a model, run as `opening` says, with ONNX Runtime in fp32; write the receipt.

    The receipt may say that the model failed: look at `receipt.result.passed`.

    Args:
        directory: the model's.
        opening: what is verified, at each of its `batches`; no receipt is asked for.
        pictures: what both are shown; for int8 every second one is, and the others calibrate its
            file where there is none.
        tell: told of what was shown.

    Raises:
        PictureError: the pictures are too few, too alike, or hold too little.
        TensorError: the model gave NaN or what it must not; a receipt that it had is deleted.
        EngineError: one of the two cannot be opened, or the receipt cannot be written.
    """
    manifest = load(directory)
    chosen, batches = replace(settle(opening), unverified=True), _batches(manifest, opening)
    if chosen.precision == "int8":
        pictures = _int8_pictures(directory, manifest, chosen, pictures, tell)
    require_enough(pictures)
    reference = Opening(backend="onnxruntime", threads=chosen.threads)
    with closing(open_pictures(directory, manifest, chosen)) as subject:
        shown = _count(len(pictures), batches, f"{manifest.name} on {subject.engine.backend}", tell)
        with closing(open_pictures(directory, manifest, reference)) as model:
            check, known = make_check(model, manifest, pictures, shown), model.engine.provenance
        result = _hold(check, subject, batches, directory)
        receipt = Receipt(
            subject=subject.engine.provenance,
            reference=known,
            batches=batches,
            pictures=len(pictures),
            pictures_sha256=digest(pictures),
            result=result,
            checked_at=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            verifier=VERIFIER,
            cpu=cpu_of(subject.engine.provenance),
        )
    write_receipt(directory, receipt)
    return receipt


def _hold(check: Check, subject: Pictures, batches: Sequence[int], directory: Path) -> Result:
    try:
        return check.hold(subject, subject.engine.provenance.precision, batches)
    except TensorError:
        # What gives NaN now does not agree with its reference, whatever it did before.
        discard_receipt(directory, subject.engine.provenance)
        raise


def _int8_pictures(
    directory: Path,
    manifest: Manifest,
    opening: Opening,
    pictures: Sequence[Planes],
    tell: Progress,
) -> Sequence[Planes]:
    """Return what int8 was not calibrated with; make its file, which a plan already has."""
    if opening.backend != "tensorrt":
        ensure_variant(directory, manifest, "int8", pictures, tell)
    return verification_half(pictures)


def _batches(manifest: Manifest, opening: Opening) -> tuple[int, ...]:
    """Return the sizes of batches it is run at: decoders take one picture at a time."""
    return (1,) if manifest.task == "detect" else opening.batches


def _count(pictures: int, batches: Sequence[int], what: str, tell: Progress) -> Callable[[], None]:
    """Return what is called after every call of a model, and tells of it."""
    total = sum(math.ceil(pictures / batch) for batch in (1, *batches))
    done = 0

    def shown() -> None:
        nonlocal done
        done += 1
        tell(what, done, total)

    return shown
