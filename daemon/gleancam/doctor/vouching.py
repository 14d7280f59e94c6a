"""Whether a model has the plan and the receipt without which the daemon does not run it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from gleancam.doctor.finding import Finding, fail, ok, warn
from gleancam.opening import compile_command, verify_command
from gleancam_engines.base import Provenance
from gleancam_engines.cuda.driver import Device
from gleancam_engines.errors import ModelFileError, ReceiptError
from gleancam_engines.manifest import Manifest
from gleancam_engines.opening import Opening
from gleancam_engines.receipt import needs_receipt, require_receipt
from gleancam_engines.trt.plans import stored
from gleancam_engines.variants import read_record, variant_path

PART = "models"


def examine(
    directory: Path, manifest: Manifest, chosen: Opening, device: Device | None
) -> Iterator[Finding]:
    """Look for a model's newest plan, where it needs one, and for its receipt.

    Where the backend itself is missing nothing is said: that is the engine's matter.
    """
    try:
        subject = _subject(directory, manifest, chosen, device)
    except ModelFileError as error:
        yield fail(PART, str(error).partition("; ")[0], verify_command(directory, chosen))
        return
    if subject is not None and needs_receipt(subject):
        yield _receipt(directory, chosen, subject)
    if subject is None and chosen.backend == "tensorrt" and device is not None:
        what = f"{directory.name}: there is no plan for {device.id} in {chosen.precision}"
        yield warn(PART, what, f"{compile_command(directory, chosen)}; or the next start does it")


def _receipt(directory: Path, chosen: Opening, subject: Provenance) -> Finding:
    try:
        receipt = require_receipt(directory, subject)
    except ReceiptError as error:
        what = str(error).partition("; run ")[0]
        return fail(PART, what, verify_command(directory, chosen))
    result = receipt.result
    return ok(PART, f"{directory.name} as {subject}: {result.measure} {result.value:.4f}, verified")


def _subject(
    directory: Path, manifest: Manifest, chosen: Opening, device: Device | None
) -> Provenance | None:
    """Return what would run, as far as files say; None where the backend or a plan is missing."""
    if chosen.backend == "tensorrt":
        return None if device is None else _planned(directory, manifest, chosen, device.id)
    try:
        library = version(chosen.backend)
    except PackageNotFoundError:
        return None
    content = _content(directory, manifest, chosen)
    return Provenance(manifest.model_id, chosen.backend, library, "cpu", chosen.precision, content)


def _planned(
    directory: Path, manifest: Manifest, chosen: Opening, device: str
) -> Provenance | None:
    for record in stored(directory):
        if (record.key.precision, record.key.device) == (chosen.precision, device):
            return Provenance(
                model_id=manifest.model_id,
                backend="tensorrt",
                library=record.tensorrt,
                device=device,
                precision=chosen.precision,
                content_sha256=record.sha256,
            )
    return None


def _content(directory: Path, manifest: Manifest, chosen: Opening) -> str:
    """Return the hash of the file that a backend on the CPU loads."""
    if chosen.precision != "int8":
        return manifest.weights.sha256
    return read_record(variant_path(directory, manifest, "int8"), "verify it").sha256
